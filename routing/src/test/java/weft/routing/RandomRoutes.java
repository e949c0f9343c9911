package weft.routing;

import static weft.routing.Samples.agent;
import static weft.routing.Samples.bgp;
import static weft.routing.Samples.born;
import static weft.routing.Samples.target;
import static weft.routing.Samples.via;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.Stream;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.routing.RouteAttributes.Preference;

/**
 * Peers and instances, and anything that may be said of them: small worlds, so that things meet.
 */
final class RandomRoutes {
  static final List<Peer> PEERS =
      List.of(
          agent(1),
          agent(2),
          agent(3),
          bgp(1, Peer.Kind.INTERNAL_BGP),
          bgp(2, Peer.Kind.EXTERNAL_BGP),
          bgp(3, Peer.Kind.INTERNAL_BGP));
  static final List<String> INSTANCES = List.of("red", "blue", "green");

  private final Random random;

  RandomRoutes(Random random) {
    this.random = random;
  }

  InstanceConfig instance(String name) {
    int id = INSTANCES.indexOf(name) + 1 + (random.nextInt(5) == 0 ? 10 : 0);
    return Samples.instance(name, id, targets(), targets())
        .withRoutes(some(this::staticRoute), some(this::aggregate))
        .with(random.nextInt(3) == 0 ? policy() : RoutingPolicy.NONE);
  }

  <T> T pick(List<T> list) {
    return list.get(random.nextInt(list.size()));
  }

  private <T> List<T> some(Supplier<T> one) {
    return Stream.generate(one).limit(Math.max(0, random.nextInt(5) - 2)).toList();
  }

  private StaticRoute staticRoute() {
    String prefix = pick(List.of("10.0.0.1/32", "10.0.0.2/32", "10.0.0.0/31", "192.168.0.0/24"));
    return new StaticRoute(
        IpPrefix.parse(prefix),
        IpAddress.parse("10.0.0." + random.nextInt(3)),
        random.nextBoolean() ? new TreeSet<>() : new TreeSet<>(targets()),
        new TreeSet<>(Set.of(random.nextInt(2))));
  }

  private Aggregate aggregate() {
    String prefix = pick(List.of("10.0.0.0/31", "10.0.0.0/24", "10.0.0.0/8", "192.0.0.0/8"));
    return new Aggregate(IpPrefix.parse(prefix), IpAddress.parse("10.0.0." + random.nextInt(3)));
  }

  private RoutingPolicy policy() {
    List<List<RoutingPolicy.Term>> policies = new ArrayList<>();
    for (int i = random.nextInt(2); i >= 0; i--) {
      policies.add(Stream.generate(this::term).limit(1 + random.nextInt(2)).toList());
    }
    return new RoutingPolicy(policies);
  }

  private RoutingPolicy.Term term() {
    RoutingPolicy.PrefixMatch prefix =
        new RoutingPolicy.PrefixMatch(
            IpPrefix.parse(pick(List.of("10.0.0.1/32", "10.0.0.0/24", "10.0.0.0/31"))),
            pick(List.of(RoutingPolicy.PrefixMatch.Reach.values())));
    RoutingPolicy.Match match =
        new RoutingPolicy.Match(
            random.nextBoolean() ? List.of() : List.of(prefix),
            random.nextBoolean()
                ? CommunityMatch.ANY
                : new CommunityMatch(List.of("0:" + random.nextInt(2)), false),
            random.nextBoolean()
                ? CommunityMatch.ANY
                : new CommunityMatch(List.of("target:.*:8000001"), true),
            random.nextBoolean()
                ? Set.of()
                : Set.of(pick(List.of(RoutingPolicy.Protocol.values()))));
    return new RoutingPolicy.Term(match, update(), pick(List.of(RoutingPolicy.Action.values())));
  }

  private RoutingPolicy.Update update() {
    return new RoutingPolicy.Update(
        random.nextBoolean() ? null : 99L + random.nextInt(4),
        random.nextBoolean() ? null : (Long) (long) random.nextInt(2),
        new RoutingPolicy.Change<>(
            random.nextBoolean() ? null : List.of(1), List.of(), List.of(random.nextInt(2))),
        random.nextInt(3) > 0
            ? RoutingPolicy.Change.none()
            : new RoutingPolicy.Change<>(
                null, List.of(target(random.nextInt(4)).toCommunity()), List.of()),
        random.nextBoolean() ? List.of() : List.of(64700L));
  }

  Set<RouteTarget> targets() {
    Set<RouteTarget> found = new HashSet<>();
    for (int i = random.nextInt(3); i >= 0; i--) {
      found.add(target(random.nextInt(4)));
    }
    return found;
  }

  private RouteKey key(Peer peer, RoutingEvent.Speaker speaker) {
    IpPrefix host = IpPrefix.parse("10.0.0." + random.nextInt(3) + "/32");
    return switch (random.nextInt(7)) {
      case 4 -> tree(peer, speaker);
      case 6 ->
          new RouteKey.Selective(
              0, IpAddress.parse("239.0.0.1"), IpAddress.parse("0.0.0.0"), peer.address());
      case 5 -> new RouteKey.Prefix(0, host);
      case 0 -> new RouteKey.Mac(0, new MacAddress(0x0200_0000_0001L), host);
      case 1 -> new RouteKey.Broadcast(0, peer.address());
      default -> new RouteKey.Inet(host);
    };
  }

