package weft.agent.core;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.HashField;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.MulticastItem;
import weft.xmpp.RouteAttributes;

/**
 * The routes of one VRF as the control nodes have sent them, in compact form.
 *
 * <p>A destination that several nodes know is one route: the best of theirs, and of equally good
 * ones all ways, where the same way from two nodes is one.
 */
final class Routes {
  /**
   * A way to a destination.
   *
   * @param network the network the destination is in, or empty
   * @param router of a prefix: the MAC of the router there, null if it told none
   */
  record Hop(
      Ipv4Address address,
      int label,
      List<Encapsulation> encapsulations,
      String network,
      @Nullable MacAddress router) {
    Hop(Ipv4Address address, int label, List<Encapsulation> encapsulations, String network) {
      this(address, label, encapsulations, network, null);
    }

    boolean leadsWhere(Hop other) {
      return label == other.label && address.equals(other.address);
    }
  }

  /** How good a route is beside that of another node. */
  record Rank(long preference, long sequence) implements Comparable<Rank> {
    static Rank of(RouteAttributes attributes) {
      return new Rank(attributes.localPreference(), attributes.effectiveSequence());
    }

    @Override
    public int compareTo(Rank other) {
      int byPreference = Long.compare(preference, other.preference);
      return byPreference != 0 ? byPreference : Long.compare(sequence, other.sequence);
    }
  }

  /**
   * A unicast route.
   *
   * @param elsewhere whether a hop of it is another host
   * @param hashing what of a flow chooses one of the hops
   */
  record Inet(
      List<Hop> hops,
      List<Integer> securityGroups,
      boolean elsewhere,
      Rank rank,
      Set<HashField> hashing) {}

  /**
   * A MAC, or for the broadcast MAC the list of those who want copies, or for the MAC of zeros a
   * prefix.
   *
   * @param securityGroups of a prefix
   */
  record Evpn(
      String id,
      MacAddress mac,
      IpPrefix address,
      List<Hop> hops,
      List<Integer> securityGroups,
      Rank rank) {
    boolean isPrefix() {
      return mac.equals(MacAddress.ZERO);
    }
  }

  /**
   * The place of this host in a tree.
   *
   * @param label by which copies come
   * @param hops where they go on to
   */
  record Tree(int label, List<Hop> hops) {}

  /** How the id of the tree ends by which all is flooded. */
  private static final String TREE = "255.255.255.255,0.0.0.0";

  private final Told<String, Tree> toldTrees = new Told<>();
  private final Told<IpPrefix, Inet> toldInet = new Told<>();
  private final Told<String, Evpn> toldEvpn = new Told<>();
  private final Map<IpPrefix, Inet> inet = new HashMap<>();
  private final Map<String, Evpn> evpn = new HashMap<>();
  private final Map<MacAddress, SortedMap<String, Evpn>> byMac = new HashMap<>();
  private final Map<IpAddress, SortedMap<String, Evpn>> byAddress = new HashMap<>();
  private final Map<IpPrefix, SortedMap<String, Evpn>> byPrefix = new HashMap<>();

  /**
   * What other hosts say of a MAC.
   *
   * @param fixed one says that it is a port's own, which does not move by being heard elsewhere
   * @param sequence the highest number by which one has heard it, 0 if none has
   * @param first whether of hosts with the same number this one goes after them
   */
  record Elsewhere(boolean fixed, long sequence, boolean first) {
    static final Elsewhere NOWHERE = new Elsewhere(false, 0, false);

    /** Whether they have it rather than this host, where its number is `own`. */
    boolean goesBefore(long own) {
      return fixed || sequence > own || (sequence == own && first);
    }
  }

  /**
   * @param self the address of this host
   */
  Elsewhere elsewhere(MacAddress mac, Ipv4Address self) {
    boolean fixed = false;
    boolean first = false;
    long sequence = 0;
    for (Evpn route : ofMac(mac)) {
      for (Hop hop : route.hops()) {
        if (!hop.address().equals(self)) {
          fixed |= route.rank().sequence() == 0;
          boolean lower = hop.address().compareTo(self) < 0;
          first = route.rank().sequence() > sequence ? lower : first || lower;
          sequence = Math.max(sequence, route.rank().sequence());
        }
      }
    }
    return new Elsewhere(fixed, sequence, first);
  }

  /** A session with a control node begins: what it has said before is unconfirmed. */
  void beginSession(int node) {
    toldInet.renew(node);
    toldEvpn.renew(node);
    toldTrees.renew(node);
  }

