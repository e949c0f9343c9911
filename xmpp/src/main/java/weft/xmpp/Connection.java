package weft.xmpp;

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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;

/**
 * One TCP connection. A virtual thread reads and parses, another writes; both tell the owner's loop
 * what happened. A reader that is ahead of its loop waits, so that TCP slows the peer down.
 */
final class Connection {
  private static final int READ_BYTES = 16 << 10;
  private static final int BATCHES_AHEAD = 8;
  private static final int WRITE_PIECES = 64;
  private static final int WRITE_BYTES = 64 << 10;
  private static final int OVERFLOW_FACTOR = 64;
  private static final Duration LINGER = Duration.ofSeconds(1);
  private static final byte[] END = new byte[0];

  /** The owner; called on the loop. */
  interface Receiver {
    void received(Connection connection, List<Message> messages);

    void writable(Connection connection);

    /** The last call. */
    void lost(Connection connection, CloseReason reason);
  }

  private final SocketChannel channel;
  private final Loop loop;
  private final Receiver receiver;
  private final Framer framer;
  private final int maxQueued;
  private final InetSocketAddress remote;
  private final InetSocketAddress local;
  private final BlockingQueue<byte[]> queue = new LinkedBlockingQueue<>();
  private final Semaphore ahead = new Semaphore(BATCHES_AHEAD);
  private final AtomicLong queued = new AtomicLong();
  private final AtomicBoolean blocked = new AtomicBoolean();
  private final AtomicReference<@Nullable CloseReason> failure = new AtomicReference<>();
  private final AtomicLong bytesIn = new AtomicLong();
  private final AtomicLong bytesOut = new AtomicLong();
  private final AtomicLong lastReceivedNs = new AtomicLong();

  private Connection(
      SocketChannel channel, Loop loop, Receiver receiver, int maxStanza, int maxQueued)
      throws IOException {
    this.channel = channel;
    this.loop = loop;
    this.receiver = receiver;
    this.framer = new Framer(maxStanza);
    this.maxQueued = maxQueued;
    this.remote = (InetSocketAddress) channel.getRemoteAddress();
    this.local = (InetSocketAddress) channel.getLocalAddress();
    this.lastReceivedNs.set(loop.nowNs());
  }

  /** Takes over a connected channel. Reads and writes only after {@link #start}. */
  static Connection of(
      SocketChannel channel, Loop loop, Receiver receiver, int maxStanza, int maxQueued)
      throws IOException {
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 5);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 3);
    channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
    return new Connection(channel, loop, receiver, maxStanza, maxQueued);
  }

  void start() {
    Thread.ofVirtual().name("xmpp-read " + remote).start(this::read);
    Thread.ofVirtual().name("xmpp-write " + remote).start(this::write);
  }

  InetSocketAddress remote() {
    return remote;
  }

  InetSocketAddress local() {
    return local;
  }

  long bytesIn() {
    return bytesIn.get();
  }

  long bytesOut() {
    return bytesOut.get();
  }

  long queuedBytes() {
    return queued.get();
  }

  long lastReceivedNs() {
    return lastReceivedNs.get();
  }

  boolean writable() {
    return !blocked.get();
  }

  /** Queues bytes, which must not change any more. A queue far over its limit ends it all. */
  void send(byte[] bytes) {
    if (bytes.length == 0) {
      return; // an empty piece is the sign to close
    }
    long total = queued.addAndGet(bytes.length);
    if (total > maxQueued) {
      blocked.set(true);
    }
    if (total > (long) maxQueued * OVERFLOW_FACTOR) {
      abort(new CloseReason(CloseReason.Kind.QUEUE_OVERFLOW, total + " bytes wait"));
      return;
    }
    queue.add(bytes);
  }

  /** Closes once what waits is written, or after a second. */
  void close() {
    failure.compareAndSet(null, new CloseReason(CloseReason.Kind.LOCAL_CLOSED, ""));
    queue.add(END);
    Loop.Timer _ = loop.schedule(LINGER, this::closeChannel);
  }

  private void abort(CloseReason reason) {
    failure.compareAndSet(null, reason);
    queue.add(END);
    closeChannel();
  }

  private void closeChannel() {
    try {
      channel.close();
    } catch (IOException e) {
      failure.compareAndSet(null, ioError(e));
    }
  }

  private static CloseReason ioError(Exception e) {
    return new CloseReason(CloseReason.Kind.IO_ERROR, String.valueOf(e.getMessage()));
  }

  // ---- the reading thread ----

  private void read() {
    CloseReason end = new CloseReason(CloseReason.Kind.PEER_CLOSED, "");
    try {
      ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
      boolean going = true;
      while (going && channel.read(buffer.clear()) >= 0) {
        lastReceivedNs.set(loop.nowNs());
        bytesIn.addAndGet(buffer.position());
        going = deliver(framer.feed(buffer.array(), 0, buffer.position()));
      }
    } catch (IOException | InterruptedException e) {
      end = ioError(e);
    }
    CloseReason earlier = failure.compareAndExchange(null, end);
    queue.add(END);
    CloseReason reason = earlier == null ? end : earlier;
    loop.execute(() -> receiver.lost(this, reason));
  }

  /** Hands messages to the loop; false after the last. */
  private boolean deliver(List<Message> messages) throws InterruptedException {
    if (messages.isEmpty()) {
      return true;
    }
    ahead.acquire();
    loop.execute(() -> {
      ahead.release();
      receiver.received(this, messages);
    });
    return !(messages.getLast() instanceof Message.Unusable
        || messages.getLast() instanceof Message.StreamClose);
  }

  // ---- the writing thread ----

  private void write() {
    try {
      List<byte[]> pieces = new ArrayList<>(WRITE_PIECES);
      boolean going = true;
      while (going) {
        pieces.clear();
        pieces.add(queue.take());
        queue.drainTo(pieces, WRITE_PIECES - 1);
        int last = pieces.indexOf(END);
        going = last < 0;
        writeAll(going ? pieces : pieces.subList(0, last));
      }
      closeChannel();
    } catch (IOException | InterruptedException e) {
      abort(ioError(e));
    }
  }

  /** Writes in portions, since the JDK keeps a buffer outside the heap as large as each. */
  private void writeAll(List<byte[]> pieces) throws IOException {
    int piece = 0;
    int offset = 0;
    while (piece < pieces.size()) {
      long written = channel.write(portion(pieces, piece, offset));
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
