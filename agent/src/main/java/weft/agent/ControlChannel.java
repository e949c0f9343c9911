package weft.agent;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.AgentCore;
import weft.agent.core.AgentCore.Subscription;
import weft.agent.core.Event;
import weft.agent.core.Ids;
import weft.agent.core.RouteKey;
import weft.net.XmlElement;
import weft.state.Change;
import weft.state.Delta;
import weft.state.DeltaTracker;
import weft.state.Loop;
import weft.xmpp.AgentMessage;
import weft.xmpp.CloseReason;
import weft.xmpp.Codec;
import weft.xmpp.ConfigKey;
import weft.xmpp.ControlMessage;
import weft.xmpp.Decoded;
import weft.xmpp.Item;
import weft.xmpp.MulticastItem;
import weft.xmpp.RouteRequest;
import weft.xmpp.XmppListener;
import weft.xmpp.XmppSession;

/**
 * The agent's side of the sessions with one control node, as far as routes go: tells it what the
 * core wants known, and the core what it sends.
 *
 * <p>Each session starts from nothing: subscriptions and routes are sent again, and what the last
 * session brought stays until this one is complete. There is no sure mark for that on the wire, so
 * End-of-RIB counts if it comes after the last subscription, and else silence does.
 */
final class ControlChannel implements XmppListener {
  /**
   * How long a session must be silent, or old, before it counts as complete.
   *
   * @param configQuiet if all ports have their config
   * @param portsQuiet if some port still has none
   * @param routesQuiet without End-of-RIB
   * @param endOfRibQuiet after End-of-RIB
   * @param reconnectHold the least age of a session after the first: a control node that has come
   *     back hears from the other hosts only by and by
   * @param atMost the age at which it is complete in any case
   * @param stale how long routes of a lost control node stay that no other one has
   */
  record Patience(
      Duration configQuiet,
      Duration portsQuiet,
      Duration routesQuiet,
      Duration endOfRibQuiet,
      Duration reconnectHold,
      Duration atMost,
      Duration stale) {
    static final Patience DEFAULT =
        new Patience(
            Duration.ofMillis(1000),
            Duration.ofSeconds(8),
            Duration.ofSeconds(5),
            Duration.ofMillis(500),
            Duration.ofSeconds(10),
            Duration.ofSeconds(60),
            Duration.ofSeconds(60));
  }

  /** All channels of the agent, and what they share: the config. */
  interface Plane {
    void happened(Event event);

    void opened(ControlChannel channel, XmppSession session);

    void lost(ControlChannel channel);

    /** The config's part of what is pending, before routes are published. */
    void pumpConfig(ControlChannel channel, XmppSession session);

    /** What of the config is not wanted any more, after routes are withdrawn. */
    void leaveConfig(ControlChannel channel, XmppSession session);

    void configCame(ControlChannel channel, ControlMessage.Config config);

    /** Whether all config is here, from whichever node. */
    boolean configComplete();

    /** When config last came. */
    long configNs();

    /** All routes of the channel's session are here. */
    void complete(ControlChannel channel);
  }

  private static final Duration CHECK = Duration.ofMillis(100);

  private static final int TREE_LABELS = 20_000;

  private final int node;
  private final String name;
  private final Loop loop;
  private final Plane plane;
  private final Patience patience;
  private final DeltaTracker<UUID, Boolean> ports = new DeltaTracker<>();
  private final DeltaTracker<String, Subscription> vrfs = new DeltaTracker<>();
  private final DeltaTracker<RouteKey, Item> routes = new DeltaTracker<>();

  /** To be in trees, which one control node makes; told if it is this one. */
  private final Map<RouteKey, Item> wishes = new HashMap<>();

  private boolean makesTrees;
  private @Nullable XmppSession session;
  private long messageId;
  private int sessions;
  private int malformed;
  private String lastEnd = "";

  private long openedNs;
  private long routesNs;
  private boolean endOfRib;
  private boolean endOfRibSent;
  private boolean complete;

  /**
   * @param node which of the agent's control nodes it is: 0, 1 …
   */
  ControlChannel(int node, String name, Loop loop, Plane plane, Patience patience) {
    this.node = node;
    this.name = name;
    this.loop = loop;
    this.plane = plane;
    this.patience = patience;
  }

