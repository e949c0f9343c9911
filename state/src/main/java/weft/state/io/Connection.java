package weft.state.io;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;

/**
 * One TCP connection of a protocol, between its socket and the loop that owns it.
 *
 * <p>A virtual thread reads and decodes, another writes; both tell the loop what happened. A reader
 * that is ahead of its loop waits, so that TCP slows the peer down. Sending never waits: the owner
 * asks {@link #writable} and holds back.
 *
 * @param <M> what the bytes of the peer decode to
 */
public final class Connection<M> {
  private static final AtomicInteger SERIALS = new AtomicInteger();
  private static final int READ_BYTES = 16 << 10;
  private static final int READ_BYTES_MOST = 64 << 10;
  private static final int WRITE_BYTES = 64 << 10;
  private static final int WRITE_PIECES = 64;

  /** Few: what is decoded and waits for the loop is copied by every collection meanwhile. */
  private static final int BATCHES_AHEAD = 2;

  private static final int OVERFLOW_FACTOR = 64;
  private static final Duration LINGER = Duration.ofSeconds(1);
  private static final List<byte[]> END = List.of();

  /** Bytes to messages; called on the reading thread only. */
  public interface Decoder<M> {
    /** Takes the first `length` bytes and returns what became complete. */
    List<M> decode(byte[] bytes, int length);

    /** True for a message after which nothing is to be read. */
    boolean isLast(M message);
  }

  /** The owner; called on the loop. */
  public interface Receiver<M> {
    void received(Connection<M> connection, List<M> messages);

    /** What waits to be written has fallen to half of the limit that it was over. */
    void writable(Connection<M> connection);

    /** The last call, unless the connection was closed by the owner or a last message came. */
    void lost(Connection<M> connection, End end);
  }

  /** Why a connection ended. */
  public sealed interface End {
    record PeerClosed() implements End {}

    record OwnerClosed() implements End {}

    record Failed(String reason) implements End {}

    /** The owner sent on and on though the connection was not writable. */
    record Overflow(long bytes) implements End {}
  }

  private final int serial = SERIALS.incrementAndGet();
  private final SocketChannel channel;
  private final Transport transport;
  private final Loop loop;
  private final Decoder<M> decoder;
  private final Receiver<M> receiver;
  private final int maxQueued;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final BlockingQueue<List<byte[]>> queue = new LinkedBlockingQueue<>();
  private final Semaphore ahead = new Semaphore(BATCHES_AHEAD);
  private final AtomicLong queued = new AtomicLong();
  private final AtomicBoolean blocked = new AtomicBoolean();
  private final AtomicReference<@Nullable End> end = new AtomicReference<>();
  private final AtomicInteger threads = new AtomicInteger(2);
  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();
  private final AtomicLong lastReceivedNs = new AtomicLong();

  /**
   * Takes over a connected channel. Reads and writes only after {@link #start}.
   *
   * @param maxQueued above so many bytes that wait it is not writable; 64 times as many end it
   */
  public Connection(
      SocketChannel channel, Loop loop, Decoder<M> decoder, Receiver<M> receiver, int maxQueued)
      throws IOException {
    this(channel, new Transport.Plain(channel), loop, decoder, receiver, maxQueued);
  }

