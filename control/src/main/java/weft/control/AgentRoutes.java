package weft.control;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.routing.Advert;
import weft.routing.Communities;
import weft.routing.Family;
import weft.routing.NextHop;
import weft.routing.RibOut;
import weft.routing.RouteAttributes;
import weft.routing.RouteAttributes.Pmsi;
import weft.routing.RouteAttributes.Preference;
import weft.routing.RouteKey;
import weft.routing.RoutingEvent;
import weft.routing.RoutingPolicy;
import weft.routing.TableId;
import weft.routing.TreePart;
import weft.xmpp.Codec;
import weft.xmpp.ControlMessage;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Item;
import weft.xmpp.Mobility;
import weft.xmpp.MulticastItem;
import weft.xmpp.RouteRequest;
import weft.xmpp.SharedMessage;
import weft.xmpp.TagList;

/** Translates routes between the agents' channel and the routing tables. */
final class AgentRoutes {
  private static final IpPrefix BROADCAST_ADDRESS = new IpPrefix(Ipv4Address.ANY, 32);
  private static final long MAX_MED = 0xffff_ffffL;

  private AgentRoutes() {}

  // ---- from agents

  /** Where a route of an agent belongs; null for families that have no table yet. */
  private record Place(TableId table, RouteKey key) {}

  /**
   * The event that an agent's route means, or null for families that have no table yet.
   *
   * @param address the agent's, where a withdrawal does not tell the next hop
   */
  static @Nullable RoutingEvent event(
      String agent, IpAddress address, int instanceId, RouteRequest request) {
    Place place = place(request, address, instanceId);
    if (place == null) {
      return null;
    }
    if (request.withdraw()) {
      return new RoutingEvent.Withdraw(agent, place.table, place.key, 0);
    }
    boolean master = request.instance().equals(TableId.MASTER);
    RouteAttributes attributes = attributes(request.item(), master);
    boolean feasible = master || isFeasible(request.item());
    boolean isTree = request.item() instanceof MulticastItem;
    RouteDistinguisher rd =
        !isTree && attributes.nextHop().address() instanceof Ipv4Address hop
            ? RouteDistinguisher.ofAddress(hop, instanceId)
            : null;
    return new RoutingEvent.Announce(
        agent, place.table, place.key, 0, attributes, master ? null : rd, feasible);
  }

  private static @Nullable Place place(RouteRequest request, IpAddress agent, int instanceId) {
    String instance = request.instance();
    return switch (request.item()) {
      case InetItem item -> {
        Family family = family(item, instance);
        yield family == null
            ? null
            : new Place(new TableId(instance, family), new RouteKey.Inet(item.prefix()));
      }
      case EvpnItem item -> {
        RouteKey key = evpnKey(item, agent);
        yield key == null ? null : new Place(new TableId(instance, Family.EVPN), key);
      }
      case MulticastItem item -> {
        IpAddress hop = item.nextHops().isEmpty() ? agent : item.nextHops().getFirst().address();
        yield hop instanceof Ipv4Address owner
            ? new Place(
                new TableId(instance, Family.ERMVPN),
                new RouteKey.Group(
                    item.group(), item.source(), RouteDistinguisher.ofAddress(owner, instanceId)))
            : null;
      }
    };
  }

  /** Labelled routes are of the fabric, and of IPv4. */
  private static @Nullable Family family(InetItem item, String instance) {
    boolean four = item.prefix().isV4();
    if (item.safi() == InetItem.UNICAST) {
      return four ? Family.INET : Family.INET6;
    }
    boolean labelled = item.safi() == InetItem.LABELED && four && instance.equals(TableId.MASTER);
    return labelled ? Family.INET_LABELED : null;
  }

  /**
   * The tag is left out of keys: agents put the VXLAN id there when they publish, and the label
   * when they withdraw.
   */
  private static @Nullable RouteKey evpnKey(EvpnItem item, IpAddress agent) {
    EvpnItem.Nlri nlri = item.nlri();
    return switch (nlri.publishedType()) {
      case 2 -> new RouteKey.Mac(0, nlri.mac(), nlri.address());
      case 3 -> new RouteKey.Broadcast(0, owner(item, agent));
      case 6 ->
          new RouteKey.Selective(0, orAny(nlri.group()), orAny(nlri.source()), owner(item, agent));
      case 5 -> new RouteKey.Prefix(0, nlri.address());
      default -> null;
    };
  }

  private static IpAddress owner(EvpnItem item, IpAddress agent) {
    return item.nextHops().isEmpty() ? agent : item.nextHops().getFirst().address();
  }

