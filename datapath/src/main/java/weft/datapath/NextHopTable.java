package weft.datapath;

import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import weft.net.Encapsulation;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.HashField;
import weft.vrouter.NextHop;
import weft.vrouter.NextHop.Member;
import weft.vrouter.TableKey.NextHopKey;

/**
 * Next hops, the members of composite ones, and the hosts that tunnels go to, from which tunnels
 * are taken in turn.
 *
 * <p>A composite's members stand under a version: new ones are complete before the next hop names
 * them, so that no packet sees half a list.
 */
final class NextHopTable implements Table<NextHopKey, NextHop> {
  private static final int DISCARD = 0;
  private static final int ENCAP_L3 = 1;
  private static final int ENCAP_L2 = 2;
  private static final int TUNNEL = 3;
  private static final int RECEIVE = 4;
  private static final int BRIDGE = 5;
  private static final int ECMP = 6;
  private static final int FLOOD = 7;
  private static final int UNDERLAY = 8;
  private static final int TREE = 9;

  /** In the target of a tunnel: it is a branch of a tree, of a network with the VNI below. */
  private static final int BRANCH = 0x80000000;

  private static final int MOST_MEMBERS = 4095;

  private final KernelMap map;
  private final KernelMap members;
  private final KernelMap peers;
  private final Map<Ipv4Address, Integer> peerUsers = new HashMap<>();
  private final Set<Integer> underlay = new HashSet<>();
  private final ConfigTable config;
  private final int type;
  private final int encapsulation;
  private final int memberCount;
  private final int target;
  private final int source;
  private final int destination;
  private final int routerMac;
  private final int memberNextHop;
  private final int memberVersion;
  private final int memberIndex;
  private final int hopNextHop;
  private final int hopLabel;

  NextHopTable(BpfObject object, ConfigTable config) {
    this.config = config;
    Struct value = object.struct("next_hop_value");
    Struct member = object.struct("member_key");
    Struct hop = object.struct("hop_value");
    map = object.map("next_hops", Integer.BYTES, value.size());
    members = object.map("members", member.size(), hop.size());
    peers = object.map("peers", Integer.BYTES, Integer.BYTES);
    type = value.at("type");
    encapsulation = value.at("encapsulation");
    memberCount = value.at("members");
    target = value.at("target");
    source = value.at("source");
    destination = value.at("destination");
    routerMac = value.at("router_mac");
    memberNextHop = member.at("next_hop");
    memberVersion = member.at("version");
    memberIndex = member.at("index");
    hopNextHop = hop.at("next_hop");
    hopLabel = hop.at("label");
    map.forEach((k, v) -> {
      switch (Bytes.u8(v, type)) {
        case TUNNEL -> usePeer(Bytes.ipv4(v, destination));
        case UNDERLAY -> underlay.add(Bytes.i32(k, 0));
        default -> {}
      }
    });
    config.underlay(ConfigTable.Outward.ROUTED, !underlay.isEmpty());
  }

  private MemorySegment key(NextHopKey key) {
    MemorySegment k = map.key();
    Bytes.i32(k, 0, key.id());
    return k;
  }

  private record Stored(int type, int members, int version, Ipv4Address destination) {}

  private Stored stored(NextHopKey key) {
    if (!map.get(key(key))) {
      return new Stored(DISCARD, 0, 0, Ipv4Address.ANY);
    }
    MemorySegment v = map.read();
    int kind = Bytes.u8(v, type);
    boolean composite = kind == ECMP || kind == FLOOD || kind == TREE;
    return new Stored(
        kind,
        composite ? Bytes.u16(v, memberCount) : 0,
        composite ? Bytes.i32(v, target) : 0,
        Bytes.ipv4(v, destination));
  }

