package weft.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Drives a server over a number of kept connections, from one thread. */
final class Load implements AutoCloseable {
  /** What is sent, and what becomes of the answers. */
  interface Traffic {
    /** The bytes of a request, head and body. */
    byte[] request(int number);

    /** An answer with status 200; the connection holds it until the call returns. */
    default void answered(int number, Connection connection) throws IOException {}
  }

  /**
   * What was seen.
   *
   * @param latenciesNs of each request, sorted
   * @param clientCpuNs what this thread took
   */
  record Seen(int requests, long elapsedNs, long[] latenciesNs, long clientCpuNs) {
    double rate() {
      return requests * 1e9 / elapsedNs;
    }

    double percentileMs(double part) {
      int at = (int) Math.ceil(part * latenciesNs.length) - 1;
      return latenciesNs[Math.max(0, at)] / 1e6;
    }
  }

  private static final long PATIENCE_MS = 60_000;

  private final Selector selector;
  private final List<Connection> connections = new ArrayList<>();

  Load(InetSocketAddress server, int clients) throws IOException {
    selector = Selector.open();
    for (int i = 0; i < clients; i++) {
      Connection connection = Connection.open(server);
      connection.channel().configureBlocking(false);
      connection.channel().register(selector, SelectionKey.OP_READ, connection);
      connections.add(connection);
    }
  }

  /** Each client sends its next request when it has the answer to the last, `count` in all. */
  Seen run(Traffic traffic, int count) throws IOException {
    return new Run(traffic, count, 0).go();
  }

  /**
   * Sends at a steady rate, whatever the answers do; a request's time counts from when it was due.
   */
  Seen paced(Traffic traffic, int count, double perSecond) throws IOException {
    return new Run(traffic, count, Math.round(1e9 / perSecond)).go();
  }

  private final class Run {
    private final Traffic traffic;
    private final int count;
    private final long intervalNs;
    private final long[] latencies;
    private final Deque<Connection> idle = new ArrayDeque<>(connections);
    private final long begun = System.nanoTime();
    private int sent;
    private int answered;

    Run(Traffic traffic, int count, long intervalNs) {
      this.traffic = traffic;
      this.count = count;
      this.intervalNs = intervalNs;
      this.latencies = new long[count];
    }

    Seen go() throws IOException {
      long cpu = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
      while (answered < count) {
        sendDue();
        await();
        for (SelectionKey key : selector.selectedKeys()) {
          Connection connection = (Connection) key.attachment();
          if (connection.receive()) {
            take(connection);
          }
        }
        selector.selectedKeys().clear();
      }
      long elapsed = System.nanoTime() - begun;
      Arrays.sort(latencies);
      long used = ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() - cpu;
      return new Seen(count, elapsed, latencies, used);
    }

    private void sendDue() throws IOException {
      while (sent < count && !idle.isEmpty()) {
        long now = System.nanoTime();
        long due = intervalNs == 0 ? now : begun + sent * intervalNs;
        if (due - now > 0) {
          return;
        }
        Connection connection = idle.pop();
        connection.begunNs = due;
        connection.request = sent;
        connection.send(traffic.request(sent));
        sent++;
      }
    }

    /** Until something has come, or the next request is due. */
    private void await() throws IOException {
      if (intervalNs == 0 || sent == count || idle.isEmpty()) {
        if (selector.select(PATIENCE_MS) == 0) {
          throw new IOException("no answer within " + PATIENCE_MS / 1000 + " s");
        }
      } else if (selector.selectNow() == 0) {
        long left = begun + sent * intervalNs - System.nanoTime();
        LockSupport.parkNanos(Math.min(left, 100_000));
        selector.selectNow();
      }
    }

    private void take(Connection connection) throws IOException {
      if (connection.status() != 200) {
        throw new IOException("answered with " + connection.status() + ": " + connection.body());
      }
      traffic.answered(connection.request, connection);
      latencies[answered++] = System.nanoTime() - connection.begunNs;
      idle.push(connection);
    }
  }

  @Override
  public void close() throws IOException {
    for (Connection connection : connections) {
      connection.close();
    }
    selector.close();
  }
}
