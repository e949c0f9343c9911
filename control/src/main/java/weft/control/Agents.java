package weft.control;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.XmlElement;
import weft.routing.Batch;
import weft.routing.Peer;
import weft.routing.RibOut;
import weft.routing.RoutingEvent;
import weft.routing.Verdict;
import weft.state.Loop;
import weft.xmpp.AgentMessage;
import weft.xmpp.CloseReason;
import weft.xmpp.Codec;
import weft.xmpp.ControlMessage;
import weft.xmpp.Decoded;
import weft.xmpp.PublishAssembler;
import weft.xmpp.RouteRequest;
import weft.xmpp.SharedMessage;
import weft.xmpp.XmppListener;
import weft.xmpp.XmppSession;

/**
 * The vRouter agents as peers: their sessions, what they tell, what they are told.
 *
 * <p>The routes of an agent whose session is lost stay for the restart time. Belongs to the node's
 * loop.
 */
final class Agents implements XmppListener {
  private static final Logger LOG = LoggerFactory.getLogger(Agents.class);

  /** An agent has subscribed to all it wants once it has not subscribed for so long. */
  private static final Duration QUIET = Duration.ofSeconds(1);

  private static final Duration QUIET_IF_NOTHING_WANTED = Duration.ofSeconds(3);
  private static final Duration CHECK = Duration.ofMillis(500);
  private static final int BATCH = 512;

  /** One agent, with or without a session. */
  static final class Agent {
    final String name;
    IpAddress address;
    @Nullable XmppSession session;
    PublishAssembler assembler = new PublishAssembler();
    Loop.@Nullable Timer sweep;
    boolean endOfRibIn;
    boolean endOfRibOut;
    long changedNs;
    long wantedNs;
    int flaps;
    @Nullable Long lostNs;
    String lastEnd = "";

    Agent(String name, IpAddress address) {
      this.name = name;
      this.address = address;
    }

    /** Whether this is its present session. */
    boolean has(XmppSession other) {
      XmppSession mine = session;
      return mine != null && mine.serial() == other.serial();
    }
  }

  private final Loop loop;
  private final RouteFeed feed;
  private final ConfigChannel config;
  private final Counters counters;
  private final StartUp startUp;
  private final Map<String, Agent> agents = new TreeMap<>();
  private AgentTimes times;
  private long endedIn;
  private long endedOut;
  private BooleanSupplier othersHaveTold = () -> true;

  Agents(
      Loop loop,
      RouteFeed feed,
      ConfigChannel config,
      Counters counters,
      AgentTimes times,
      StartUp startUp) {
    this.loop = loop;
    this.feed = feed;
    this.config = config;
    this.counters = counters;
    this.times = times;
    this.startUp = startUp;
  }

  /** What holds from the next loss on; sessions go on. */
  void configure(AgentTimes next) {
    times = next;
  }

  /**
   * @param told says whether BGP peers have told what they know since we started
   */
  void waitFor(BooleanSupplier told) {
    othersHaveTold = told;
  }

  /** Whether the agents have told what they know since we started, or had the time for it. */
  boolean haveTold() {
    return startUp.isDue(isEveryoneHere());
  }

  /** The stanzas of sessions that are over: how many came, and how many were sent. */
  List<Long> endedStanzas() {
    return List.of(endedIn, endedOut);
  }

  Collection<Agent> all() {
    return List.copyOf(agents.values());
  }

  // ---- sessions

  @Override
  public void opened(XmppSession session) {
    IpAddress address = IpAddress.of(session.remoteAddress().getAddress());
    Agent agent = agents.computeIfAbsent(session.name(), name -> new Agent(name, address));
    XmppSession before = agent.session;
    if (before != null) {
      lost(agent, "replaced");
      agents.put(agent.name, agent);
    }
    agent.session = session;
    agent.address = address;
    agent.assembler = new PublishAssembler();
    agent.endOfRibIn = false;
    agent.endOfRibOut = false;
    agent.changedNs = loop.nowNs();
    agent.wantedNs = loop.nowNs();
    int id = address instanceof Ipv4Address four ? four.bits() : 0;
    feed.apply(new RoutingEvent.PeerUp(new Peer(agent.name, Peer.Kind.AGENT, address, id)));
    if (agent.sweep != null) {
      schedule(agent, times.endOfRib(), () -> sweep(agent));
    }
    loop.schedule(CHECK, () -> considerEndOfRib(agent, session));
    LOG.info("agent {} connected from {}", agent.name, session.remoteAddress());
  }