  private static IpAddress orAny(@Nullable IpAddress address) {
    return address == null ? Ipv4Address.ANY : address;
  }

  private static RouteAttributes attributes(Item item, boolean master) {
    return switch (item) {
      case InetItem inet -> {
        InetItem.NextHop via = inet.nextHops().getFirst();
        NextHop nextHop =
            new NextHop(via.address(), via.label(), 0, via.knownEncapsulations(), via.mac());
        RouteAttributes told =
            told(nextHop, inet.attributes(), Communities.parse(inet.communities()), null, master);
        SortedSet<ExtendedCommunity> marks = AgentMarks.tags(via.tags());
        marks.addAll(AgentMarks.of(inet.loadBalance()));
        yield marked(
            told.with(told.membership().with(RoutingPolicy.Protocol.of(inet.subProtocol()))),
            marks,
            via.tags(),
            master);
      }
      case EvpnItem evpn -> {
        EvpnItem.NextHop via = evpn.nextHops().getFirst();
        NextHop nextHop =
            new NextHop(
                via.address(), via.label(), via.l3Label(), via.knownEncapsulations(), via.mac());
        RouteAttributes told =
            told(nextHop, evpn.attributes(), Collections.emptySortedSet(), pmsi(evpn), master);
        SortedSet<ExtendedCommunity> marks = AgentMarks.tags(via.tags());
        if (evpn.etreeLeaf()) {
          marks.add(ExtendedCommunity.leaf());
        }
        yield marked(told, marks, via.tags(), master);
      }
      case MulticastItem tree -> {
        MulticastItem.NextHop via = tree.nextHops().getFirst();
        NextHop nextHop = new NextHop(via.address(), 0, 0, via.knownEncapsulations(), null);
        yield RouteAttributes.of(nextHop).with(new TreePart.Offer(via.first(), via.last()));
      }
    };
  }

  /** Routes of the fabric have no extended communities. */
  private static RouteAttributes marked(
      RouteAttributes told, SortedSet<ExtendedCommunity> marks, TagList tags, boolean master) {
    return master || (marks.isEmpty() && tags.tags().isEmpty())
        ? told
        : told.with(told.membership().withOther(marks).withLargeTags(AgentMarks.largeTags(tags)));
  }

  /** How the agent wants copies, and whether it makes them for others or has them made. */
  private static RouteAttributes.@Nullable Pmsi pmsi(EvpnItem item) {
    long tag = item.nlri().ethernetTag();
    int type = item.nlri().publishedType();
    if (type == 6) {
      return new Pmsi(item.nlri().flags(), 0, tag);
    }
    if (type != 3) {
      return null;
    }
    EvpnItem.Replication how = item.replication();
    int flags = how.edgeNotSupported() ? 0 : Pmsi.EDGE_REPLICATION;
    if (how.replicator() != null) {
      return new Pmsi(flags | Pmsi.LEAF, Pmsi.ASSISTED_REPLICATION, tag, how.replicator());
    }
    if (how.assistedSupported()) {
      flags |= Pmsi.REPLICATOR | Pmsi.LEAF_INFORMATION_REQUIRED;
    }
    return new Pmsi(flags, Pmsi.INGRESS_REPLICATION, tag);
  }

  private static RouteAttributes told(
      NextHop nextHop,
      weft.xmpp.RouteAttributes told,
      SortedSet<Integer> communities,
      RouteAttributes.@Nullable Pmsi pmsi,
      boolean master) {
    Preference preference = Preference.of(told.localPreference(), med(told));
    SortedSet<Integer> groups = new TreeSet<>();
    if (!master) {
      told.securityGroups().forEach(id -> groups.add(id.intValue()));
      preference =
          preference.with(
              new RouteAttributes.Mobility(told.mobility().sticky(), told.effectiveSequence()));
    }
    RouteAttributes attributes =
        new RouteAttributes(
            nextHop, preference, RouteAttributes.Membership.ofPort(groups, communities), pmsi);
    return AgentMarks.withPeers(attributes, told.peers());
  }

  /**
   * An agent that gives no MED means one that mirrors its local preference, so that active and
   * standby are told apart outside of the AS too.
   */
  static @Nullable Long med(weft.xmpp.RouteAttributes told) {
    if (told.med() != 0) {
      return told.med();
    }
    long preference = told.localPreference();
    if (preference == 0) {
      return null;
    }
    return preference == 100 ? 200L : preference == 200 ? 100L : MAX_MED - preference;
  }