  /**
   * Sets a route and returns its prefix.
   *
   * @param self the address of this host, null if it is not known yet
   */
  IpPrefix put(int node, InetItem item, @Nullable Ipv4Address self) {
    List<Hop> hops = new ArrayList<>(item.nextHops().size());
    for (InetItem.NextHop hop : item.nextHops()) {
      if (hop.address() instanceof Ipv4Address address) {
        String network =
            hop.virtualNetwork().isEmpty()
                ? item.attributes().virtualNetwork()
                : hop.virtualNetwork();
        hops.add(new Hop(address, hop.label(), hop.knownEncapsulations(), network.intern()));
      }
    }
    List<Integer> groups = item.attributes().securityGroups().stream().map(Long::intValue).toList();
    boolean elsewhere = hops.stream().anyMatch(hop -> !hop.address().equals(self));
    Rank rank = Rank.of(item.attributes());
    Set<HashField> hashing = LoadBalancing.fields(item.loadBalance());
    toldInet.put(node, item.prefix(), new Inet(hops, groups, elsewhere, rank, hashing));
    uniteInet(item.prefix());
    return item.prefix();
  }

  /** Sets a route and returns what it was before, if anything. */
  @Nullable Evpn put(int node, String id, EvpnItem item) {
    MacAddress mac = item.nlri().mac();
    boolean isPrefix = mac.equals(MacAddress.ZERO);
    List<EvpnItem.NextHop> from =
        mac.isBroadcast() && !item.olist().isEmpty() ? item.olist() : item.nextHops();
    List<Hop> hops = new ArrayList<>(from.size());
    for (EvpnItem.NextHop hop : from) {
      if (hop.address() instanceof Ipv4Address address) {
        String network = isPrefix ? item.attributes().virtualNetwork().intern() : "";
        MacAddress router = isPrefix ? router(hop.mac()) : null;
        hops.add(new Hop(address, hop.label(), hop.knownEncapsulations(), network, router));
      }
    }
    List<Integer> groups =
        isPrefix
            ? item.attributes().securityGroups().stream().map(Long::intValue).toList()
            : List.of();
    Rank rank = Rank.of(item.attributes());
    toldEvpn.put(node, id, new Evpn(id, mac, item.nlri().address(), hops, groups, rank));
    return uniteEvpn(id);
  }

  /** A MAC of zeros or of a group is no router's. */
  private static @Nullable MacAddress router(@Nullable MacAddress told) {
    return told == null || told.isGroup() || told.equals(MacAddress.ZERO) ? null : told;
  }

  /** Sets the place in the tree of all that is flooded; false if it is another tree. */
  boolean put(int node, String id, MulticastItem item) {
    if (!isBroadcast(id)) {
      return false;
    }
    List<Hop> hops = new ArrayList<>(item.olist().size());
    for (MulticastItem.NextHop hop : item.olist()) {
      if (hop.address() instanceof Ipv4Address address) {
        hops.add(new Hop(address, hop.first(), hop.knownEncapsulations(), ""));
      }
    }
    toldTrees.put(node, TREE, new Tree(item.sourceLabel(), hops));
    return true;
  }

  boolean removeTree(int node, String id) {
    return isBroadcast(id) && toldTrees.remove(node, TREE);
  }

  private static boolean isBroadcast(String id) {
    return id.endsWith(TREE);
  }

  /** Of all that is flooded: a place for each control node that has told one. */
  List<Tree> trees() {
    return toldTrees.of(TREE);
  }

  boolean removeInet(int node, IpPrefix prefix) {
    boolean known = toldInet.remove(node, prefix);
    uniteInet(prefix);
    return known;
  }

  /** Takes a route back and returns what it was before, if anything. */
  @Nullable Evpn removeEvpn(int node, String id) {
    toldEvpn.remove(node, id);
    return uniteEvpn(id);
  }

  private void uniteInet(IpPrefix prefix) {
    List<Inet> told = toldInet.of(prefix);
    if (told.isEmpty()) {
      inet.remove(prefix);
    } else if (told.size() == 1) {
      inet.put(prefix, told.getFirst());
    } else {
      Rank best = Collections.max(told.stream().map(Inet::rank).toList());
      List<Inet> equal = told.stream().filter(each -> each.rank().equals(best)).toList();
      List<Hop> hops = union(equal.stream().map(Inet::hops).toList());
      boolean elsewhere = equal.stream().anyMatch(Inet::elsewhere);
      Inet first = equal.getFirst();
      inet.put(prefix, new Inet(hops, first.securityGroups(), elsewhere, best, first.hashing()));
    }
  }