  @Override
  public void closed(XmppSession session, CloseReason reason) {
    Agent agent = agents.get(session.name());
    if (agent != null && agent.has(session)) {
      lost(agent, reason.toString());
    }
  }

  @Override
  public void refused(String from, CloseReason reason) {
    LOG.warn("{} is not let in: {}", from, reason);
  }

  private void lost(Agent agent, String why) {
    XmppSession ended = agent.session;
    if (ended != null) {
      endedIn += ended.statistics().stanzasIn();
      endedOut += ended.statistics().stanzasOut();
    }
    agent.session = null;
    agent.flaps++;
    agent.lastEnd = why;
    agent.changedNs = loop.nowNs();
    agent.lostNs = agent.changedNs;
    config.lost(agent.name);
    boolean retain = times.restart().isPositive();
    feed.apply(new RoutingEvent.PeerDown(agent.name, retain));
    if (retain) {
      schedule(agent, times.restart(), () -> stayedAway(agent));
    } else {
      sweep(agent);
    }
    LOG.info("agent {} lost: {}", agent.name, why);
  }

  private void schedule(Agent agent, Duration after, Runnable what) {
    Loop.Timer before = agent.sweep;
    if (before != null) {
      before.cancel();
    }
    agent.sweep = loop.schedule(after, what);
  }

  /** Its routes become the last choice for a while, if that is configured. */
  private void stayedAway(Agent agent) {
    if (times.longLived().isPositive()) {
      feed.apply(new RoutingEvent.PeerLost(agent.name, null));
      schedule(agent, times.longLived(), () -> sweep(agent));
    } else {
      sweep(agent);
    }
  }

  private void sweep(Agent agent) {
    Loop.Timer timer = agent.sweep;
    if (timer != null) {
      timer.cancel();
      agent.sweep = null;
      feed.apply(new RoutingEvent.Sweep(agent.name));
    }
    if (agent.session == null && !startUp.expectedAgents().contains(agent.name)) {
      agents.remove(agent.name, agent);
    }
  }

  // ---- what agents say

  @Override
  public void stanza(XmppSession session, XmlElement stanza) {
    Agent agent = agents.get(session.name());
    if (agent == null || !agent.has(session)) {
      return;
    }
    switch (Codec.readAgent(stanza)) {
      case Decoded.Ok<AgentMessage>(AgentMessage message) -> take(agent, session, message);
      case Decoded.Malformed<AgentMessage>(String reason) -> malformed(session, reason);
    }
  }

  @Override
  public void malformed(XmppSession session, String reason) {
    counters.count("xmpp_malformed");
    LOG.warn("agent {}: dropped: {}", session.name(), reason);
  }

  private void take(Agent agent, XmppSession session, AgentMessage message) {
    switch (message) {
      case AgentMessage.Subscribe m -> {
        agent.wantedNs = loop.nowNs();
        if (agent.endOfRibOut) {
          agent.endOfRibOut = false;
          loop.schedule(CHECK, () -> considerEndOfRib(agent, session));
        }
        count(
            feed.apply(
                new RoutingEvent.Subscribe(
                    agent.name, m.instance(), m.instanceId(), !m.noRibOut())),
            "subscribe");
      }
      case AgentMessage.Unsubscribe m -> {
        takeBack(agent, session, m.instance());
        count(feed.apply(new RoutingEvent.Unsubscribe(agent.name, m.instance())), "unsubscribe");
      }
      case AgentMessage.Publish m -> pair(agent, agent.assembler.publish(m));
      case AgentMessage.Collect m -> pair(agent, agent.assembler.collect(m));
      case AgentMessage.EndOfRib _ -> {
        agent.endOfRibIn = true;
        sweep(agent);
      }
      case AgentMessage.SubscribeConfig m -> {
        switch (m.node().type()) {
          case AgentGraph.VIRTUAL_ROUTER -> config.subscribe(session, m.node().name());
          case AgentGraph.VIRTUAL_MACHINE -> config.addMachine(session, m.node().name());
          case AgentGraph.PORT -> config.addPort(agent.name, m.node().name());
          default -> counters.count("config_unknown_subscribe");
        }
      }
      case AgentMessage.UnsubscribeConfig m -> {
        switch (m.node().type()) {
          case AgentGraph.VIRTUAL_ROUTER -> config.unsubscribe(agent.name);
          case AgentGraph.VIRTUAL_MACHINE -> config.removeMachine(session, m.node().name());
          case AgentGraph.PORT -> config.removePort(agent.name, m.node().name());
          default -> counters.count("config_unknown_unsubscribe");
        }
      }
    }
  }