  /** A route whose encapsulations are all unknown to us cannot be used. */
  private static boolean isFeasible(Item item) {
    return switch (item) {
      case InetItem inet -> inet.nextHops().stream().allMatch(v -> isReachable(v.encapsulations()));
      case EvpnItem evpn -> evpn.nextHops().stream().allMatch(v -> isReachable(v.encapsulations()));
      case MulticastItem tree ->
          tree.nextHops().stream().allMatch(v -> isReachable(v.encapsulations()));
    };
  }

  private static boolean isReachable(List<String> words) {
    return words.isEmpty() || words.stream().anyMatch(w -> Encapsulation.ofWord(w) != null);
  }

  // ---- to agents

  /** Encodes updates of one table, for every agent that gets them. */
  static List<SharedMessage> encode(TableId table, List<RibOut.Update> updates) {
    List<ControlMessage.Entry> entries = new ArrayList<>();
    List<String> retracts = new ArrayList<>();
    for (RibOut.Update update : updates) {
      switch (update) {
        case RibOut.Update.Tell tell -> entries.add(entry(table, tell.advert()));
        case RibOut.Update.Retract retract -> retracts.add(id(retract.key()));
      }
    }
    List<SharedMessage> messages = new ArrayList<>();
    if (!entries.isEmpty()) {
      messages.addAll(Codec.items(node(table), entries));
    }
    if (!retracts.isEmpty()) {
      messages.addAll(Codec.retracts(node(table), retracts));
    }
    return messages;
  }

  static String node(TableId table) {
    return switch (table.family()) {
      case INET -> "1/1/" + table.instance();
      case INET6 -> "2/1/" + table.instance();
      case EVPN -> EvpnItem.FAMILY + "/" + table.instance();
      case ERMVPN -> MulticastItem.FAMILY + "/" + table.instance();
      case INET_LABELED -> "1/4/" + table.instance();
      case VPN_INET, VPN_INET6, VPN_EVPN, VPN_ERMVPN, ROUTE_TARGET ->
          throw new IllegalArgumentException("agents have no " + table.family());
    };
  }

  private static String id(RouteKey key) {
    return switch (key) {
      case RouteKey.Inet inet -> inet.prefix().toString();
      case RouteKey.Mac mac -> mac.toString();
      case RouteKey.Prefix prefix -> prefix.toString();
      case RouteKey.Broadcast _ -> MacAddress.BROADCAST + "," + BROADCAST_ADDRESS;
      case RouteKey.Selective k ->
          MacAddress.BROADCAST + "," + BROADCAST_ADDRESS + "," + k.group() + "," + k.source();
      case RouteKey.Group group -> group.toString();
      case RouteKey.Vpn vpn -> id(vpn.key());
      case RouteKey.Tree _, RouteKey.OtherEvpn _, RouteKey.Membership _ -> key.toString();
    };
  }

  private static ControlMessage.Entry entry(TableId table, Advert advert) {
    return switch (advert) {
      case Advert.Unicast unicast ->
          switch (unicast.key()) {
            case RouteKey.Inet inet ->
                ControlMessage.Entry.of(inetItem(table.family(), inet, unicast));
            case RouteKey.Mac mac ->
                evpnEntry(EvpnItem.Nlri.advertised(mac.tag(), mac.mac(), mac.address()), unicast);
            case RouteKey.Prefix prefix ->
                evpnEntry(
                    EvpnItem.Nlri.advertised(prefix.tag(), MacAddress.ZERO, prefix.prefix()),
                    unicast);
            case RouteKey.Broadcast _,
                RouteKey.Selective _,
                RouteKey.Group _,
                RouteKey.Tree _,
                RouteKey.OtherEvpn _,
                RouteKey.Membership _,
                RouteKey.Vpn _ ->
                throw new IllegalArgumentException("no unicast route: " + unicast.key());
          };
      case Advert.Replication replication -> replicationEntry(replication);
      case Advert.Branching branching -> branchingEntry(branching);
      case Advert.Backbone backbone ->
          throw new IllegalArgumentException("not for agents: " + backbone.key());
    };
  }

  private static InetItem inetItem(Family family, RouteKey.Inet key, Advert.Unicast advert) {
    List<InetItem.NextHop> hops = new ArrayList<>();
    boolean wide = AgentMarks.areWide(advert.vias());
    for (Advert.Via via : advert.vias()) {
      InetItem.NextHop hop =
          InetItem.NextHop.of(
              via.nextHop().address(),
              via.nextHop().label(),
              encapsulations(via.nextHop(), via.nextHop().label() != 0),
              network(via));
      boolean plain = !wide && via.tags().isEmpty();
      hops.add(plain ? hop : hop.withTags(new TagList(wide, via.tags())));
    }
    InetItem item = InetItem.of(key.prefix(), hops, attributes(advert));
    return new InetItem(
        family == Family.INET_LABELED ? InetItem.LABELED : item.safi(),
        item.prefix(),
        item.nextHops(),
        item.attributes(),
        item.version(),
        Communities.format(advert.attributes().membership().communities()),
        AgentMarks.loadBalance(advert.attributes().membership().other()),
        item.subProtocol());
  }

