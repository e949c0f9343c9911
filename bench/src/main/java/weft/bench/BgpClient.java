package weft.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import weft.bench.BgpLoad.Kind;

/** A BGP session that tells prepared routes and notes which ones of others it is told. */
final class BgpClient implements AutoCloseable {
  private static final Duration OPEN_LIMIT = Duration.ofSeconds(60);

  /** A daemon that is just starting may take a connection and forget it. */
  private static final Duration ATTEMPT = Duration.ofSeconds(5);

  private static final int KEEPALIVE_SECONDS = 30;

  /** 10.0.0.0: an identifier in 127.0.0.0/8 is refused by some. */
  private static final int IDENTIFIERS = 10 << 24;

  private final String name;
  private final Kind kind;
  private final Own own;
  private final SocketChannel channel;
  private final Object writing = new Object();

  // Guarded by this.
  private final BitSet told = new BitSet();
  private int count;
  private long changedNs;
  private long updates;
  private boolean established;
  private @Nullable String failure;

  /** The routes that it tells itself, by number: some speakers tell them back. */
  record Own(int first, int count) {
    static final Own NONE = new Own(0, 0);

    boolean has(int number) {
      return number >= first && number < first + count;
    }
  }

  private BgpClient(String name, Kind kind, Own own, SocketChannel channel) {
    this.name = name;
    this.kind = kind;
    this.own = own;
    this.channel = channel;
  }

  /** Connects from an address of its own and waits until the session is established. */
  static BgpClient open(String from, InetSocketAddress to, int asn, Kind kind, Own own)
      throws IOException, InterruptedException {
    long end = System.nanoTime() + OPEN_LIMIT.toNanos();
    while (true) {
      BgpClient client = new BgpClient(from, kind, own, connect(from, to, end));
      Thread.ofPlatform().daemon().name("bgp " + from).start(client::read);
      int address = ByteBuffer.wrap(InetAddress.ofLiteral(from).getAddress()).getInt();
      client.greet(BgpWire.open(asn, address & 0xff_ffff | IDENTIFIERS, kind));
      if (client.establishes(Math.min(end, System.nanoTime() + ATTEMPT.toNanos()))) {
        Thread.ofVirtual().start(client::keepAlive);
        return client;
      }
      client.close();
      if (System.nanoTime() > end) {
        String why = client.failure == null ? "no answer" : client.failure;
        throw new IOException(from + " gets no session: " + why);
      }
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** A speaker that is not ready may close the connection at once. */
  private void greet(byte[] message) {
    try {
      send(message);
    } catch (IOException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private static SocketChannel connect(String from, InetSocketAddress to, long end)
      throws IOException, InterruptedException {
    while (true) {
      SocketChannel channel = SocketChannel.open();
      try {
        channel.bind(new InetSocketAddress(InetAddress.ofLiteral(from), 0));
        channel.connect(to);
        return channel;
      } catch (IOException e) {
        channel.close();
        if (System.nanoTime() > end) {
          throw new IOException(from + " to " + to + ": " + e.getMessage(), e);
        }
      }
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private synchronized boolean establishes(long end) throws InterruptedException {
    while (!established && failure == null) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return false;
      }
      wait(left);
    }
    return established;
  }

  /** Writes messages; returns when the other side's TCP has them. */
  void send(byte[] messages) throws IOException {
    synchronized (writing) {
      ByteBuffer buffer = ByteBuffer.wrap(messages);
      while (buffer.hasRemaining()) {
        channel.write(buffer.limit(Math.min(messages.length, buffer.position() + (64 << 10))));
        buffer.limit(messages.length);
      }
    }
  }

  private void keepAlive() {
    try {
      while (channel.isOpen()) {
        TimeUnit.SECONDS.sleep(KEEPALIVE_SECONDS);
        send(BgpWire.keepalive());
      }
    } catch (IOException | InterruptedException _) {
      fail("no keepalive can be sent");
    }
  }

  /**
   * Waits until exactly so many routes are there, and returns when the last change came.
   *
   * @throws TimeoutException if that takes too long
   */
  synchronized long await(int routes, Duration limit)
      throws InterruptedException, TimeoutException, IOException {
    long end = System.nanoTime() + limit.toNanos();
    while (count != routes) {
      if (failure != null) {
        throw new IOException(name + ": " + failure);
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new TimeoutException(name + " has " + count + " of " + routes + " routes");
      }
      wait(left);
    }
    return changedNs;
  }

  /** How many updates have come. */
  synchronized long updates() {
    return updates;
  }

  private void read() {
    byte[] bytes = new byte[512 << 10];
    int size = 0;
    try {
      while (true) {
        int more = channel.read(ByteBuffer.wrap(bytes, size, bytes.length - size));
        if (more < 0) {
          fail("the speaker closed the session");
          return;
        }
        size += more;
        int used = take(bytes, size);
        System.arraycopy(bytes, used, bytes, 0, size - used);
        size -= used;
      }
    } catch (IOException | IllegalStateException e) {
      fail(String.valueOf(e.getMessage()));
    }
  }

  private synchronized void fail(String reason) {
    if (failure == null) {
      failure = reason;
    }
    notifyAll();
  }

  /** Takes the whole messages; returns how many bytes they were. */
  private synchronized int take(byte[] bytes, int size) {
    int before = count;
    int at = 0;
    while (size - at >= BgpWire.HEADER && size - at >= BgpWire.u16(bytes, at + 16)) {
      int end = at + BgpWire.u16(bytes, at + 16);
      switch (bytes[at + 18]) {
        case BgpWire.UPDATE -> {
          updates++;
          BgpWire.routes(bytes, at, end, kind, this::note);
        }
        case BgpWire.OPEN -> greet(BgpWire.keepalive());
        case BgpWire.KEEPALIVE -> {
          established = true;
          notifyAll();
        }
        case BgpWire.NOTIFICATION ->
            throw new IllegalStateException(
                "notification " + Arrays.toString(Arrays.copyOfRange(bytes, at + 19, end)));
        default -> {}
      }
      at = end;
    }
    if (count != before) {
      changedNs = System.nanoTime();
      notifyAll();
    }
    return at;
  }

  private void note(int number, boolean there) {
    if (told.get(number) != there && !own.has(number)) {
      told.set(number, there);
      count += there ? 1 : -1;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