  /**
   * An agent that subscribes again at once takes what is still under way to it for routes of its
   * new subscription, and would never hear that they are gone.
   */
  private void takeBack(Agent agent, XmppSession session, String instance) {
    for (RibOut ribOut : feed.rib().ribOuts(agent.name)) {
      if (ribOut.table().instance().equals(instance)) {
        AgentRoutes.encode(ribOut.table(), ribOut.takenBack(agent.name)).forEach(session::send);
      }
    }
  }

  private void pair(Agent agent, PublishAssembler.Outcome outcome) {
    switch (outcome) {
      case PublishAssembler.Outcome.Waiting _ -> {}
      case PublishAssembler.Outcome.Complete(RouteRequest request) -> route(agent, request);
      case PublishAssembler.Outcome.Dropped(String reason) -> {
        counters.count("xmpp_route_dropped");
        LOG.warn("agent {}: route dropped: {}", agent.name, reason);
      }
    }
  }

  private void route(Agent agent, RouteRequest request) {
    int instanceId = feed.rib().instanceId(agent.name, request.instance());
    RoutingEvent event = AgentRoutes.event(agent.name, agent.address, instanceId, request);
    if (event == null) {
      counters.count("xmpp_route_unsupported");
      return;
    }
    count(feed.apply(event), request.withdraw() ? "withdraw" : "publish");
  }

  private void count(Verdict verdict, String what) {
    switch (verdict) {
      case DONE -> {}
      case REPEATED -> counters.count("xmpp_" + what + "_repeated");
      case NOT_SUBSCRIBED, NO_PEER -> counters.count("xmpp_" + what + "_not_subscribed");
    }
  }

  // ---- what agents are told

  @Override
  public void writable(XmppSession session) {
    Agent agent = agents.get(session.name());
    if (agent != null && agent.has(session)) {
      config.writable(session);
      feed.rib().ribOuts(agent.name).forEach(ribOut -> send(ribOut, agent.name));
    }
  }

  /** Sends an agent what it has not been told of a table, until it takes no more. */
  void send(RibOut ribOut, String name) {
    Agent agent = agents.get(name);
    XmppSession session = agent == null ? null : agent.session;
    while (session != null && session.writable() && ribOut.isPending(name)) {
      for (Batch.Part part : ribOut.next(name, BATCH).parts()) {
        encoded(ribOut, part).forEach(session::send);
      }
    }
  }

  @SuppressWarnings("unchecked") // only this method keeps something with the parts for agents
  private static List<SharedMessage> encoded(RibOut ribOut, Batch.Part part) {
    Object known = part.encoded();
    if (known != null) {
      return (List<SharedMessage>) known;
    }
    List<SharedMessage> messages = AgentRoutes.encode(ribOut.table(), part.updates());
    part.keep(messages);
    return messages;
  }

  /**
   * Tells an agent that it has all routes of what it has subscribed to. Not while other peers may
   * still have to tell us theirs: the agent would drop routes that are only late.
   */
  private void considerEndOfRib(Agent agent, XmppSession session) {
    if (!agent.has(session) || agent.endOfRibOut) {
      return;
    }
    boolean told = feed.rib().ribOuts(agent.name).stream().noneMatch(r -> r.isPending(agent.name));
    if (told
        && isQuiet(agent)
        && startUp.isOver(isEveryoneHere() && othersHaveTold.getAsBoolean())) {
      agent.endOfRibOut = true;
      session.send(Codec.write(new ControlMessage.EndOfRib()));
    } else {
      loop.schedule(CHECK, () -> considerEndOfRib(agent, session));
    }
  }

  private boolean isQuiet(Agent agent) {
    boolean wantsNothing = feed.rib().subscriptions(agent.name).isEmpty();
    Duration quiet = wantsNothing ? QUIET_IF_NOTHING_WANTED : QUIET;
    return loop.nowNs() - agent.wantedNs >= quiet.toNanos();
  }

  /** One that is lost again has told what it had the time for, and that stays as it is. */
  private boolean isEveryoneHere() {
    for (String name : startUp.expectedAgents()) {
      Agent agent = agents.get(name);
      boolean here = agent == null ? !startUp.mayCome() : hasTold(agent);
      if (!here) {
        return false;
      }
    }
    return true;
  }

  private boolean hasTold(Agent agent) {
    return agent.session == null || agent.endOfRibIn || isQuiet(agent);
  }
}
