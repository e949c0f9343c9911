package weft.bench.vrouter;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import weft.lab.Await;
import weft.lab.LabException;

/**
 * Small UDP packets, as fast as one CPU sends them: with veth that CPU also does all the work of
 * the way to the other guest.
 */
final class Datagrams {
  private static final int SIZE = 22; // 64 bytes on the wire
  private static final int FIRST_PORT = 10_000;
  private static final int PORTS = 50_000;
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  /**
   * @param sent datagrams
   * @param arrived of these
   * @param processor time of the sender, in nanoseconds
   */
  record Result(long sent, long arrived, double seconds, long processor) {
    double processorNs() {
      return (double) processor / sent;
    }

    double perSecond() {
      return arrived / seconds;
    }

    long lost() {
      return sent - arrived;
    }
  }

  private Datagrams() {}

  /** All of one flow. */
  static Result oneFlow(GuestPath path, Duration time) throws InterruptedException {
    return measured(
        path,
        () -> {
          InetSocketAddress to = new InetSocketAddress(path.silentAddress(), FIRST_PORT);
          try (DatagramChannel channel = DatagramChannel.open()) {
            ByteBuffer data = ByteBuffer.allocateDirect(SIZE);
            channel.connect(to);
            long end = System.nanoTime() + time.toNanos();
            long sent = 0;
            do {
              for (int i = 0; i < 32; i++) {
                channel.write(data.clear());
              }
              sent += 32;
            } while (System.nanoTime() < end);
            return sent;
          }
        });
  }

  /** Each of another flow, `flows` at most. */
  static Result newFlows(GuestPath path, Duration time, long flows) throws InterruptedException {
    return measured(
        path,
        () -> {
          List<InetSocketAddress> to = new ArrayList<>();
          for (int port = 0; port < PORTS; port++) {
            to.add(new InetSocketAddress(path.silentAddress(), FIRST_PORT + port));
          }
          ByteBuffer data = ByteBuffer.allocateDirect(SIZE);
          long end = System.nanoTime() + time.toNanos();
          long sent = 0;
          while (sent < flows && System.nanoTime() < end) {
            try (DatagramChannel channel = DatagramChannel.open().bind(null)) {
              for (int port = 0; port < PORTS && sent < flows; port++) {
                channel.send(data.clear(), to.get(port));
                sent++;
                if ((port & 255) == 0 && System.nanoTime() >= end) {
                  break;
                }
              }
            }
          }
          return sent;
        });
  }

  private interface Sender {
    long send() throws IOException;
  }

  private static Result measured(GuestPath path, Sender sender) throws InterruptedException {
    long before = arrived(path);
    double[] seconds = new double[1];
    long[] processor = new long[1];
    long sent =
        HostThread.result(
            HostThread.start(
                path.from(),
                0,
                () -> {
                  long start = System.nanoTime();
                  long begun = Sample.processorTime();
                  long count = sender.send();
                  processor[0] = Sample.processorTime() - begun;
                  seconds[0] = (System.nanoTime() - start) / 1e9;
                  return count;
                }));
    long[] seen = {-1};
    // All is over once nothing more arrives.
    Await.until(
        "the last packet",
        PATIENCE,
        () -> {
          long last = seen[0];
          seen[0] = arrived(path);
          return seen[0] == last;
        });
    return new Result(sent, Math.min(sent, seen[0] - before), seconds[0], processor[0]);
  }

  /** Packets that the far guest's device has got. */
  private static long arrived(GuestPath path) {
    try {
      return HostThread.result(
          HostThread.start(
              path.to(),
              -1,
              () -> {
                for (String line : Files.readAllLines(Path.of("/proc/thread-self/net/dev"))) {
                  String[] words = line.strip().split("[:\\s]+");
                  if (words[0].equals("eth0")) {
                    return Long.parseLong(words[2]);
                  }
                }
                throw new LabException("the guest has no eth0");
              }));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }
}
