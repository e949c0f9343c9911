package weft.control;

import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.bfd.BfdPeers;
import weft.bgp.BgpListener;
import weft.bgp.BgpServer;
import weft.bgp.BgpSession;
import weft.bgp.Cease;
import weft.bgp.Decoded;
import weft.bgp.Ending;
import weft.bgp.Family;
import weft.bgp.Update;
import weft.net.IpAddress;
import weft.routing.RibOut;
import weft.routing.RoutingEvent;
import weft.routing.TableId;
import weft.state.FaultHandler;
import weft.state.Loop;

/**
 * The BGP peers: sessions to the configured routers, what they tell, what they are told.
 *
 * <p>Belongs to the node's loop.
 */
final class Neighbours implements BgpListener {
  private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);

  /** The peer's memberships are waited for so long before its VPN routes count as told. */
  private static final Duration MEMBERSHIP_WAIT = Duration.ofSeconds(30);

  private static final Duration CHECK = Duration.ofMillis(500);

  private final ControlOptions options;
  private final Loop loop;
  private final RouteFeed feed;
  private final Counters counters;
  private final Map<String, Peering> configured = new TreeMap<>();
  private final Map<String, Neighbour> live = new HashMap<>();

  private final AwayNeighbours away;
  private final PeerWatch watch;
  private @Nullable BgpServer server;
  private BooleanSupplier startedUp = () -> true;
  private boolean restarting = true;
  private long openedNs;
  private long asn = RoutingConfig.DEFAULT_ASN;
  private int clusterId;
  private RestartTimes restart =
      new RestartTimes(BgpServer.Restart.NONE, true, Duration.ofMinutes(5));

  Neighbours(
      ControlOptions options, Loop loop, FaultHandler faults, RouteFeed feed, Counters counters) {
    this.options = options;
    this.loop = loop;
    this.feed = feed;
    this.counters = counters;
    this.openedNs = loop.nowNs();
    away = new AwayNeighbours(loop, feed);
    watch = new PeerWatch(loop, faults, counters, this::unreachable);
    counters.include(this::refusals);
  }

  // ---- configuration

  /** Listens, and dials those that are configured. */
  void start() throws IOException {
    BgpServer opened =
        BgpServer.start(
            new BgpServer.Options(
                options.listen().bgp(), asn, options.routerId(), 4 << 20, options.limits().bgp()),
            loop,
            RandomGenerator.getDefault(),
            this);
    server = opened;
    openedNs = loop.nowNs();
    opened.restarting(restarting);
    configured.values().forEach(this::add);
    awaitStartUp();
  }

  /** Until others have told us what they know, peers are not told that they know all. */
  void awaitStartUp() {
    if (!restarting) {
      return;
    }
    if (startedUp.getAsBoolean()) {
      restarting = false;
      if (server != null) {
        server.restarting(false);
      }
      List.copyOf(live.values()).forEach(this::greet);
    } else {
      loop.schedule(CHECK, this::awaitStartUp);
    }
  }

  /** How many connections were closed at once, by reason. */
  private Map<String, Long> refusals() {
    Map<String, Long> counts = new TreeMap<>();
    BgpServer running = server;
    if (running != null) {
      running
          .refusals()
          .forEach((reason, count) ->
              counts.put("bgp_refused_" + reason.name().toLowerCase(Locale.ROOT), count));
    }
    return counts;
  }

  long asn() {
    return asn;
  }

  @Nullable BgpServer server() {
    return server;
  }

  /**
   * @param told says whether agents have told what they know since we started
   */
  void waitFor(BooleanSupplier told) {
    startedUp = told;
  }

  /**
   * Whether the peers have told what they know. One that is not there after two attempts to reach
   * it is not waited for: what it told before is of no use while it is away.
   */
  boolean haveTold() {
    boolean tried = loop.nowNs() - openedNs > 2 * options.times().bgpRetry().toNanos();
    return (tried || live.size() >= configured.size())
        && live.values().stream().noneMatch(Neighbour::owesEndOfRib);
  }

  void configure(RoutingConfig config) {
    restart = config.restart();
    boolean asnChanged = asn != config.asn();
    asn = config.asn();
    Map<String, Peering> wanted = config.neighbours();
    for (Peering known : List.copyOf(configured.values())) {
      Peering next = wanted.get(known.name());
      if (next == null || !next.address().equals(known.address())) {
        configured.remove(known.name());
        if (server != null) {
          server.remove(known.address());
        }
      }
    }
    watch.configure(wanted.values());
    boolean clusterChanged = clusterId != config.clusterId();
    clusterId = config.clusterId();
    wanted.forEach((name, peering) -> {
      Peering before = configured.put(name, peering);
      add(peering);
      if (before != null && !before.rewriting().equals(peering.rewriting())) {
        tellAgain(name);
      }
      if (before != null && !before.families().equals(peering.families())) {
        ask(name);
      }
      Neighbour one = live.get(name);
      if (one != null && before != null && before.paths() != peering.paths()) {
        changePaths(one, before.paths() > 1 && peering.paths() > 1);
      }
    });
    if (asnChanged) {
      List.copyOf(live.keySet()).forEach(this::tellAgain);
      List.copyOf(live.keySet()).forEach(this::ask);
    }
    if (clusterChanged) {
      live.values().stream().filter(one -> one.isInternal()).forEach(one -> tellAgain(one.name()));
    }
  }

  /**
   * It is told another number of paths: between the marks of RFC 7313 all anew, so that nothing is
   * gone meanwhile; else in a new session.
   *
   * @param alike what the OPEN says of it has not changed
   */
  private void changePaths(Neighbour one, boolean alike) {
    if (!alike || !one.session.negotiated().enhancedRefresh()) {
      one.session.close(Cease.CONFIG_CHANGED);
      return;
    }
    one.changePaths(feed, paths(one));
    loop.execute(() -> greet(one));
  }

  /** Without effect on a peer that is known and whose terms are the same. */
  private void add(Peering peering) {
    if (server != null) {
      server.add(
          new BgpServer.Peer(
              peering.address(),
              peering.port(),
              peering.asn(),
              null,
              peering.passive(),
              peering.holdTime(),
              options.times().bgpRetry(),
              peering.families().keySet(),
              peering.localAsn(),
              restart.ours(),
              peering.protection(),
              peering.paths() > 1));
    }
  }

  /** What the peer is told is written differently from now on. */
  private void tellAgain(String name) {
    for (weft.routing.Family family : BgpRoutes.FAMILIES.values()) {
      feed.apply(new RoutingEvent.Refresh(name, family));
    }
  }

  /** What the peer tells is taken differently from now on: it is asked for all of it again. */
  private void ask(String name) {
    Neighbour one = live.get(name);
    if (one != null) {
      one.session.negotiated().families().forEach(one.session::requestRefresh);
      BgpRoutes.FAMILIES.keySet().forEach(family -> checkLimit(one, family));
    }
  }

  /** Ends what watches the peers. */
  void stopWatching() {
    watch.close();
  }

  /** The name of a configured router by its address; the address itself if there is none. */
  String name(IpAddress address) {
    Peering peering = peering(address);
    return peering == null ? address.toString() : peering.name();
  }

  private @Nullable Peering peering(IpAddress address) {
    for (Peering peering : configured.values()) {
      if (peering.address().equals(address)) {
        return peering;
      }
    }
    return null;
  }

  Collection<BgpServer.PeerStatus> statuses() {
    return server == null ? List.of() : server.peers();
  }

  // ---- sessions

  @Override
  public void established(BgpSession session) {
    String name = name(session.peer().address());
    Neighbour before = live.get(name);
    if (before != null) {
      lost(before, new Ending("replaced", true));
    }
    Neighbour one = new Neighbour(name, session, localAsn(session));
    live.put(name, one);
    feed.apply(new RoutingEvent.PeerUp(one.peer));
    away.back(one);
    one.join(feed, paths(one));
    loop.execute(() -> greet(one));
    loop.schedule(
        restart.endOfRibWait(),
        () -> {
          if (live(session) != null && !one.awaited.isEmpty()) {
            one.awaited.clear();
            feed.apply(new RoutingEvent.Sweep(name));
          }
        });
    if (!one.membershipsKnown) {
      loop.schedule(MEMBERSHIP_WAIT, () -> membershipsKnown(one));
    }
    LOG.info("BGP peer {} established with {}", name, session.negotiated().families());
  }

  private long localAsn(BgpSession session) {
    long local = session.peer().localAsn();
    return local == 0 ? asn : local;
  }

  private int paths(Neighbour one) {
    Peering peering = configured.get(one.name());
    return peering == null ? 1 : peering.paths();
  }

  @Override
  public void down(BgpSession session, Ending ending) {
    Neighbour one = live(session);
    if (one != null) {
      lost(one, ending);
    }
  }

  private void lost(Neighbour one, Ending ending) {
    live.remove(one.name(), one);
    away.lost(one, ending.graceful() && restart.helper() && configured.containsKey(one.name()));
    LOG.info("BGP peer {} down: {}", one.name(), ending.reason());
  }

  /**
   * BFD tells that a peer is gone, before its connection does. If BFD shares the fate of its
   * control plane it may be restarting, as when the connection breaks (RFC 5882 section 4.3.2).
   */
  private void unreachable(IpAddress address, boolean forwardingLost) {
    for (Neighbour one : List.copyOf(live.values())) {
      if (one.peer.address().equals(address)) {
        if (forwardingLost) {
          one.session.close(Cease.BFD_DOWN);
        } else {
          one.session.lost("BFD session down");
        }
      }
    }
  }

  /** How BFD with a peer is; null if it is not watched by it. */
  BfdPeers.@Nullable Status bfd(IpAddress address) {
    return watch.status(address);
  }

  private @Nullable Neighbour live(BgpSession session) {
    for (Neighbour one : live.values()) {
      if (one.session.serial() == session.serial()) {
        return one;
      }
    }
    return null;
  }

  // ---- what peers say

  @Override
  public void update(BgpSession session, Update update) {
    Neighbour one = live(session);
    if (one == null) {
      return;
    }
    Family end = update.endOfRib();
    weft.routing.Family table = end == null ? null : BgpRoutes.FAMILIES.get(end);
    if (end != null) {
      if (one.awaited.remove(end) && table != null) {
        feed.apply(new RoutingEvent.Sweep(one.name(), table));
        if (end.equals(Family.ROUTE_TARGET)) {
          membershipsKnown(one);
        }
      }
      return;
    }
    Peering peering = configured.get(one.name());
    List<RoutingEvent.Told> told =
        new UpdateIntake(
                one, peering, asn, localAsn(one.session), options.routerId(), clusterId, counters)
            .read(update);
    feed.apply(told);
    update.reach().forEach(come -> checkLimit(one, come.family()));
  }

  /** The peer has said all that it wants; more may follow (RFC 4684 section 6). */
  private void membershipsKnown(Neighbour one) {
    one.membershipsKnown = true;
    greet(one);
  }

  /** RFC 4271 section 6.7, RFC 4486 section 4. */
  private void checkLimit(Neighbour one, Family family) {
    Peering peering = configured.get(one.name());
    weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
    Peering.Terms terms = peering == null ? Peering.Terms.USUAL : peering.terms(family);
    if (table == null || terms.prefixLimit() == 0) {
      return;
    }
    int count = feed.rib().routeCount(one.name(), TableId.backbone(table));
    if (count > terms.prefixLimit()) {
      counters.count("bgp_prefix_limit");
      LOG.warn(
          "BGP peer {} tells more than {} routes of {}: ended",
          one.name(),
          terms.prefixLimit(),
          table);
      Duration idle = Duration.ofSeconds(terms.idleSeconds());
      Duration least = options.times().bgpRetry();
      one.session.close(Cease.PREFIX_LIMIT, idle.compareTo(least) < 0 ? least : idle);
    }
  }

  @Override
  public void tolerated(BgpSession session, List<Decoded.AttributeError> errors) {
    counters.count("bgp_update_tolerated");
    LOG.warn("BGP peer {}: mended: {}", name(session.peer().address()), errors);
  }

  @Override
  public void routeRefresh(BgpSession session, Family family) {
    Neighbour one = live(session);
    weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
    if (one != null && table != null) {
      one.beginRefresh(family);
      feed.apply(new RoutingEvent.Refresh(one.name(), table));
      loop.execute(() -> greet(one));
    }
  }

  @Override
  public void refreshBegins(BgpSession session, Family family) {
    Neighbour one = live(session);
    weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
    if (one != null && table != null) {
      feed.apply(new RoutingEvent.Doubt(one.name(), table));
    }
  }

  @Override
  public void refreshEnds(BgpSession session, Family family) {
    Neighbour one = live(session);
    weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
    if (one != null && table != null) {
      feed.apply(new RoutingEvent.Sweep(one.name(), table));
    }
  }

  @Override
  public void unprotected(IpAddress address, String reason) {
    counters.count("bgp_unprotected");
    LOG.warn("BGP peer {} is not protected: {}", name(address), reason);
  }

  @Override
  public void refused(IpAddress address) {
    counters.count("bgp_refused");
  }

  // ---- what peers are told

  @Override
  public void writable(BgpSession session) {
    Neighbour one = live(session);
    if (one != null) {
      feed.rib().ribOuts(one.name()).forEach(ribOut -> send(ribOut, one.name()));
      greet(one);
    }
  }

  void send(RibOut ribOut, String name) {
    Neighbour one = live.get(name);
    if (one != null) {
      one.send(ribOut, style(one));
    }
  }

  private BgpRoutes.Style style(Neighbour one) {
    Peering peering = configured.get(one.name());
    return new BgpRoutes.Style(
        localAsn(one.session),
        one.isInternal(),
        options.routerId(),
        clusterId,
        peering == null ? Peering.Rewriting.NONE : peering.rewriting(),
        one.session.negotiated().ipv6NextHops(),
        one.session.negotiated().manyPaths());
  }

  private void greet(Neighbour one) {
    if (live(one.session) != null) {
      one.greet(feed.rib(), !restarting);
    }
  }
}
