package weft.control;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.bgp.Attribute;
import weft.bgp.BgpListener;
import weft.bgp.BgpServer;
import weft.bgp.BgpSession;
import weft.bgp.Codec;
import weft.bgp.Decoded;
import weft.bgp.Family;
import weft.bgp.Update;
import weft.net.IpAddress;
import weft.routing.Peer;
import weft.routing.RibOut;
import weft.routing.RoutingEvent;
import weft.routing.TableId;
import weft.state.Loop;

/**
 * The BGP peers: sessions to the configured routers, what they tell, what they are told.
 *
 * <p>Belongs to the node's loop.
 */
final class Neighbours implements BgpListener {
  private static final Logger LOG = LoggerFactory.getLogger(Neighbours.class);
  private static final int BATCH = 4096;

  /** A peer that has not marked the end of its routes by then is taken to have told all. */
  private static final Duration END_OF_RIB_WAIT = Duration.ofMinutes(5);

  private static final Map<String, Family> FAMILY_NAMES =
      Map.of(
          "inet",
          Family.INET,
          "inet-vpn",
          Family.INET_VPN,
          "inet6-vpn",
          Family.INET6_VPN,
          "e-vpn",
          Family.EVPN);

  private static final Set<Family> USUAL = Set.of(Family.INET_VPN, Family.INET6_VPN, Family.EVPN);

  private static final class Live {
    final Peer peer;
    final BgpSession session;
    final Set<Family> awaited;
    final Set<Family> greeted = new HashSet<>();

    Live(Peer peer, BgpSession session) {
      this.peer = peer;
      this.session = session;
      this.awaited = new HashSet<>(session.negotiated().families());
      awaited.retainAll(BgpRoutes.FAMILIES.keySet());
    }
  }

  private final ControlOptions options;
  private final Loop loop;
  private final RouteFeed feed;
  private final Counters counters;
  private final Map<String, RoutingConfig.Neighbour> configured = new TreeMap<>();
  private final Map<String, Live> live = new HashMap<>();
  private @Nullable BgpServer server;
  private long asn = RoutingConfig.DEFAULT_ASN;

  Neighbours(ControlOptions options, Loop loop, RouteFeed feed, Counters counters) {
    this.options = options;
    this.loop = loop;
    this.feed = feed;
    this.counters = counters;
  }

  // ---- configuration

  /** Listens under an AS number; a change of it ends all sessions. */
  void start(long ownAsn) throws IOException {
    close();
    asn = ownAsn;
    server =
        BgpServer.start(
            new BgpServer.Options(options.bgp(), ownAsn, options.routerId(), 4 << 20),
            loop,
            RandomGenerator.getDefault(),
            this);
    configured.values().forEach(this::add);
  }

  long asn() {
    return asn;
  }

  @Nullable BgpServer server() {
    return server;
  }

  void configure(Map<String, RoutingConfig.Neighbour> wanted) {
    for (RoutingConfig.Neighbour known : List.copyOf(configured.values())) {
      if (!known.equals(wanted.get(known.name()))) {
        configured.remove(known.name());
        if (server != null) {
          server.remove(known.address());
        }
      }
    }
    wanted.forEach((name, neighbour) -> {
      if (configured.put(name, neighbour) == null) {
        add(neighbour);
      }
    });
  }

  private void add(RoutingConfig.Neighbour neighbour) {
    if (server != null) {
      Set<Family> families = new HashSet<>();
      neighbour
          .families()
          .forEach(name -> {
            Family family = FAMILY_NAMES.get(name);
            if (family != null) {
              families.add(family);
            }
          });
      server.add(
          new BgpServer.Peer(
              neighbour.address(),
              neighbour.port(),
              neighbour.asn(),
              null,
              false,
              neighbour.holdTime(),
              options.bgpRetry(),
              families.isEmpty() ? USUAL : families));
    }
  }

  void close() {
    if (server != null) {
      server.close();
      server = null;
    }
    for (Live one : List.copyOf(live.values())) {
      lost(one, "local shutdown");
    }
  }

  /** The name of a configured router by its address; the address itself if there is none. */
  String name(IpAddress address) {
    for (RoutingConfig.Neighbour neighbour : configured.values()) {
      if (neighbour.address().equals(address)) {
        return neighbour.name();
      }
    }
    return address.toString();
  }

  Collection<BgpServer.PeerStatus> statuses() {
    return server == null ? List.of() : server.peers();
  }

  // ---- sessions

  @Override
  public void established(BgpSession session) {
    String name = name(session.peer().address());
    Live before = live.get(name);
    if (before != null) {
      lost(before, "replaced");
    }
    Peer peer =
        new Peer(
            name,
            session.negotiated().asn() == asn ? Peer.Kind.INTERNAL_BGP : Peer.Kind.EXTERNAL_BGP,
            session.peer().address(),
            session.negotiated().identifier().bits());
    Live one = new Live(peer, session);
    live.put(name, one);
    feed.apply(new RoutingEvent.PeerUp(peer));
    for (Family family : one.awaited) {
      weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
      if (table != null) {
        feed.apply(new RoutingEvent.Join(name, table));
      }
    }
    loop.execute(() -> greet(one));
    loop.schedule(
        END_OF_RIB_WAIT,
        () -> {
          if (live(session) != null && !one.awaited.isEmpty()) {
            one.awaited.clear();
            feed.apply(new RoutingEvent.Sweep(name));
          }
        });
    LOG.info("BGP peer {} established with {}", name, session.negotiated().families());
  }