  private @Nullable Evpn uniteEvpn(String id) {
    Evpn before = evpn.remove(id);
    if (before != null && before.isPrefix()) {
      byPrefix.computeIfPresent(before.address(), (_, routes) -> without(routes, id));
    } else if (before != null) {
      byMac.computeIfPresent(before.mac(), (_, routes) -> without(routes, id));
      byAddress.computeIfPresent(before.address().address(), (_, routes) -> without(routes, id));
    }
    List<Evpn> told = toldEvpn.of(id);
    if (!told.isEmpty()) {
      Evpn now = told.size() == 1 ? told.getFirst() : united(told);
      evpn.put(id, now);
      if (now.isPrefix()) {
        byPrefix.computeIfAbsent(now.address(), _ -> new TreeMap<>()).put(id, now);
        return before;
      }
      byMac.computeIfAbsent(now.mac(), _ -> new TreeMap<>()).put(id, now);
      if (now.address().isHost()) {
        byAddress.computeIfAbsent(now.address().address(), _ -> new TreeMap<>()).put(id, now);
      }
    }
    return before;
  }

  private static Evpn united(List<Evpn> told) {
    Rank best = Collections.max(told.stream().map(Evpn::rank).toList());
    List<Evpn> equal = told.stream().filter(each -> each.rank().equals(best)).toList();
    Evpn first = equal.getFirst();
    List<Hop> hops = union(equal.stream().map(Evpn::hops).toList());
    return new Evpn(first.id(), first.mac(), first.address(), hops, first.securityGroups(), best);
  }

  private static List<Hop> union(List<List<Hop>> told) {
    List<Hop> union = new ArrayList<>();
    for (List<Hop> hops : told) {
      for (Hop hop : hops) {
        if (union.stream().noneMatch(hop::leadsWhere)) {
          union.add(hop);
        }
      }
    }
    return union;
  }

  private static @Nullable SortedMap<String, Evpn> without(
      SortedMap<String, Evpn> routes, String id) {
    routes.remove(id);
    return routes.isEmpty() ? null : routes;
  }

  /** A session has ended: what the others say too is theirs alone, the rest is unconfirmed. */
  void endSession(
      int node, Consumer<IpPrefix> inetChanged, Consumer<Evpn> evpnChanged, Runnable treeChanged) {
    beginSession(node);
    if (!toldTrees.dropRepeated(node).isEmpty()) {
      treeChanged.run();
    }
    changed(toldInet.dropRepeated(node), toldEvpn.dropRepeated(node), inetChanged, evpnChanged);
  }

  /** Drops what the node has not confirmed, telling what it was. */
  void sweep(
      int node, Consumer<IpPrefix> inetChanged, Consumer<Evpn> evpnChanged, Runnable treeChanged) {
    if (!toldTrees.sweep(node).isEmpty()) {
      treeChanged.run();
    }
    changed(toldInet.sweep(node), toldEvpn.sweep(node), inetChanged, evpnChanged);
  }

  private void changed(
      List<IpPrefix> prefixes,
      List<String> ids,
      Consumer<IpPrefix> inetChanged,
      Consumer<Evpn> evpnChanged) {
    for (IpPrefix prefix : prefixes) {
      uniteInet(prefix);
      inetChanged.accept(prefix);
    }
    for (String id : ids) {
      Evpn before = uniteEvpn(id);
      if (before != null) {
        evpnChanged.accept(before);
      }
    }
  }

  @Nullable Inet inet(IpPrefix prefix) {
    return inet.get(prefix);
  }

  Set<IpPrefix> prefixes() {
    return Collections.unmodifiableSet(inet.keySet());
  }

  Set<MacAddress> macs() {
    return Collections.unmodifiableSet(byMac.keySet());
  }

  /** Routes of a MAC in order of their ids. */
  Collection<Evpn> ofMac(MacAddress mac) {
    SortedMap<String, Evpn> routes = byMac.get(mac);
    return routes == null ? List.of() : routes.values();
  }

  /** Routes that name a host address, in order of their ids. */
  Collection<Evpn> ofAddress(IpAddress address) {
    SortedMap<String, Evpn> routes = byAddress.get(address);
    return routes == null ? List.of() : routes.values();
  }

  /** The prefixes that routes of type 5 lead to. */
  Set<IpPrefix> routed() {
    return Collections.unmodifiableSet(byPrefix.keySet());
  }

  /** The best route of type 5 to a prefix, or null. */
  @Nullable Evpn toPrefix(IpPrefix prefix) {
    SortedMap<String, Evpn> routes = byPrefix.get(prefix);
    Evpn best = null;
    for (Evpn each : routes == null ? List.<Evpn>of() : routes.values()) {
      if (best == null || each.rank().compareTo(best.rank()) > 0) {
        best = each;
      }
    }
    return best;
  }

  int size() {
    return inet.size() + evpn.size();
  }

  /** How many of them a control node has sent. */
  int size(int node) {
    return toldInet.count(node) + toldEvpn.count(node);
  }
}