  int node() {
    return node;
  }

  /** Takes over what the core wants told. */
  void desire(AgentCore.Output output) {
    follow(output.ports(), ports);
    follow(output.vrfs(), vrfs);
    for (Change<RouteKey, Item> change : output.routes().changes()) {
      Item item = change instanceof Change.Put<RouteKey, Item> put ? put.after() : null;
      if (item instanceof MulticastItem wish) {
        wishes.put(change.key(), wish.withLabels(firstLabel(), firstLabel() + TREE_LABELS - 1));
      } else if (item == null) {
        wishes.remove(change.key());
      }
      Item told = wishes.getOrDefault(change.key(), item);
      if (told == null) {
        routes.undesire(change.key());
      } else if (makesTrees || !(told instanceof MulticastItem)) {
        routes.desire(change.key(), told);
      }
    }
  }

  /** Control nodes have labels of their own to give: trees of one are not taken for the other's. */
  private int firstLabel() {
    return Ids.TREE_LABELS + node * TREE_LABELS;
  }

  /** Whether this control node is the one to make trees. */
  void makeTrees(boolean make) {
    makesTrees = make;
    wishes.forEach((key, wish) -> {
      if (make) {
        routes.desire(key, wish);
      } else {
        routes.undesire(key);
      }
    });
  }

  private static <K, V> void follow(Delta<K, V> delta, DeltaTracker<K, V> tracker) {
    for (Change<K, V> change : delta.changes()) {
      switch (change) {
        case Change.Put<K, V> put -> tracker.desire(put.key(), put.after());
        case Change.Remove<K, V> remove -> tracker.undesire(remove.key());
      }
    }
  }

  @Override
  public void opened(XmppSession opened) {
    session = opened;
    sessions++;
    forget(ports);
    forget(vrfs);
    forget(routes);
    openedNs = loop.nowNs();
    routesNs = openedNs;
    endOfRib = false;
    endOfRibSent = false;
    complete = false;
    plane.happened(new Event.SessionOpened(node));
    plane.opened(this, opened);
    pump();
    loop.schedule(CHECK, () -> check(opened));
  }

  private static <K, V> void forget(DeltaTracker<K, V> tracker) {
    tracker.actual().keySet().forEach(tracker::absent);
  }

  @Override
  public void closed(XmppSession closed, CloseReason reason) {
    if (isCurrent(closed)) {
      session = null;
      complete = false;
      lastEnd = reason.toString();
      plane.happened(new Event.SessionLost(node));
      plane.lost(this);
    }
  }

  @Override
  public void writable(XmppSession writable) {
    pump();
  }

  @Override
  public void malformed(XmppSession from, String reason) {
    malformed++;
  }

  @Override
  public void stanza(XmppSession from, XmlElement stanza) {
    if (!isCurrent(from)) {
      return;
    }
    switch (Codec.readControl(stanza)) {
      case Decoded.Ok<ControlMessage>(ControlMessage message) -> received(message);
      case Decoded.Malformed<ControlMessage> _ -> malformed++;
    }
  }

  private boolean isCurrent(XmppSession other) {
    XmppSession current = session;
    return current != null && current.serial() == other.serial();
  }

  private void received(ControlMessage message) {
    switch (message) {
      case ControlMessage.Items items -> {
        routesNs = loop.nowNs();
        plane.happened(new Event.RoutesCame(node, items.table(), items.entries()));
      }
      case ControlMessage.Retract retract -> {
        routesNs = loop.nowNs();
        plane.happened(new Event.RoutesWent(node, retract.table(), retract.ids()));
      }
      case ControlMessage.Config config -> plane.configCame(this, config);
      case ControlMessage.EndOfRib _ -> endOfRib = true;
    }
  }

