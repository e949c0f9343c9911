package weft.controller;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigDb;
import weft.http.HttpCalls;
import weft.http.HttpError;
import weft.http.Json;
import weft.http.ServerTrust;
import weft.keystone.Keystone;
import weft.keystone.KeystoneOptions;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/**
 * Tells Nova which ports of its machines have been plugged: it holds a machine back until it knows
 * that.
 *
 * <p>What Nova does not take is told again until Nova has given up waiting.
 */
final class NovaEvents implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(NovaEvents.class);
  private static final String PORT = "virtual-machine-interface";
  private static final String MACHINE = "virtual-machine";
  private static final Duration TIMEOUT = Duration.ofSeconds(20);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

  /** Nova waits so long for a port, unless it is told otherwise. */
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private static final int MOST_AT_ONCE = 200;

  private record Event(UUID port, UUID machine, long sinceNanos) {}

  private final HttpCalls nova;
  private final Keystone keystone;
  private final Function<UUID, @Nullable UUID> machines;
  private final LinkedBlockingQueue<UUID> ports = new LinkedBlockingQueue<>();
  private final Thread thread;

  /** What Nova has not taken yet; the thread's. */
  private final Map<UUID, Event> pending = new LinkedHashMap<>();

  private Duration pause = Duration.ZERO;

  private NovaEvents(HttpCalls nova, Keystone keystone, Function<UUID, @Nullable UUID> machines) {
    this.nova = nova;
    this.keystone = keystone;
    this.machines = machines;
    this.thread = Thread.ofVirtual().name("Nova events").unstarted(this::run);
  }

  /**
   * @param options whose authority vouches for Nova too
   */
  static NovaEvents start(URI url, KeystoneOptions options, Keystone keystone, ConfigDb config)
      throws IOException {
    HttpCalls calls =
        options.caFile() == null
            ? new HttpCalls(url.toString(), TIMEOUT)
            : new HttpCalls(url.toString(), TIMEOUT, ServerTrust.of(options.caFile()));
    return start(calls, keystone, port -> machine(config, port));
  }

  /**
   * @param machines tells the machine of a port that is one of Nova's, and null of others
   */
  static NovaEvents start(
      HttpCalls nova, Keystone keystone, Function<UUID, @Nullable UUID> machines) {
    NovaEvents events = new NovaEvents(nova, keystone, machines);
    events.thread.start();
    return events;
  }

  /** A host has plugged a port; any thread may say so. */
  void plugged(UUID port) {
    ports.add(port);
  }

  private void run() {
    try {
      while (true) {
        take();
        if (!pending.isEmpty()) {
          tell();
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }

  /** Waits for news, or until what is pending may be told again. */
  private void take() throws InterruptedException {
    UUID first =
        pending.isEmpty() ? ports.take() : ports.poll(pause.toMillis(), TimeUnit.MILLISECONDS);
    List<UUID> news = new ArrayList<>();
    if (first != null) {
      news.add(first);
    }
    ports.drainTo(news);
    long now = System.nanoTime();
    pending.values().removeIf(event -> now - event.sinceNanos() > PATIENCE.toNanos());
    for (UUID port : news) {
      UUID machine = machines.apply(port);
      if (machine != null) {
        pending.put(port, new Event(port, machine, now));
      }
    }
  }

  private static @Nullable UUID machine(ConfigDb config, UUID port) {
    ConfigObject object = config.image().object(port);
    if (object == null
        || !object.type().name().equals(PORT)
        || !object
            .body()
            .path("virtual_machine_interface_device_owner")
            .asString("")
            .startsWith("compute:")) {
      return null;
    }
    return object.refs(MACHINE).stream().map(Ref::uuid).findFirst().orElse(null);
  }

  private void tell() throws InterruptedException {
    List<Event> events = pending.values().stream().limit(MOST_AT_ONCE).toList();
    try {
      taken(events, post(events));
      pause = pending.isEmpty() ? Duration.ZERO : longer();
    } catch (IOException e) {
      if (pause.isZero()) {
        LOG.warn("Nova is not told of {} ports, tried again: {}", pending.size(), e.getMessage());
      }
      pause = longer();
    }
  }

  private Duration longer() {
    Duration twice = pause.isZero() ? FIRST_PAUSE : pause.multipliedBy(2);
    return twice.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : twice;
  }

  private HttpCalls.Reply post(List<Event> events) throws IOException, InterruptedException {
    ObjectNode body = Json.object();
    ArrayNode list = body.putArray("events");
    for (Event event : events) {
      list.addObject()
          .put("name", "network-vif-plugged")
          .put("status", "completed")
          .put("server_uuid", event.machine().toString())
          .put("tag", event.port().toString());
    }
    String token = keystone.ownToken();
    HttpCalls.Reply reply =
        nova.call("POST", "/os-server-external-events", Json.text(body), "X-Auth-Token", token);
    if (reply.status() == 401) {
      keystone.forgetOwn(token);
    }
    return reply;
  }

  /** Each event has a status of its own. Of a machine that has no host yet, Nova takes it later. */
  private void taken(List<Event> events, HttpCalls.Reply reply) throws IOException {
    switch (reply.status()) {
      case 200, 202 -> events.forEach(event -> pending.remove(event.port()));
      case 404 -> {
        LOG.info("Nova knows none of the machines of {} ports", events.size());
        events.forEach(event -> pending.remove(event.port()));
      }
      case 207 -> {
        try {
          takenOneByOne(reply.json());
        } catch (HttpError | IllegalArgumentException e) {
          throw new IOException("its answer cannot be read: " + e.getMessage(), e);
        }
      }
      default -> throw new IOException("it answers " + reply.status() + " " + reply.text());
    }
  }

  private void takenOneByOne(JsonNode answer) {
    for (JsonNode event : answer.path("events")) {
      if (event.path("code").asInt(0) != 422) {
        pending.remove(UUID.fromString(event.path("tag").asString("")));
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    nova.close();
  }
}
