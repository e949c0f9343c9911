package weft.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.bgp.BgpServer;
import weft.config.ConfigDb;
import weft.config.ConfigDelta;
import weft.config.ConfigFeed;
import weft.config.ConfigImage;
import weft.http.HttpServer;
import weft.routing.InstanceConfig;
import weft.routing.Rib;
import weft.routing.RoutingEvent;
import weft.schema.FqName;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.xmpp.TlsFiles;
import weft.xmpp.TlsIdentity;
import weft.xmpp.XmppServer;

/** A running control node: routes and configuration for agents, routes for BGP peers. */
public final class ControlNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlNode.class);

  private final ControlOptions options;
  private final FaultHandler faults;
  private final EventLoop loop;
  private final Counters counters = new Counters();
  private final RouteFeed feed;
  private final ConfigChannel channel;
  private final StartUp startUp;
  private final Agents agents;
  private final Neighbours neighbours;
  private SortedMap<String, InstanceConfig> instances = new TreeMap<>();
  private volatile @Nullable XmppServer xmpp;
  private volatile List<InetSocketAddress> bgpAddresses = List.of();
  private @Nullable Duration fastHold;
  private @Nullable ConfigFeed config;
  private @Nullable HttpServer http;

  /** Completed when agents and BGP peers are let in, or cannot be. */
  private final CompletableFuture<@Nullable IOException> open = new CompletableFuture<>();

  /**
   * <pre>
   *  config feed ─► RoutingConfig ─► RouteFeed(Rib) ◄─► Agents     ◄─► XmppServer
   *        │              └────────────────▲     └────► Neighbours ◄─► BgpServer
   *        └──────► ConfigChannel ─────────┼──────────► Agents
   *                                   Introspection ◄─► HttpServer
   * </pre>
   *
   * Everything but the three servers' own threads runs on one loop.
   */
  private ControlNode(ControlOptions options, FaultHandler faults, Consumer<UUID> portUp) {
    this.options = options;
    this.faults = faults;
    channel =
        new ConfigChannel(port -> {
          try {
            portUp.accept(UUID.fromString(port));
          } catch (IllegalArgumentException e) {
            LOG.info("an agent speaks of a port '{}', which is no uuid", port);
          }
        });
    loop = EventLoop.start("control", faults);
    feed = new RouteFeed(new Rib(), loop);
    startUp = new StartUp(loop, options.times().restart());
    agents = new Agents(loop, feed, channel, counters, AgentTimes.of(options), startUp);
    neighbours = new Neighbours(options, loop, faults, feed, counters);
    feed.senders(agents::send, neighbours::send);
    agents.waitFor(neighbours::haveTold);
    neighbours.waitFor(agents::haveTold);
  }

  /**
   * Starts everything and returns once agents and BGP peers are let in: after the configuration has
   * been read.
   *
   * @param config stays the caller's to close
   * @throws IOException if an address cannot be bound
   */
  public static ControlNode start(ControlOptions options, ConfigDb config, FaultHandler faults)
      throws IOException {
    return start(options, config, faults, _ -> {});
  }

  /**
   * As {@link #start(ControlOptions, ConfigDb, FaultHandler)}.
   *
   * @param portUp is told, on the node's loop, of each port of which an agent begins to say that it
   *     carries packets
   */
  public static ControlNode start(
      ControlOptions options, ConfigDb config, FaultHandler faults, Consumer<UUID> portUp)
      throws IOException {
    ControlNode node = new ControlNode(options, faults, portUp);
    try {
      Introspection introspection =
          new Introspection(
              options,
              node.loop,
              node.feed,
              node.agents,
              node.neighbours,
              node.channel,
              node.counters);
      node.http =
          HttpServer.start(
              options.listen().http().withLimits(options.limits().http()), introspection.routes());
      node.config = config.feed(node.loop, node::follow);
      IOException failure = node.open.join();
      if (failure != null) {
        throw failure;
      }
      return node;
    } catch (IOException e) {
      node.close();
      throw e;
    }
  }

  private void follow(ConfigDelta delta, ConfigImage image) {
    try {
      configured(delta, image);
    } catch (RuntimeException e) {
      open.completeExceptionally(e);
      throw e;
    }
  }

  private void configured(ConfigDelta delta, ConfigImage image) {
    boolean concernsRouting =
        delta.snapshot() || delta.objects().stream().anyMatch(RoutingConfig::isOf);
    startUp.configured(image);
    if (concernsRouting) {
      configureRouting(RoutingConfig.of(image, options));
      configureAgents(AgentTimes.of(image, options));
    }
    channel.changed(delta, image);
    if (!open.isDone()) {
      openXmpp();
    }
  }

  private void configureAgents(AgentTimes times) {
    agents.configure(times);
    fastHold = times.fastHold();
    XmppServer server = xmpp;
    if (server != null) {
      server.fastHold(fastHold);
    }
  }

  private void configureRouting(RoutingConfig routing) {
    for (String name : instances.keySet()) {
      if (!routing.instances().containsKey(name)) {
        feed.apply(new RoutingEvent.InstanceRemoved(name));
      }
    }
    for (Map.Entry<String, InstanceConfig> entry : routing.instances().entrySet()) {
      if (!entry.getValue().equals(instances.get(entry.getKey()))) {
        feed.apply(new RoutingEvent.InstanceChanged(entry.getValue()));
      }
    }
    instances = routing.instances();
    feed.apply(new RoutingEvent.Ranked(routing.rules()));
    feed.apply(new RoutingEvent.NextHopsChecked(routing.nextHopsChecked()));
    feed.apply(
        new RoutingEvent.Speaker(routing.asn(), options.routerId(), routing.clusterId() != 0));
    neighbours.configure(routing);
    boolean speaksBgp = !options.listen().bgp().isEmpty() || !routing.neighbours().isEmpty();
    if (speaksBgp && neighbours.server() == null) {
      openBgp();
    }
  }

  private void openBgp() {
    try {
      neighbours.start();
      BgpServer server = neighbours.server();
      bgpAddresses = server == null ? List.of() : server.addresses();
    } catch (IOException e) {
      if (!open.complete(e)) {
        faults.fault("BGP", new UncheckedIOException(e));
      }
    }
  }

  private void openXmpp() {
    XmppServer.Options usual =
        XmppServer.Options.of(options.listen().xmpp().toArray(InetSocketAddress[]::new))
            .withHoldTime(options.times().xmppHold())
            .withOpenTime(options.limits().xmppOpen())
            .withLimits(options.limits().xmpp());
    try {
      ControlOptions.Tls tls = options.xmppTls();
      TlsIdentity identity =
          tls == null
              ? null
              : TlsIdentity.load(
                  new TlsFiles(tls.certificate(), tls.key(), tls.authority()),
                  why -> LOG.error("keeps its XMPP certificate, as the new one fails: {}", why));
      XmppServer server = XmppServer.start(usual.withTls(identity), loop, agents);
      Duration hold = fastHold;
      loop.execute(() -> server.fastHold(hold));
      counters.include(() -> endings(server));
      xmpp = server;
      open.complete(null);
      LOG.info("control node {} lets agents in", options.name());
    } catch (IOException e) {
      open.complete(e);
    }
  }

  /** How often a stream ended, and a connection was refused, with the reason. */
  private static Map<String, Long> endings(XmppServer server) {
    Map<String, Long> counts = new TreeMap<>();
    server
        .endings()
        .forEach((kind, count) ->
            counts.put("xmpp_ended_" + kind.name().toLowerCase(Locale.ROOT), count));
    server
        .refusals()
        .forEach((reason, count) ->
            counts.put("xmpp_refused_" + reason.name().toLowerCase(Locale.ROOT), count));
    return counts;
  }

  /** Where agents connect. */
  public List<InetSocketAddress> xmppAddresses() {
    XmppServer server = xmpp;
    return server == null ? List.of() : server.addresses();
  }

  /** Where BGP peers connect. */
  public List<InetSocketAddress> bgpAddresses() {
    return bgpAddresses;
  }

  /**
   * Whether an agent with a session here says that a port carries packets; any thread may ask.
   *
   * @param port the virtual-machine-interface
   */
  public boolean isActive(UUID port) {
    return channel.isActive(port.toString());
  }

  /**
   * Whether the agent of a host has a session here; any thread may ask.
   *
   * @param router the virtual-router
   */
  public boolean isConnected(FqName router) {
    return channel.isConnected(router);
  }

  /** The port of introspection. */
  public int httpPort() {
    HttpServer server = http;
    return server == null ? 0 : server.port();
  }

  /** Ends all sessions. */
  @Override
  public void close() {
    ConfigFeed following = config;
    if (following != null) {
      following.close();
    }
    HttpServer introspection = http;
    if (introspection != null) {
      introspection.close();
    }
    XmppServer server = xmpp;
    if (server != null) {
      server.close();
    }
    BgpServer bgp = neighbours.server();
    if (bgp != null) {
      bgp.close();
    }
    loop.close();
    neighbours.stopWatching();
  }
}