  /** Sends what is pending, as far as the session takes it. */
  void pump() {
    XmppSession to = session;
    if (to == null) {
      return;
    }
    plane.pumpConfig(this, to);
    withdraw(to);
    for (Map.Entry<String, Subscription> vrf : vrfs.pendingUpdates().entrySet()) {
      subscribe(to, vrf.getKey(), vrf.getValue());
    }
    publish(to);
    for (String vrf : vrfs.pendingDeletes()) {
      unsubscribe(to, vrf);
    }
    plane.leaveConfig(this, to);
    tellPorts(to);
  }

  /** Which ports carry packets, after their routes: by this Neutron knows that they are active. */
  private void tellPorts(XmppSession to) {
    for (UUID port : ports.pendingUpdates().keySet()) {
      send(to, new AgentMessage.SubscribeConfig(port(port)));
      ports.actual(port, true);
    }
    for (UUID port : ports.pendingDeletes()) {
      send(to, new AgentMessage.UnsubscribeConfig(port(port)));
      ports.absent(port);
    }
  }

  private static ConfigKey port(UUID port) {
    return new ConfigKey("virtual-machine-interface", port.toString());
  }

  private void subscribe(XmppSession to, String vrf, Subscription subscription) {
    if (vrfs.actual(vrf) != null) {
      unsubscribe(to, vrf);
    }
    send(to, new AgentMessage.Subscribe(vrf, subscription.id(), false));
    vrfs.actual(vrf, subscription);
    routesNs = loop.nowNs();
    endOfRib = false;
  }

  /** The control node forgets the routes that this agent has published there. */
  private void unsubscribe(XmppSession to, String vrf) {
    send(to, new AgentMessage.Unsubscribe(vrf));
    vrfs.absent(vrf);
    for (RouteKey key : routes.actual().keySet()) {
      if (key.instance().equals(vrf)) {
        routes.absent(key);
      }
    }
  }

  private void withdraw(XmppSession to) {
    for (RouteKey key : routes.pendingDeletes()) {
      Item item = routes.actual(key);
      if (item != null) {
        to.send(Codec.write(RouteRequest.withdraw(key.instance(), item), name, messageId++));
      }
      routes.absent(key);
    }
  }

  private void publish(XmppSession to) {
    for (Map.Entry<RouteKey, Item> route : routes.pendingUpdates().entrySet()) {
      if (!to.writable()) {
        return;
      }
      String instance = route.getKey().instance();
      if (vrfs.actual(instance) != null) {
        to.send(Codec.write(RouteRequest.publish(instance, route.getValue()), name, messageId++));
        routes.actual(route.getKey(), route.getValue());
      }
    }
  }

  private void send(XmppSession to, AgentMessage message) {
    to.send(Codec.write(message, name, messageId++));
  }

  private void check(XmppSession of) {
    if (!isCurrent(of) || complete) {
      return;
    }
    if (plane.configComplete()) {
      if (!endOfRibSent && routes.inSync()) {
        endOfRibSent = true;
        send(of, new AgentMessage.EndOfRib());
      }
      if (routesComplete(loop.nowNs())) {
        complete = true;
        plane.happened(new Event.RoutesComplete(node));
        plane.complete(this);
        return;
      }
    }
    loop.schedule(CHECK, () -> check(of));
  }

  private boolean routesComplete(long now) {
    long age = now - openedNs;
    Duration quiet = endOfRib ? patience.endOfRibQuiet() : patience.routesQuiet();
    boolean held = sessions > 1 && age < patience.reconnectHold().toNanos();
    boolean silent = now - Math.max(routesNs, plane.configNs()) >= quiet.toNanos();
    return age >= patience.atMost().toNanos() || !held && silent;
  }

  /** Whether all routes of the present session are here. */
  boolean isComplete() {
    return complete;
  }

  /** The state of the channel, for people. */
  record Status(
      int node,
      String state,
      int sessions,
      boolean complete,
      int malformed,
      String lastEnd,
      int subscribedVrfs,
      int publishedRoutes,
      boolean inSync) {}

  Status status() {
    return new Status(
        node,
        session == null ? "Connecting" : "Established",
        sessions,
        complete,
        malformed,
        lastEnd,
        vrfs.actual().size(),
        routes.actual().size(),
        ports.inSync() && vrfs.inSync() && routes.inSync());
  }

  @Nullable XmppSession session() {
    return session;
  }
}