  /**
   * As above.
   *
   * @param transport how bytes pass on the channel
   */
  public Connection(
      SocketChannel channel,
      Transport transport,
      Loop loop,
      Decoder<M> decoder,
      Receiver<M> receiver,
      int maxQueued)
      throws IOException {
    this.channel = channel;
    this.transport = transport;
    this.loop = loop;
    this.decoder = decoder;
    this.receiver = receiver;
    this.maxQueued = maxQueued;
    this.remote = (InetSocketAddress) channel.getRemoteAddress();
    this.local = (InetSocketAddress) channel.getLocalAddress();
    this.lastReceivedNs.set(loop.nowNs());
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 5);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 3);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
  }

  /** Starts to read and write. Messages are handed to the receiver from now on. */
  public void start() {
    Thread.ofVirtual().name("read " + remote).start(this::read);
    Thread.ofVirtual().name("write " + remote).start(this::write);
  }

  /** A number that no other connection of this process has. */
  public int serial() {
    return serial;
  }

  public InetSocketAddress remote() {
    return remote;
  }

  public InetSocketAddress local() {
    return local;
  }

  public long bytesIn() {
    return bytesIn.get();
  }

  public long bytesOut() {
    return bytesOut.get();
  }

  /** What waits to be written. */
  public long queuedBytes() {
    return queued.get();
  }

  /**
   * When the last whole message was received, by the loop's clock, whether it was handled or not:
   * who sends a message bit by bit is not taken for alive.
   */
  public long lastReceivedNs() {
    return lastReceivedNs.get();
  }

  public boolean writable() {
    return !blocked.get();
  }

  /** Queues bytes, which must not change any more. */
  public void send(byte[] bytes) {
    send(List.of(bytes));
  }

  /** Queues pieces that are written together. */
  public void send(List<byte[]> pieces) {
    int length = 0;
    for (byte[] piece : pieces) {
      length += piece.length;
    }
    if (length == 0) {
      return; // nothing is the sign to close
    }
    long total = queued.addAndGet(length);
    if (total > maxQueued) {
      blocked.set(true);
    }
    if (total > (long) maxQueued * OVERFLOW_FACTOR) {
      abort(new End.Overflow(total));
      return;
    }
    queue.add(pieces);
  }

  /** Closes once what waits is written and the peer has closed too, or after a second. */
  public void close() {
    end.compareAndSet(null, new End.OwnerClosed());
    queue.add(END);
    Loop.Timer _ = loop.schedule(LINGER, this::closeChannel);
  }

  private void abort(End reason) {
    end.compareAndSet(null, reason);
    queue.add(END);
    closeChannel();
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      end.compareAndSet(null, failed(e));
    }
  }

  /** The second of the two threads to end closes the channel. */
  private void threadEnds() {
    if (threads.decrementAndGet() == 0) {
      closeChannel();
    }
  }

  private static End failed(Exception e) {
    return new End.Failed(String.valueOf(e.getMessage()));
  }

  // ---- the reading thread ----

  /** What comes after the end is read too and dropped: unread, it would make TCP reset the peer. */
  private void read() {
    End found = new End.PeerClosed();
    boolean last = false;
    try {
      ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
      while (transport.read(buffer.clear()) >= 0) {
        bytesIn.addAndGet(buffer.position());
        if (!last && end.get() == null) {
          List<M> messages = decoder.decode(buffer.array(), buffer.position());
          if (!messages.isEmpty()) {
            lastReceivedNs.set(loop.nowNs());
          }
          last = !deliver(messages);
        }
        buffer = fitting(buffer);
      }
    } catch (IOException | InterruptedException e) {
      found = failed(e);
    }
    End earlier = end.compareAndExchange(null, found);
    queue.add(END);
    threadEnds();
    if (!last) {
      End reason = earlier == null ? found : earlier;
      loop.execute(() -> receiver.lost(this, reason));
    }
  }

  /**
   * A larger one after a read that has filled it, the least again after one that came to little.
   */
  private static ByteBuffer fitting(ByteBuffer buffer) {
    if (!buffer.hasRemaining() && buffer.capacity() < READ_BYTES_MOST) {
      return ByteBuffer.allocate(buffer.capacity() * 2);
    }
    boolean idle = buffer.capacity() > READ_BYTES && buffer.position() < READ_BYTES / 4;
    return idle ? ByteBuffer.allocate(READ_BYTES) : buffer;
  }

  /** Hands messages to the loop; false after the last. */
  private boolean deliver(List<M> messages) throws InterruptedException {
    if (messages.isEmpty()) {
      return true;
    }
    ahead.acquire();
    loop.execute(() -> {
      ahead.release();
      receiver.received(this, messages);
    });
    return !decoder.isLast(messages.getLast());
  }

  // ---- the writing thread ----

  private void write() {
    try {
      List<List<byte[]>> taken = new ArrayList<>(WRITE_PIECES);
      List<byte[]> pieces = new ArrayList<>(WRITE_PIECES);
      boolean going = true;
      while (going) {
        taken.clear();
        pieces.clear();
        taken.add(queue.take());
        queue.drainTo(taken, WRITE_PIECES - 1);
        for (int i = 0; going && i < taken.size(); i++) {
          for (byte[] piece : taken.get(i)) {
            if (piece.length > 0) {
              pieces.add(piece);
            }
          }
          going = !taken.get(i).isEmpty();
        }
        writeAll(pieces);
      }
      transport.shutdownOutput();
    } catch (IOException | InterruptedException e) {
      abort(failed(e));
    }
    threadEnds();
  }

  /** Writes in portions, since the JDK keeps a buffer outside the heap as large as each. */
  private void writeAll(List<byte[]> pieces) throws IOException {
    int piece = 0;
    int offset = 0;
    while (piece < pieces.size()) {
      long written = transport.write(portion(pieces, piece, offset));
      bytesOut.addAndGet(written);
      for (long left = written; left > 0; ) {
        int rest = pieces.get(piece).length - offset;
        if (left < rest) {
          offset += (int) left;
          left = 0;
        } else {
          piece++;
          offset = 0;
          left -= rest;
        }
      }
      if (queued.addAndGet(-written) <= maxQueued / 2 && blocked.compareAndSet(true, false)) {
        loop.execute(() -> receiver.writable(this));
      }
    }
  }

  private static ByteBuffer[] portion(List<byte[]> pieces, int piece, int offset) {
    List<ByteBuffer> buffers = new ArrayList<>();
    int room = WRITE_BYTES;
    int from = offset;
    for (int i = piece; i < pieces.size() && room > 0; i++) {
      int length = Math.min(room, pieces.get(i).length - from);
      buffers.add(ByteBuffer.wrap(pieces.get(i), from, length));
      room -= length;
      from = 0;
    }
    return buffers.toArray(ByteBuffer[]::new);
  }
}
