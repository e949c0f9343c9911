package weft.state.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.state.EventLoop;
import weft.state.FaultHandler;

@Timeout(20)
class ConnectionTest {
  /** Every batch of bytes is a message; one that holds a zero is the last. */
  private static final class Batches implements Connection.Decoder<byte[]> {
    @Override
    public List<byte[]> decode(byte[] bytes, int length) {
      return List.of(Arrays.copyOf(bytes, length));
    }

    @Override
    public boolean isLast(byte[] message) {
      return message[message.length - 1] == 0;
    }
  }

  private final EventLoop loop = EventLoop.start("test", FaultHandler.rethrow());
  private final BlockingQueue<byte[]> received = new LinkedBlockingQueue<>();
  private final BlockingQueue<Connection.End> ends = new LinkedBlockingQueue<>();
  private final CountDownLatch writable = new CountDownLatch(1);
  private Listener listener;
  private Socket peer;
  private Connection<byte[]> connection;

  private final Connection.Receiver<byte[]> receiver =
      new Connection.Receiver<>() {
        @Override
        public void received(Connection<byte[]> from, List<byte[]> messages) {
          received.addAll(messages);
        }

        @Override
        public void writable(Connection<byte[]> from) {
          writable.countDown();
        }

        @Override
        public void lost(Connection<byte[]> from, Connection.End end) {
          ends.add(end);
        }
      };

  @BeforeEach
  void connect() throws Exception {
    BlockingQueue<SocketChannel> accepted = new LinkedBlockingQueue<>();
    listener =
        Listener.open(
            List.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)),
            1,
            new Listener.Limits(100, 100),
            loop,
            accepted::add);
    peer = new Socket();
    peer.setReceiveBufferSize(4096);
    peer.connect(listener.addresses().getFirst());
    connection = new Connection<>(accepted.take(), loop, new Batches(), receiver, 100_000);
    connection.start();
  }

  @AfterEach
  void close() throws IOException {
    peer.close();
    connection.close();
    listener.close();
    loop.close();
  }

  @Test
  void piecesOfAnySizeArriveWholeAndBeforeTheEnd() throws IOException {
    Random random = new Random(1);
    ByteArrayOutputStream sent = new ByteArrayOutputStream();
    for (int size : new int[] {1, 0, 70_000, 3, 65_536, 131_072, 65_535, 1, 200_000}) {
      byte[] piece = new byte[size];
      random.nextBytes(piece);
      sent.write(piece);
      connection.send(piece);
    }
    for (int i = 0; i < 500; i++) {
      byte[] piece = {(byte) i, 7};
      sent.write(piece);
      connection.send(piece);
    }
    connection.close();
    assertThat(peer.getInputStream().readAllBytes()).isEqualTo(sent.toByteArray());
    assertThat(connection.bytesOut()).isEqualTo(sent.size());
  }

  @Test
  void slowPeerMakesItUnwritableUntilItReads() throws Exception {
    long sent = 0;
    while (connection.writable()) {
      connection.send(new byte[50_000]);
      sent += 50_000;
    }
    assertThat(connection.queuedBytes()).isGreaterThan(0);
    assertThat(peer.getInputStream().readNBytes((int) sent)).hasSize((int) sent);
    assertThat(writable.await(10, TimeUnit.SECONDS)).isTrue();
    assertThat(connection.writable()).isTrue();
  }

  @Test
  void sendingOnAndOnEndsIt() throws InterruptedException {
    for (int i = 0; i < 400 && ends.isEmpty(); i++) {
      connection.send(new byte[100_000]);
    }
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isInstanceOf(Connection.End.Overflow.class);
  }

  @Test
  void endOfThePeerIsTheLastCall() throws Exception {
    peer.getOutputStream().write(new byte[] {1, 2, 3});
    peer.shutdownOutput();
    assertThat(received.poll(10, TimeUnit.SECONDS)).containsExactly(1, 2, 3);
    assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo(new Connection.End.PeerClosed());
    assertThat(connection.bytesIn()).isEqualTo(3);
  }

  @Test
  void nothingIsReadAfterALastMessage() throws Exception {
    peer.getOutputStream().write(new byte[] {0});
    assertThat(received.poll(10, TimeUnit.SECONDS)).containsExactly(0);
    peer.getOutputStream().write(new byte[] {5});
    connection.close();
    assertThat(peer.getInputStream().read()).isEqualTo(-1);
    assertThat(received).isEmpty();
    assertThat(ends).isEmpty();
  }
}