  private static ControlMessage.Entry evpnEntry(EvpnItem.Nlri nlri, Advert.Unicast advert) {
    boolean leaf =
        advert.attributes().membership().other().stream().anyMatch(ExtendedCommunity::isLeaf);
    return ControlMessage.Entry.of(
        new EvpnItem(
            nlri,
            hops(advert.vias()),
            List.of(),
            attributes(advert),
            EvpnItem.Replication.DEFAULT,
            List.of(),
            leaf));
  }

  private static ControlMessage.Entry replicationEntry(Advert.Replication advert) {
    Pmsi pmsi = advert.attributes().pmsi();
    EvpnItem item =
        new EvpnItem(
            nlri(advert.key(), pmsi == null ? new Pmsi(0, 0, 0) : pmsi),
            List.of(),
            hops(advert.copies()),
            attributes(advert.attributes(), advert.copies()),
            EvpnItem.Replication.DEFAULT,
            hops(advert.leaves()),
            false);
    return new ControlMessage.Entry(id(advert.key()), item);
  }

  private static EvpnItem.Nlri nlri(RouteKey key, Pmsi pmsi) {
    return key instanceof RouteKey.Selective k
        ? new EvpnItem.Nlri(
            pmsi.tag(),
            MacAddress.BROADCAST,
            BROADCAST_ADDRESS,
            k.group(),
            k.source(),
            pmsi.flags())
        : EvpnItem.Nlri.advertised(pmsi.tag(), MacAddress.BROADCAST, BROADCAST_ADDRESS);
  }

  private static ControlMessage.Entry branchingEntry(Advert.Branching advert) {
    if (!(advert.key().group() instanceof Ipv4Address group)
        || !(advert.key().source() instanceof Ipv4Address source)) {
      throw new IllegalArgumentException("not of IPv4: " + advert.key());
    }
    List<MulticastItem.NextHop> olist = new ArrayList<>();
    for (Advert.Via via : advert.copies()) {
      NextHop hop = via.nextHop();
      List<String> words = encapsulations(hop, true).stream().map(Encapsulation::word).toList();
      olist.add(new MulticastItem.NextHop(hop.address(), hop.label(), hop.label(), words));
    }
    MulticastItem item = new MulticastItem(group, source, advert.label(), null, List.of(), olist);
    return new ControlMessage.Entry(id(advert.key()), item);
  }

  private static List<EvpnItem.NextHop> hops(List<Advert.Via> vias) {
    Set<EvpnItem.NextHop> hops = new LinkedHashSet<>();
    boolean wide = AgentMarks.areWide(vias);
    for (Advert.Via via : vias) {
      NextHop nextHop = via.nextHop();
      EvpnItem.NextHop hop =
          EvpnItem.NextHop.of(
              nextHop.address(), nextHop.label(), nextHop.l3Label(), encapsulations(nextHop, true));
      hops.add(
          new EvpnItem.NextHop(
              hop.address(),
              nextHop.routerMac(),
              hop.label(),
              hop.l3Label(),
              hop.encapsulations(),
              new TagList(wide, via.tags()),
              hop.localSequence()));
    }
    return List.copyOf(hops);
  }

  private static List<Encapsulation> encapsulations(NextHop nextHop, boolean labelled) {
    return nextHop.encapsulations().isEmpty() && labelled
        ? List.of(Encapsulation.MPLS_O_GRE)
        : nextHop.encapsulations();
  }

  private static String network(Advert.Via via) {
    return via.network() == null ? "unresolved" : via.network();
  }

  private static weft.xmpp.RouteAttributes attributes(Advert.Unicast advert) {
    return attributes(advert.attributes(), advert.vias());
  }

  private static weft.xmpp.RouteAttributes attributes(
      RouteAttributes route, List<Advert.Via> vias) {
    Preference preference = route.preference();
    RouteAttributes.Mobility mobility = preference.mobility();
    Long med = preference.med();
    return new weft.xmpp.RouteAttributes(
        vias.isEmpty() ? "unresolved" : network(vias.getFirst()),
        new Mobility(mobility.sticky(), mobility.sequence()),
        mobility.sequence(),
        route.membership().securityGroups().stream().map(id -> id & 0xffff_ffffL).toList(),
        preference.local(),
        med == null ? 0 : med,
        AgentMarks.peers(route));
  }
}