  /** That an agent wants a group, or what another control node says of its tree. */
  private RouteKey tree(Peer peer, RoutingEvent.Speaker speaker) {
    IpAddress group = IpAddress.parse("239.0.0." + random.nextInt(2));
    IpAddress any = IpAddress.parse("0.0.0.0");
    return peer.kind() == Peer.Kind.AGENT
        ? new RouteKey.Group(group, any, Samples.rd(peer, 1))
        : new RouteKey.Tree(
            pick(List.of(RouteKey.Tree.Kind.values())),
            pick(List.of(peer.routerId(), ((Ipv4Address) speaker.nextHop()).bits())),
            group,
            any);
  }

  private TreePart part(Peer peer, RouteKey key) {
    TreePart.Branch branch = new TreePart.Branch(peer.address(), 1 + random.nextInt(2));
    TreePart.Branch other = new TreePart.Branch(pick(PEERS).address(), 7);
    return switch (key) {
      case RouteKey.Tree(RouteKey.Tree.Kind kind, int _, IpAddress _, IpAddress _) ->
          kind == RouteKey.Tree.Kind.LOCAL
              ? new TreePart.Edges(List.of(branch))
              : new TreePart.Joints(List.of(new TreePart.Joint(other, branch)));
      default -> new TreePart.Offer(100, 100 + random.nextInt(3));
    };
  }

  private RouteAttributes attributes(Peer peer, RouteKey key) {
    RouteAttributes some = attributes(peer);
    return switch (key) {
      case RouteKey.Group _, RouteKey.Tree _ -> some.with(part(peer, key));
      case RouteKey.Broadcast _ -> some.with(pmsi());
      default -> some;
    };
  }

  /** A host of the tree, one beside it, one that copies for others, or a leaf of any. */
  private RouteAttributes.Pmsi pmsi() {
    int flags =
        pick(
            List.of(
                RouteAttributes.Pmsi.EDGE_REPLICATION,
                0,
                RouteAttributes.Pmsi.REPLICATOR,
                RouteAttributes.Pmsi.LEAF));
    IpAddress replicator = flags == RouteAttributes.Pmsi.LEAF ? pick(PEERS).address() : null;
    return new RouteAttributes.Pmsi(flags, RouteAttributes.Pmsi.INGRESS_REPLICATION, 0, replicator);
  }

  private RouteAttributes attributes(Peer peer) {
    RouteAttributes some = via(peer, 20 + random.nextInt(3));
    some = some.with(Preference.of(100 + random.nextInt(2), (long) random.nextInt(2)));
    return random.nextInt(4) == 0 ? born(some, targets(), null) : some;
  }

  RoutingEvent.Announce agentRoute(Peer peer, RoutingEvent.Speaker speaker) {
    RouteKey key = key(peer, speaker);
    RoutingEvent.Announce event =
        Samples.announce(peer, pick(INSTANCES), key, attributes(peer, key), 1);
    return new RoutingEvent.Announce(
        event.peer(),
        event.table(),
        event.key(),
        0,
        event.attributes(),
        key instanceof RouteKey.Group ? null : event.rd(),
        random.nextInt(10) > 0);
  }

  RoutingEvent.Announce backboneRoute(Peer peer, RoutingEvent.Speaker speaker) {
    RouteKey inner = key(peer, speaker);
    OriginVn origin = random.nextBoolean() ? new OriginVn(64512, 1 + random.nextInt(3)) : null;
    RouteAttributes some = born(attributes(peer, inner), targets(), origin);
    if (random.nextInt(4) == 0) {
      some = some.with(some.membership().with(passed()));
    }
    boolean returned = random.nextInt(4) == 0;
    if (returned) {
      some = some.with(Communities.ACCEPT_OWN).with(fromUs(some.preference(), speaker));
    }
    List<Long> asPath =
        Stream.generate(() -> 64600L + random.nextInt(2)).limit(random.nextInt(4)).toList();
    if (random.nextInt(4) == 0) {
      some = some.with(some.preference().with(RouteAttributes.Origin.INCOMPLETE));
    }
    Family family = Samples.family(inner).backbone();
    return new RoutingEvent.Announce(
        peer.name(),
        TableId.backbone(family),
        RouteKey.Vpn.of(
            returned
                ? Samples.rd(pick(PEERS.subList(0, 2)), 1)
                : RouteDistinguisher.ofAs2(64512, random.nextInt(2)),
            inner),
        random.nextInt(2),
        some.with(some.preference().withAsPath(asPath)),
        null,
        true);
  }

  private OriginVnPath passed() {
    return new OriginVnPath(new OriginVn(64512, 1 + random.nextInt(3)).toCommunities());
  }

  private static Preference fromUs(Preference usual, RoutingEvent.Speaker speaker) {
    return new Preference(
        usual.local(),
        usual.med(),
        usual.origin(),
        usual.asPath(),
        usual.mobility(),
        new RouteAttributes.Reflection(((Ipv4Address) speaker.nextHop()).bits(), List.of(1)));
  }
}
