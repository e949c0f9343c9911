package weft.bench.vrouter;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.Channel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import weft.lab.Namespace;

/** One byte there and one back, the two ends on CPUs of their own. */
final class Exchanges {
  private static final int CLIENT_CPU = 0;
  private static final int SERVER_CPU = 1;
  private static final int PORT = 7;

  private Exchanges() {}

  /** Exchanges a second over one TCP connection. */
  static Sample perSecond(GuestPath path, Duration time) throws InterruptedException {
    return measured(
        path,
        client -> {
          try (SocketChannel channel = connect(path)) {
            return rate(time, () -> exchange(channel));
          }
        });
  }

  /** Connections a second, each with one exchange. */
  static Sample connectionsPerSecond(GuestPath path, Duration time) throws InterruptedException {
    return measured(
        path,
        client ->
            rate(
                time,
                () -> {
                  try (SocketChannel channel = connect(path)) {
                    exchange(channel);
                  }
                }));
  }

  private interface Client {
    Sample run(InetSocketAddress server) throws IOException;
  }

  private interface Step {
    void run() throws IOException;
  }

  private static Sample rate(Duration time, Step step) throws IOException {
    long begun = Sample.processorTime();
    long start = System.nanoTime();
    long end = start + time.toNanos();
    long steps = 0;
    long now;
    do {
      step.run();
      steps++;
      now = System.nanoTime();
    } while (now < end);
    return new Sample(
        steps * 1e9 / (now - start), (double) (Sample.processorTime() - begun) / steps);
  }

  private static Sample measured(GuestPath path, Client client) throws InterruptedException {
    InetSocketAddress address = new InetSocketAddress(path.address(), PORT);
    FutureTask<ServerSocketChannel> listening =
        HostThread.start(path.to(), SERVER_CPU, () -> ServerSocketChannel.open().bind(address));
    ServerSocketChannel server = HostThread.result(listening);
    double[] served = new double[1];
    Sample sample;
    try (Serving _ = new Serving(server, path.to(), () -> serve(server, served))) {
      sample =
          HostThread.result(HostThread.start(path.from(), CLIENT_CPU, () -> client.run(address)));
    }
    return new Sample(sample.rate(), sample.processorNs() + served[0]);
  }

  /** A server on its thread: closing its socket ends it. */
  private static final class Serving implements AutoCloseable {
    private final Channel socket;
    private final FutureTask<Boolean> work;

    Serving(Channel socket, Namespace namespace, Callable<Boolean> work) {
      this.socket = socket;
      this.work = HostThread.start(namespace, SERVER_CPU, work);
    }

    @Override
    public void close() {
      try {
        socket.close();
        boolean _ = HostThread.result(work);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /**
   * Each connection in turn, until the socket is closed.
   *
   * @param processor gets the processor time of one exchange
   */
  private static boolean serve(ServerSocketChannel server, double[] processor) throws IOException {
    ByteBuffer one = ByteBuffer.allocateDirect(1);
    long begun = Sample.processorTime();
    long exchanges = 0;
    while (true) {
      try (SocketChannel channel = server.accept()) {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        while (channel.read(one.clear()) > 0) {
          channel.write(one.flip());
          exchanges++;
        }
      } catch (ClosedChannelException e) {
        processor[0] = (double) (Sample.processorTime() - begun) / Math.max(1, exchanges);
        return true;
      }
    }
  }

  private static SocketChannel connect(GuestPath path) throws IOException {
    SocketChannel channel = SocketChannel.open();
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.connect(new InetSocketAddress(path.address(), PORT));
    return channel;
  }

  private static final ThreadLocal<ByteBuffer> ONE =
      ThreadLocal.withInitial(() -> ByteBuffer.allocateDirect(1));

  private static void exchange(SocketChannel channel) throws IOException {
    ByteBuffer one = ONE.get();
    channel.write(one.clear());
    if (channel.read(one.clear()) != 1) {
      throw new EOFException("the server has closed");
    }
  }

  /** Whether so many bytes come whole, one after the other, over one connection. */
  static boolean arrives(GuestPath path, int bytes) throws InterruptedException {
    InetSocketAddress address = new InetSocketAddress(path.address(), PORT);
    byte[] sent = new byte[bytes];
    new Random(bytes).nextBytes(sent);
    ServerSocketChannel server =
        HostThread.result(
            HostThread.start(path.to(), SERVER_CPU, () -> ServerSocketChannel.open().bind(null)));
    int port = server.socket().getLocalPort();
    FutureTask<byte[]> received =
        HostThread.start(
            path.to(),
            SERVER_CPU,
            () -> {
              try (server;
                  SocketChannel channel = server.accept()) {
                return channel.socket().getInputStream().readAllBytes();
              }
            });
    boolean _ =
        HostThread.result(
            HostThread.start(
                path.from(),
                CLIENT_CPU,
                () -> {
                  try (SocketChannel channel =
                      SocketChannel.open(new InetSocketAddress(address.getAddress(), port))) {
                    ByteBuffer all = ByteBuffer.wrap(sent);
                    while (all.hasRemaining()) {
                      channel.write(all);
                    }
                  }
                  return true;
                }));
    return Arrays.equals(sent, HostThread.result(received));
  }

  /**
   * Round trips in nanoseconds of the first and of the second datagram of each of so many sockets.
   *
   * @return two arrays
   */
  static long[][] firstAndSecond(GuestPath path, int sockets) throws InterruptedException {
    InetSocketAddress address = new InetSocketAddress(path.address(), PORT);
    DatagramChannel echo =
        HostThread.result(
            HostThread.start(path.to(), SERVER_CPU, () -> DatagramChannel.open().bind(address)));
    try (Serving _ = new Serving(echo, path.to(), () -> echo(echo))) {
      return HostThread.result(
          HostThread.start(path.from(), CLIENT_CPU, () -> ask(address, sockets)));
    }
  }

  /** Answers each datagram with itself until the channel is closed. */
  static boolean echo(DatagramChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    while (true) {
      try {
        var from = channel.receive(buffer.clear());
        channel.send(buffer.flip(), from);
      } catch (ClosedChannelException e) {
        return true;
      }
    }
  }

  private static long[][] ask(InetSocketAddress server, int sockets) throws IOException {
    long[][] times = new long[2][sockets];
    ByteBuffer buffer = ByteBuffer.allocateDirect(64);
    for (int i = 0; i < sockets; i++) {
      try (DatagramChannel channel = DatagramChannel.open()) {
        channel.connect(server);
        for (int packet = 0; packet < 2; packet++) {
          long start = System.nanoTime();
          channel.write(buffer.clear());
          channel.read(buffer.clear());
          times[packet][i] = System.nanoTime() - start;
        }
      }
    }
    return times;
  }
}