  @Override
  public void put(NextHopKey key, NextHop nextHop) {
    Stored before = stored(key);
    if (nextHop instanceof NextHop.Tunnel tunnel) {
      usePeer(tunnel.destination());
    } else if (nextHop instanceof NextHop.Branch branch) {
      usePeer(branch.destination());
    }
    switch (nextHop) {
      case NextHop.Discard _ -> write(key, DISCARD, 0);
      case NextHop.EncapL3(int vif) -> write(key, ENCAP_L3, vif);
      case NextHop.EncapL2(int vif) -> write(key, ENCAP_L2, vif);
      case NextHop.Tunnel tunnel -> writeTunnel(key, tunnel, 0);
      case NextHop.Branch branch ->
          writeTunnel(
              key,
              new NextHop.Tunnel(branch.source(), branch.destination(), branch.encapsulation()),
              BRANCH | branch.vni());
      case NextHop.Receive _ -> write(key, RECEIVE, 0);
      case NextHop.Underlay _ -> {
        write(key, UNDERLAY, 0);
        underlay.add(key.id());
        config.underlay(ConfigTable.Outward.ROUTED, true);
      }
      case NextHop.Bridge(int vrf) -> write(key, BRIDGE, vrf);
      case NextHop.Ecmp(List<Member> list, Set<HashField> fields) ->
          writeComposite(key, new Composite(ECMP, bits(fields), list), before.version() + 1);
      case NextHop.Flood(List<Member> list) ->
          writeComposite(key, new Composite(FLOOD, 0, list), before.version() + 1);
      case NextHop.Tree(List<Member> list) ->
          writeComposite(key, new Composite(TREE, 0, list), before.version() + 1);
    }
    forget(key, before);
    if (!(nextHop instanceof NextHop.Underlay)) {
      leaveUnderlay(key);
    }
  }

  /** Guests reach the underlay by this next hop. */
  boolean isUnderlay(int id) {
    return underlay.contains(id);
  }

  private void leaveUnderlay(NextHopKey key) {
    if (underlay.remove(key.id()) && underlay.isEmpty()) {
      config.underlay(ConfigTable.Outward.ROUTED, false);
    }
  }

  private void write(NextHopKey key, int kind, int to) {
    MemorySegment v = map.value();
    Bytes.u8(v, type, kind);
    Bytes.i32(v, target, to);
    map.put(key(key), v);
  }

  private void writeTunnel(NextHopKey key, NextHop.Tunnel tunnel, int branch) {
    MemorySegment v = map.value();
    Bytes.u8(v, type, TUNNEL);
    Bytes.i32(v, target, branch);
    Bytes.u8(v, encapsulation, Bytes.code(tunnel.encapsulation()));
    Bytes.ip(v, source, tunnel.source());
    Bytes.ip(v, destination, tunnel.destination());
    MacAddress router = tunnel.router();
    Bytes.mac(v, routerMac, router == null ? MacAddress.ZERO : router);
    try {
      map.put(key(key), v);
    } catch (DatapathException e) {
      releasePeer(tunnel.destination());
      throw e;
    }
  }

  private static int bits(Set<HashField> fields) {
    return fields.stream().mapToInt(field -> 1 << Bytes.code(field)).sum();
  }

  private static Set<HashField> fields(int bits) {
    return EnumSet.allOf(HashField.class).stream()
        .filter(field -> (bits & 1 << Bytes.code(field)) != 0)
        .collect(Collectors.toSet());
  }

  /**
   * A next hop of several.
   *
   * @param fields that choose one of them
   */
  private record Composite(int kind, int fields, List<Member> members) {}

  private void writeComposite(NextHopKey key, Composite composite, int version) {
    List<Member> list = composite.members();
    if (list.size() > MOST_MEMBERS) {
      throw new DatapathException(list.size() + " members are over " + MOST_MEMBERS);
    }
    try {
      for (int i = 0; i < list.size(); i++) {
        MemorySegment v = members.value();
        Bytes.i32(v, hopNextHop, list.get(i).nextHop());
        Bytes.i32(v, hopLabel, list.get(i).label());
        members.put(memberKey(key.id(), version, i), v);
      }
      MemorySegment v = map.value();
      Bytes.u8(v, type, composite.kind());
      Bytes.u8(v, encapsulation, composite.fields());
      Bytes.u16(v, memberCount, list.size());
      Bytes.i32(v, target, version);
      map.put(key(key), v);
    } catch (DatapathException e) {
      forgetMembers(key, version, list.size());
      throw e;
    }
  }

