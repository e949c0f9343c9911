package weft.agent;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.agent.core.AgentCore;
import weft.agent.core.Ids;
import weft.http.Json;
import weft.vrouter.Acl;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.TableKey;

/**
 * Records of sessions that are over, a line of JSON each, in a file and the one before it, which
 * together take a bounded room. None is left out but those that come faster than they can be
 * written: these are counted.
 *
 * <p>Records are made on the loop and written on a thread of this.
 */
final class SessionLog implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SessionLog.class);
  private static final int WAITING = 20_000;
  private static final int AT_ONCE = 1000;

  private final Path file;
  private final long most;
  private final AgentCore core;
  private final BlockingQueue<ObjectNode> waiting = new ArrayBlockingQueue<>(WAITING);
  private final AtomicLong written = new AtomicLong();
  private final AtomicLong lost = new AtomicLong();
  private final Thread thread;
  private volatile boolean closed;
  private boolean complained;

  /**
   * @param most bytes of the file, after which the next one is begun
   */
  SessionLog(Path file, long most, AgentCore core) {
    this.file = file;
    this.most = most;
    this.core = core;
    this.thread = Thread.ofPlatform().name("sessions").daemon().start(this::run);
  }

  /** A flow has been forgotten; `reverse` is the entry of the other direction, if there was one. */
  void ended(Flow flow, @Nullable Flow reverse) {
    ObjectNode record =
        reverse != null && reverse.forward() ? record(reverse, flow) : record(flow, reverse);
    if (!waiting.offer(record)) {
      lost.incrementAndGet();
    }
  }

  private ObjectNode record(Flow flow, @Nullable Flow reverse) {
    String port = core.ids().name(Ids.Pool.VIF, flow.key().vif());
    Instant last = Instant.now().minusMillis(flow.ageMs());
    ObjectNode json =
        Json.object()
            .put("last_packet", last.toString())
            .put("port", port == null ? "" : port)
            .put("from_guest", flow.fromGuest())
            .put("protocol", flow.key().protocol())
            .put("source", flow.key().source().toString())
            .put("source_port", flow.key().sourcePort())
            .put("destination", flow.key().destination().toString())
            .put("destination_port", flow.key().destinationPort())
            .put("action", flow.reason() == DropReason.NONE ? "pass" : "drop")
            .put("reason", flow.reason() == DropReason.NONE ? "" : flow.reason().name())
            .put("rule", rule(flow))
            .put("packets", flow.packets())
            .put("bytes", flow.bytes())
            .put("reverse_packets", reverse == null ? 0 : reverse.packets())
            .put("reverse_bytes", reverse == null ? 0 : reverse.bytes())
            .put("tcp_flags", flow.tcp())
            .put("reverse_tcp_flags", reverse == null ? 0 : reverse.tcp());
    Flow.Nat nat = flow.nat();
    if (nat != null) {
      json.put(nat.source() ? "nat_source" : "nat_destination", nat.address().toString())
          .put("nat_port", nat.port());
    }
    return json;
  }

  private String rule(Flow flow) {
    return core.table(new TableKey.AclKey(flow.acl())) instanceof Acl acl
            && flow.rule() >= 0
            && flow.rule() < acl.rules().size()
        ? acl.rules().get(flow.rule()).id().toString()
        : "";
  }

  private void run() {
    List<ObjectNode> some = new ArrayList<>();
    while (!closed || !waiting.isEmpty()) {
      try {
        if (some.isEmpty()) {
          some.add(waiting.take());
          waiting.drainTo(some, AT_ONCE);
        }
      } catch (InterruptedException e) {
        continue; // closed, and what waits is still written
      }
      write(some);
      some.clear();
    }
  }

  /** A disk that is full costs records, nothing else. */
  private void write(List<ObjectNode> some) {
    try {
      if (Files.exists(file) && Files.size(file) > most) {
        Files.move(
            file,
            file.resolveSibling(file.getFileName() + ".1"),
            StandardCopyOption.REPLACE_EXISTING);
      }
      try (OutputStream out =
          Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
        StringBuilder lines = new StringBuilder();
        some.forEach(record -> lines.append(Json.text(record)).append('\n'));
        out.write(lines.toString().getBytes(StandardCharsets.UTF_8));
      }
      written.addAndGet(some.size());
      complained = false;
    } catch (IOException e) {
      lost.addAndGet(some.size());
      if (!complained) {
        complained = true;
        LOG.warn("records of sessions cannot be written to {}: {}", file, e.getMessage());
      }
    }
  }

  long written() {
    return written.get();
  }

  /** Those that could not be written. */
  long lost() {
    return lost.get();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
