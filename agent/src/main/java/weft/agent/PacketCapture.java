package weft.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoField;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import weft.datapath.DatapathException;
import weft.datapath.Sniffer;
import weft.http.HttpError;
import weft.http.Request;
import weft.http.Response;
import weft.net.IpAddress;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;

/**
 * Answers with what passes vifs, as a pcap file that grows: frames of guests as the programs get
 * them, frames for guests as they leave them. Checksums and sizes may be those of before the device
 * finishes or cuts them.
 */
final class PacketCapture {
  private static final String TYPE = "application/vnd.tcpdump.pcap";
  private static final int MOST_AT_ONCE = 8;
  private static final int MAGIC = 0xa1b2c3d4;
  private static final int VERSION = 0x0002_0004;
  private static final int ETHERNET = 1;
  private static final int HEADER = 24;
  private static final int RECORD = 16;
  private static final int LONGEST_FRAME = 262_144;
  private static final int LONGEST_S = 3600;
  private static final Duration FLUSH = Duration.ofMillis(200);

  private final LoopCalls loop;
  private final Forwarding forwarding;
  private final Deque<Thread> running = new ArrayDeque<>();

  PacketCapture(LoopCalls loop, Forwarding forwarding) {
    this.loop = loop;
    this.forwarding = forwarding;
  }

  /**
   * What is wanted.
   *
   * @param devices by index
   * @param count 0 for no limit
   */
  private record Wanted(
      Set<Integer> devices, PacketFilter filter, long count, Duration time, int most) {}

  /** Parameters: `vif`, `host`, `peer`, `protocol`, `port`, `count`, `seconds`, `bytes`. */
  Response answer(Request request) throws Exception {
    Wanted wanted =
        new Wanted(
            devices(Introspection.parameter(request, "vif")),
            new PacketFilter(
                address(request, "host"),
                address(request, "peer"),
                protocol(Introspection.parameter(request, "protocol")),
                number(request, "port", -1, 65535)),
            number(request, "count", 0, Integer.MAX_VALUE),
            Duration.ofSeconds(number(request, "seconds", LONGEST_S, LONGEST_S)),
            number(request, "bytes", LONGEST_FRAME, LONGEST_FRAME));
    return Response.stream(TYPE, out -> stream(wanted, out));
  }

  private void stream(Wanted wanted, OutputStream out) throws IOException, InterruptedException {
    // A thread that waits in the kernel is none of the virtual ones.
    FutureTask<Boolean> task =
        new FutureTask<>(() -> {
          capture(wanted, out);
          return true;
        });
    Thread thread = Thread.ofPlatform().name("capture").daemon().unstarted(task);
    begin(thread);
    try {
      boolean _ = task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException gone) {
        throw gone;
      }
      throw new IOException(String.valueOf(e.getCause()), e);
    } catch (InterruptedException e) {
      thread.interrupt();
      throw e;
    } finally {
      synchronized (running) {
        running.remove(thread);
      }
    }
  }

  /** The oldest one gives way: of a client that has gone silently nothing is heard otherwise. */
  private void begin(Thread thread) {
    synchronized (running) {
      if (running.size() >= MOST_AT_ONCE) {
        running.removeFirst().interrupt();
      }
      running.addLast(thread);
    }
    thread.start();
  }

  private static void capture(Wanted wanted, OutputStream out) throws IOException {
    int only = wanted.devices().size() == 1 ? wanted.devices().iterator().next() : 0;
    try (Sniffer sniffer = new Sniffer(only, wanted.most())) {
      out.write(header(wanted.most()));
      out.flush();
      long endNs = System.nanoTime() + wanted.time().toNanos();
      long flushedNs = System.nanoTime();
      long count = 0;
      while (!Thread.interrupted() && System.nanoTime() < endNs) {
        Sniffer.Frame frame = sniffer.next();
        if (frame != null
            && wanted.devices().contains(frame.ifindex())
            && wanted.filter().matches(frame.bytes())) {
          out.write(record(frame));
          count++;
        }
        long nowNs = System.nanoTime();
        boolean enough = wanted.count() > 0 && count >= wanted.count();
        if (frame == null || enough || nowNs - flushedNs > FLUSH.toNanos()) {
          out.flush();
          flushedNs = nowNs;
        }
        if (enough) {
          return;
        }
      }
    } catch (DatapathException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private static byte[] header(int most) {
    return ByteBuffer.allocate(HEADER)
        .putInt(MAGIC)
        .putInt(VERSION)
        .putLong(0)
        .putInt(most)
        .putInt(ETHERNET)
        .array();
  }

  private static byte[] record(Sniffer.Frame frame) {
    Instant now = Instant.now();
    return ByteBuffer.allocate(RECORD + frame.bytes().length)
        .putInt((int) now.getEpochSecond())
        .putInt(now.get(ChronoField.MICRO_OF_SECOND))
        .putInt(frame.bytes().length)
        .putInt(frame.length())
        .put(frame.bytes())
        .array();
  }

  /** The device of the vif that is named, or those of all guests. */
  private Set<Integer> devices(@Nullable String name) throws Exception {
    Set<Integer> found = new TreeSet<>();
    Map<TableKey, TableValue> tables = loop.call(forwarding::contents);
    tables.forEach((key, value) -> {
      if (key instanceof TableKey.VifKey(int id)
          && value instanceof Vif vif
          && (name == null
              ? vif.kind() == Vif.Kind.VIRTUAL
              : Introspection.names(name, id, vif.device(), vif.port()))) {
        found.add(vif.ifindex());
      }
    });
    if (found.isEmpty()) {
      throw HttpError.notFound(
          name == null ? "there is no vif" : "vif '" + name + "' is not known");
    }
    return found;
  }

  private static @Nullable IpAddress address(Request request, String key) {
    String text = Introspection.parameter(request, key);
    try {
      return text == null ? null : IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest(key + ": " + e.getMessage());
    }
  }

  private static int number(Request request, String key, int otherwise, int most) {
    String text = Introspection.parameter(request, key);
    if (text == null) {
      return otherwise;
    }
    try {
      int number = Integer.parseInt(text);
      if (number < 1 || number > most) {
        throw HttpError.badRequest(key + ": " + number + " is not in 1.." + most);
      }
      return number;
    } catch (NumberFormatException e) {
      throw HttpError.badRequest(key + ": '" + text + "' is not a number");
    }
  }

  private static int protocol(@Nullable String text) {
    return text == null ? -1 : Tracer.protocol(text);
  }
}