  @Override
  public void down(BgpSession session, String reason) {
    Live one = live(session);
    if (one != null) {
      lost(one, reason);
    }
  }

  /** A peer that can restart gracefully keeps its routes while it is away (RFC 4724). */
  private void lost(Live one, String reason) {
    String name = one.peer.name();
    live.remove(name, one);
    var restart = one.session.negotiated().peerRestart();
    boolean retain = restart != null && restart.time() > 0 && !restart.families().isEmpty();
    feed.apply(new RoutingEvent.PeerDown(name, retain));
    if (retain && restart != null) {
      loop.schedule(
          Duration.ofSeconds(restart.time()),
          () -> {
            if (!live.containsKey(name)) {
              feed.apply(new RoutingEvent.Sweep(name));
            }
          });
    }
    LOG.info("BGP peer {} down: {}", name, reason);
  }

  private @Nullable Live live(BgpSession session) {
    for (Live one : live.values()) {
      if (one.session.serial() == session.serial()) {
        return one;
      }
    }
    return null;
  }

  // ---- what peers say

  @Override
  public void update(BgpSession session, Update update) {
    Live one = live(session);
    if (one == null) {
      return;
    }
    Family end = update.endOfRib();
    if (end != null) {
      if (one.awaited.remove(end) && one.awaited.isEmpty()) {
        feed.apply(new RoutingEvent.Sweep(one.peer.name()));
      }
      return;
    }
    if (isLoop(update)) {
      counters.count("bgp_update_looped");
      BgpRoutes.readAsWithdrawn(one.peer.name(), update, feed::apply);
    } else {
      BgpRoutes.read(one.peer.name(), update, feed::apply);
    }
  }

  /** RFC 4271 section 9, RFC 4456 section 8: what has passed through us is not for us. */
  private boolean isLoop(Update update) {
    Attribute.OriginatorId originator = update.attributes().get(Attribute.OriginatorId.class);
    return update.attributes().asPath().contains(asn)
        || (originator != null && originator.id().equals(options.routerId()));
  }

  @Override
  public void tolerated(BgpSession session, List<Decoded.AttributeError> errors) {
    counters.count("bgp_update_tolerated");
    LOG.warn("BGP peer {}: mended: {}", name(session.peer().address()), errors);
  }

  @Override
  public void routeRefresh(BgpSession session, Family family) {
    Live one = live(session);
    weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
    if (one != null && table != null) {
      feed.apply(new RoutingEvent.Refresh(one.peer.name(), table));
    }
  }

  @Override
  public void refused(IpAddress address) {
    counters.count("bgp_refused");
  }

  // ---- what peers are told

  @Override
  public void writable(BgpSession session) {
    Live one = live(session);
    if (one != null) {
      feed.rib().ribOuts(one.peer.name()).forEach(ribOut -> send(ribOut, one.peer.name()));
      greet(one);
    }
  }

  void send(RibOut ribOut, String name) {
    Live one = live.get(name);
    while (one != null && one.session.writable() && ribOut.isPending(name)) {
      RibOut.Batch batch = ribOut.next(name, BATCH);
      one.session.send(encoded(ribOut, batch, one.session.context()));
    }
  }

  /** Encoded once for all peers that get the same batch and read it in the same way. */
  @SuppressWarnings("unchecked") // only this method keeps something with the batches of BGP peers
  private List<byte[]> encoded(RibOut ribOut, RibOut.Batch batch, Codec.Context context) {
    Map<Codec.Context, List<byte[]>> known =
        batch.encoded() instanceof Map<?, ?> map
            ? (Map<Codec.Context, List<byte[]>>) map
            : new HashMap<>();
    batch.keep(known);
    return known.computeIfAbsent(
        context,
        c -> {
          List<byte[]> messages = new ArrayList<>();
          BgpRoutes.updates(ribOut.table(), batch.updates(), asn, ribOut.policy())
              .forEach(update -> messages.addAll(Codec.pack(update, c)));
          return messages;
        });
  }

  /** Marks the end of what there was when the peer came (RFC 4724 section 2). */
  private void greet(Live one) {
    if (live(one.session) == null) {
      return;
    }
    List<Family> families = new ArrayList<>(one.session.negotiated().families());
    families.removeAll(one.greeted);
    for (Family family : families) {
      weft.routing.Family table = BgpRoutes.FAMILIES.get(family);
      boolean isTold =
          table == null
              || feed.rib().ribOuts(one.peer.name()).stream()
                  .filter(r -> r.table().equals(TableId.backbone(table)))
                  .noneMatch(r -> r.isPending(one.peer.name()));
      if (isTold) {
        one.greeted.add(family);
        one.session.send(Update.endOfRib(family));
      }
    }
  }
}
