package weft.bfd;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.util.Arrays;
import java.util.function.BiConsumer;
import weft.net.IpAddress;
import weft.state.io.NativeSocket;

/** Where BFD packets of one kind come in for one address of ours. */
final class BfdPort implements AutoCloseable {
  /** RFC 5881: from over one link. */
  static final int ONE_HOP = 3784;

  /** RFC 5883: from anywhere. */
  static final int MANY_HOPS = 4784;

  private static final int LONGEST = 256;
  private static final int SO_ATTACH_FILTER = 26;
  private static final int MOST_HOPS = 255;

  // struct sock_filter: 16 bits of code, 8 of each jump, 32 of operand.
  private static final int INSTRUCTION_BYTES = 8;
  private static final short LOAD_BYTE = 0x30;
  private static final short JUMP_IF_EQUAL = 0x15;
  private static final short RETURN = 0x06;
  private static final int NETWORK_HEADER = -0x100000;
  private static final int TTL_OF_IPV4 = 8;
  private static final int HOPS_OF_IPV6 = 7;

  private final DatagramChannel channel;

  private BfdPort(DatagramChannel channel) {
    this.channel = channel;
  }

  /**
   * @param heard is told who sent which packet, on a thread of the port's
   */
  static BfdPort open(IpAddress local, boolean oneHop, BiConsumer<IpAddress, BfdPacket> heard)
      throws IOException {
    DatagramChannel channel = DatagramChannel.open();
    try {
      InetSocketAddress at =
          new InetSocketAddress(local.toInetAddress(), oneHop ? ONE_HOP : MANY_HOPS);
      channel.bind(at);
      if (oneHop) {
        takeNeighboursOnly(NativeSocket.find(at, null), local.isV4());
      }
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    BfdPort port = new BfdPort(channel);
    Thread.ofVirtual().name("bfd-port").start(() -> port.read(heard));
    return port;
  }

  /** What has not the highest lifetime has come over a router (RFC 5881 section 5). */
  private static void takeNeighboursOnly(NativeSocket socket, boolean v4) throws IOException {
    byte[] program =
        ByteBuffer.allocate(4 * INSTRUCTION_BYTES)
            .order(ByteOrder.nativeOrder())
            .put(instruction(LOAD_BYTE, 0, 0, NETWORK_HEADER + (v4 ? TTL_OF_IPV4 : HOPS_OF_IPV6)))
            .put(instruction(JUMP_IF_EQUAL, 0, 1, MOST_HOPS))
            .put(instruction(RETURN, 0, 0, -1))
            .put(instruction(RETURN, 0, 0, 0))
            .array();
    try (Arena arena = Arena.ofConfined()) {
      // struct sock_fprog: the number of instructions, and where they are
      MemorySegment filter = arena.allocate(16, 8);
      filter
          .asByteBuffer()
          .order(ByteOrder.nativeOrder())
          .putShort(0, (short) (program.length / INSTRUCTION_BYTES));
      filter.set(ADDRESS, 8, arena.allocateFrom(JAVA_BYTE, program));
      socket.set(NativeSocket.SOL_SOCKET, SO_ATTACH_FILTER, filter, arena);
    }
  }

  private static byte[] instruction(short code, int ifTrue, int ifFalse, int operand) {
    return ByteBuffer.allocate(INSTRUCTION_BYTES)
        .order(ByteOrder.nativeOrder())
        .putShort(code)
        .put((byte) ifTrue)
        .put((byte) ifFalse)
        .putInt(operand)
        .array();
  }

  private void read(BiConsumer<IpAddress, BfdPacket> heard) {
    ByteBuffer buffer = ByteBuffer.allocate(LONGEST);
    while (true) {
      try {
        buffer.clear();
        if (channel.receive(buffer) instanceof InetSocketAddress source) {
          BfdPacket packet = BfdPacket.parse(Arrays.copyOf(buffer.array(), buffer.position()));
          if (packet != null) {
            heard.accept(IpAddress.of(source.getAddress()), packet);
          }
        }
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