  private MemorySegment memberKey(int nextHop, int version, int index) {
    MemorySegment k = members.key();
    Bytes.i32(k, memberNextHop, nextHop);
    Bytes.i32(k, memberVersion, version);
    Bytes.i32(k, memberIndex, index);
    return k;
  }

  /** Takes away what a value that is no longer in force had beside its entry. */
  private void forget(NextHopKey key, Stored before) {
    forgetMembers(key, before.version(), before.members());
    if (before.type() == TUNNEL) {
      releasePeer(before.destination());
    }
  }

  private void forgetMembers(NextHopKey key, int version, int count) {
    for (int i = 0; i < count; i++) {
      members.delete(memberKey(key.id(), version, i));
    }
  }

  private void usePeer(Ipv4Address host) {
    if (!peerUsers.containsKey(host)) {
      MemorySegment k = peers.key();
      Bytes.ip(k, 0, host);
      peers.put(k, peers.value());
    }
    peerUsers.merge(host, 1, Integer::sum);
  }

  private void releasePeer(Ipv4Address host) {
    if (peerUsers.merge(host, -1, Integer::sum) == 0) {
      peerUsers.remove(host);
      MemorySegment k = peers.key();
      Bytes.ip(k, 0, host);
      peers.delete(k);
    }
  }

  @Override
  public void remove(NextHopKey key) {
    Stored before = stored(key);
    map.delete(key(key));
    forget(key, before);
    leaveUnderlay(key);
  }

  @Override
  public void forEach(BiConsumer<NextHopKey, NextHop> consumer) {
    map.forEach((k, v) -> consumer.accept(new NextHopKey(Bytes.i32(k, 0)), read(k, v)));
  }

  private NextHop read(MemorySegment k, MemorySegment v) {
    int to = Bytes.i32(v, target);
    return switch (Bytes.u8(v, type)) {
      case ENCAP_L3 -> new NextHop.EncapL3(to);
      case ENCAP_L2 -> new NextHop.EncapL2(to);
      case TUNNEL -> readTunnel(v, to);
      case RECEIVE -> new NextHop.Receive();
      case BRIDGE -> new NextHop.Bridge(to);
      case UNDERLAY -> new NextHop.Underlay();
      case ECMP ->
          new NextHop.Ecmp(
              readMembers(Bytes.i32(k, 0), to, Bytes.u16(v, memberCount)),
              fields(Bytes.u8(v, encapsulation)));
      case FLOOD -> new NextHop.Flood(readMembers(Bytes.i32(k, 0), to, Bytes.u16(v, memberCount)));
      case TREE -> new NextHop.Tree(readMembers(Bytes.i32(k, 0), to, Bytes.u16(v, memberCount)));
      default -> new NextHop.Discard();
    };
  }

  private NextHop readTunnel(MemorySegment v, int branch) {
    MacAddress router = Bytes.mac(v, routerMac);
    NextHop.Tunnel tunnel =
        new NextHop.Tunnel(
            Bytes.ipv4(v, source),
            Bytes.ipv4(v, destination),
            Bytes.constant(Encapsulation.values(), Bytes.u8(v, encapsulation)),
            router.equals(MacAddress.ZERO) ? null : router);
    return branch == 0
        ? tunnel
        : new NextHop.Branch(
            tunnel.source(), tunnel.destination(), tunnel.encapsulation(), branch & ~BRANCH);
  }

  private List<Member> readMembers(int nextHop, int version, int count) {
    List<Member> list = new ArrayList<>(count);
    for (int i = 0; i < count; i++) {
      boolean found = members.get(memberKey(nextHop, version, i));
      MemorySegment v = members.read();
      list.add(
          found ? new Member(Bytes.i32(v, hopNextHop), Bytes.i32(v, hopLabel)) : new Member(0, -1));
    }
    return list;
  }
}
