package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.B;
import static weft.datapath.PacketLab.C;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP6_A;
import static weft.datapath.PacketLab.IP6_B;
import static weft.datapath.PacketLab.IP_A;
import static weft.datapath.PacketLab.IP_B;
import static weft.datapath.PacketLab.IP_C;
import static weft.datapath.PacketLab.IP_R1;
import static weft.datapath.PacketLab.IP_R2;
import static weft.datapath.PacketLab.LABEL_FLOOD;
import static weft.datapath.PacketLab.LABEL_L2_A;
import static weft.datapath.PacketLab.LABEL_L3_A;
import static weft.datapath.PacketLab.LABEL_TREE;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
import static weft.datapath.PacketLab.MAC_C;
import static weft.datapath.PacketLab.MAC_R1;
import static weft.datapath.PacketLab.NH_TUNNEL;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.PacketLab.VNI_1;
import static weft.datapath.PacketLab.key;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Reader;
import weft.testkit.Seeds;
import weft.vrouter.Acl;
import weft.vrouter.Acl.Endpoint;
import weft.vrouter.BridgeEntry;
import weft.vrouter.DropReason;
import weft.vrouter.FatFlows;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.ForwardingTables;
import weft.vrouter.InetRoute;
import weft.vrouter.NextHop;
import weft.vrouter.Outcome;
import weft.vrouter.Packet;
import weft.vrouter.PacketTrace;
import weft.vrouter.PortPool;
import weft.vrouter.ReferencePipeline;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.Trap;
import weft.vrouter.Vif;

/** The programs do with random packets over random tables what the reference pipeline does. */
@Tag("lab")
class ReferenceLabTest {
  private static final BlockingQueue<Trap> TRAPS = new LinkedBlockingQueue<>();
  private static final String FLOATING_A = "10.2.2.50";
  private static final String UNDERLAY = "7.7.7.7";
  private static final String FLOATING6_A = "fd02::50";
  private static final List<String> ADDRESSES =
      List.of(
          IP_A,
          IP_B,
          IP_C,
          IP_R1,
          IP_R2,
          "10.1.1.1",
          "10.1.1.77",
          "9.9.9.9",
          FLOATING_A,
          FLOATING_A,
          FLOATING_A,
          "8.8.8.8",
          "8.8.8.8",
          "8.8.8.8",
          UNDERLAY,
          UNDERLAY,
          UNDERLAY,
          HERE);
  private static final List<MacAddress> MACS =
      List.of(
          MAC_B,
          MAC_R1,
          MacAddress.GATEWAY,
          MacAddress.GATEWAY,
          MacAddress.BROADCAST,
          MAC_A,
          PacketLab.mac(66));
  private static final int[] PORTS = {53, 67, 68, 80, 1000};
  private static PacketLab lab;
  private static int translated;
  private static int sentOut;

  @BeforeAll
  static void open() {
    lab = new PacketLab("rf");
    lab.datapath().traps(TRAPS::add);
    lab.put(key(2, FLOATING_A + "/32"), PacketLab.route(PacketLab.NH_L3_A, MAC_A, 200, 2));
    lab.put(key(2, FLOATING6_A + "/128"), PacketLab.route(PacketLab.NH_L3_A, MAC_A, 200));
    lab.put(new NextHopKey(800), new NextHop.Underlay());
    for (String prefix : List.of("7.0.0.0/8", HERE + "/32")) {
      lab.put(
          key(1, prefix), new InetRoute(800, -1, InetRoute.Arp.PROXY, null, 300, new TreeSet<>()));
    }
    PortPool pool = new PortPool(List.of(new PortPool.Range(60000, 65535)));
    for (int protocol : new int[] {1, 6, 17}) {
      lab.put(new TableKey.PortPoolKey(protocol), pool);
    }
    lab.put(key(2, "8.0.0.0/8"), PacketLab.tunnelRoute(MAC_R1, 200, 1));
    lab.put(key(2, "9.9.0.0/16"), PacketLab.tunnelRoute(MAC_R1, 0));
    lab.put(key(2, IP6_B + "/128"), PacketLab.tunnelRoute(MAC_R1, 200));
    lab.put(key(2, "fd09::/16"), PacketLab.tunnelRoute(MAC_R1, 200));
  }

  @AfterAll
  static void close() {
    lab.close();
  }

  @Test
  void programsAndReferenceAgree() {
    Seeds.each(
        100,
        seed -> {
          Random random = new Random(seed);
          changeTables(random);
          changeFloating(random);
          changeFatFlows(random);
          ForwardingTables tables = new ForwardingTables(lab.datapath().contents());
          for (int i = 0; i < 40; i++) {
            fromGuest(random, tables);
            fromTunnel(random, tables);
          }
        });
    assertThat(translated).as("packets by a floating address").isGreaterThan(20);
    assertThat(sentOut).as("packets by the host's address").isPositive();
  }

  private static <T> T one(Random random, List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private static void changeTables(Random random) {
    for (int acl = 1; acl <= 3; acl++) {
      List<Acl.Rule> rules = new ArrayList<>();
      for (int i = longList(random); i > 0; i--) {
        rules.add(narrowRule(random));
      }
      for (int i = random.nextInt(5); i > 0; i--) {
        rules.add(rule(random));
      }
      lab.acl(acl, rules.toArray(Acl.Rule[]::new));
    }
    for (int id : new int[] {A, B, C}) {
      Vif vif = lab.vif(id, random.nextInt(3) / 2, random.nextInt(2) * 2, random.nextInt(2) * 3);
      Vif.Flags flags =
          new Vif.Flags(
              random.nextInt(8) != 0,
              random.nextInt(8) != 0,
              random.nextInt(8) != 0,
              random.nextInt(4) != 0,
              one(random, List.of(Vif.Learning.values())));
      lab.put(
          new VifKey(id),
          new Vif(
              vif.kind(),
              vif.device(),
              vif.ifindex(),
              vif.mac(),
              vif.vrf(),
              vif.address(),
              vif.allowed(),
              vif.networkAcl(),
              vif.ingressAcl(),
              vif.egressAcl(),
              flags,
              random.nextBoolean() ? vif.gateways() : new TreeSet<>(),
              vif.port(),
              vif.vlan(),
              0));
    }
    changeBridge(random);
    lab.put(
        new NextHopKey(NH_TUNNEL),
        random.nextInt(8) == 0
            ? PacketLab.tunnel(PacketLab.mac(77))
            : PacketLab.tunnel(one(random, List.of(Encapsulation.values()))));
    for (String address : List.of(IP_A, IP_B, IP_C, IP_R1, IP_R2)) {
      TableKey route = key(1, address + "/32");
      InetRoute was = (InetRoute) lab.applied().get(route);
      TreeSet<Integer> groups = new TreeSet<>();
      for (int i = random.nextInt(3); i > 0; i--) {
        groups.add(1 + random.nextInt(3));
      }
      lab.put(
          route,
          new InetRoute(
              was.nextHop(),
              was.label(),
              one(random, List.of(InetRoute.Arp.values())),
              was.mac(),
              one(random, List.of(0, 100, 200)),
              groups));
    }
  }

  /** Where the MAC behind A's port is known, and whether unknown ones are flooded. */
  private static void changeBridge(Random random) {
    TableKey learned = new TableKey.BridgeKey(1, MAC_C);
    TableKey unknown = new TableKey.BridgeKey(1, MacAddress.ZERO);
    int hop = one(random, List.of(0, PacketLab.NH_L2_A, PacketLab.NH_L2_B, NH_TUNNEL));
    if (hop != 0) {
      lab.put(learned, new BridgeEntry(hop, hop == NH_TUNNEL ? 100 : -1));
    } else if (lab.applied().containsKey(learned)) {
      lab.remove(learned);
    }
    if (random.nextBoolean()) {
      lab.put(unknown, new BridgeEntry(PacketLab.NH_FLOOD, -1));
    } else if (lab.applied().containsKey(unknown)) {
      lab.remove(unknown);
    }
  }

  private static void changeFloating(Random random) {
    List<FloatingAddresses.PortMap> ports =
        random.nextInt(3) != 0
            ? List.of()
            : List.of(
                new FloatingAddresses.PortMap(17, 80, 1000),
                new FloatingAddresses.PortMap(6, 80, 53));
    List<FloatingAddresses.Floating> all = new ArrayList<>();
    if (random.nextInt(4) != 0) {
      all.add(floating(random, FLOATING_A, IP_A, ports));
    }
    if (random.nextBoolean()) {
      all.add(floating(random, FLOATING6_A, IP6_A, List.of()));
    }
    lab.put(new TableKey.FloatingKey(A), new FloatingAddresses(all));
  }

  private static void changeFatFlows(Random random) {
    List<FatFlows.Rule> rules = new ArrayList<>();
    for (int vif : new int[] {A, B}) {
      for (int i = random.nextInt(2) * random.nextInt(6); i > 0; i--) {
        rules.add(
            new FatFlows.Rule(
                one(random, List.of(1, 6, 6, 17, 17, 58, 89)),
                one(random, List.of(0, 0, 53, 80, 1000)),
                fatEnd(random),
                fatEnd(random)));
      }
      lab.put(new TableKey.FatFlowKey(vif), new FatFlows(rules));
    }
  }

  private static FatFlows.End fatEnd(Random random) {
    return switch (random.nextInt(5)) {
      case 0 -> FatFlows.End.IGNORED;
      case 1 ->
          new FatFlows.End(
              new IpPrefix(Packets.ip(one(random, ADDRESSES)), random.nextInt(33)),
              random.nextInt(33));
      case 2 -> new FatFlows.End(IpPrefix.parse("fd00::/8"), random.nextInt(129));
      default -> FatFlows.End.KEPT;
    };
  }

  private static FloatingAddresses.Floating floating(
      Random random, String outside, String inside, List<FloatingAddresses.PortMap> ports) {
    return new FloatingAddresses.Floating(
        Packets.ip(outside),
        Packets.ip(inside),
        2,
        random.nextInt(4),
        random.nextInt(5) != 0,
        random.nextInt(5) != 0,
        ports);
  }

  /** Most lists are short; some need an index, some one of several parts. */
  private static int longList(Random random) {
    return switch (random.nextInt(12)) {
      case 0, 1, 2 -> 10 + random.nextInt(60);
      case 3 -> 900 + random.nextInt(400);
      default -> 0;
    };
  }

  /** Matches so little that later rules have a say. */
  private static Acl.Rule narrowRule(Random random) {
    int port = random.nextInt(100);
    Endpoint near =
        new Endpoint.Subnet(
            new IpPrefix(Packets.ip(one(random, ADDRESSES)), 20 + random.nextInt(13)));
    Endpoint far = endpoint(random);
    boolean from = random.nextBoolean();
    return new Acl.Rule(
        new UUID(1, random.nextInt()),
        one(random, List.of(Acl.Family.values())),
        one(random, List.of(1, 6, 6, 17, 17)),
        from ? near : far,
        from ? far : near,
        new Acl.PortRange(port, port + 40),
        new Acl.PortRange(port, port + random.nextInt(60)),
        random.nextInt(2) == 0 ? Acl.Action.DENY : Acl.Action.PASS);
  }

  private static Acl.Rule rule(Random random) {
    return new Acl.Rule(
        new UUID(0, random.nextInt()),
        one(random, List.of(Acl.Family.values())),
        one(random, List.of(-1, -1, 1, 6, 17, 58)),
        endpoint(random),
        endpoint(random),
        random.nextInt(4) == 0 ? new Acl.PortRange(53, 80) : Acl.PortRange.ANY,
        random.nextInt(3) == 0 ? new Acl.PortRange(8, 80) : Acl.PortRange.ANY,
        random.nextInt(3) == 0 ? Acl.Action.DENY : Acl.Action.PASS);
  }

  private static Endpoint endpoint(Random random) {
    return switch (random.nextInt(6)) {
      case 0 -> new Endpoint.Group(1 + random.nextInt(3));
      case 1 -> new Endpoint.Network(one(random, List.of(0, 100, 200, 300)));
      case 2 ->
          new Endpoint.Subnet(new IpPrefix(Packets.ip(one(random, ADDRESSES)), random.nextInt(33)));
      case 3 -> new Endpoint.Subnet(new IpPrefix(Packets.ip(IP6_B), random.nextInt(129)));
      default -> Endpoint.ANY;
    };
  }

  private static Layer transport(Random random, boolean v6) {
    int from = PORTS[random.nextInt(PORTS.length)];
    int to = PORTS[random.nextInt(PORTS.length)];
    return switch (random.nextInt(4)) {
      case 0 -> Packets.tcp(from, to);
      case 1 ->
          v6
              ? Packets.echo6(one(random, List.of(128, 129, 135, 130)), from)
              : Packets.echo(one(random, List.of(8, 0, 13)), from);
      case 2 -> new Layer(89, Packets.data(20));
      default -> Packets.udp(from, to, Packets.data(12));
    };
  }

  private static Layer ip(Random random, String from) {
    if (random.nextInt(20) == 0) {
      int type = one(random, List.of(133, 134, 137));
      return Packets.neighbour(type, "fe80::7", "ff02::2", 0, "::", 1, PacketLab.MAC_A);
    }
    if (random.nextInt(6) == 0) {
      boolean own = random.nextInt(4) != 0;
      return Packets.checked(
          Packets.ipv6(
              from.equals(IP_A) ? own ? IP6_A : "fe80::7" : IP6_B,
              from.equals(IP_A)
                  ? one(random, List.of(IP6_B, "fd09::9"))
                  : one(random, List.of(IP6_A, FLOATING6_A)),
              transport(random, true)));
    }
    int ttl = random.nextInt(8) == 0 ? 1 : 64;
    return Packets.checked(ipv4(from, one(random, ADDRESSES), ttl, 0, 1, transport(random, false)));
  }

  private static void fromGuest(Random random, ForwardingTables tables) {
    MacAddress to = one(random, MACS);
    MacAddress from = random.nextInt(10) == 0 ? MAC_C : MAC_A;
    String source = random.nextInt(10) == 0 ? "10.1.1.50" : IP_A;
    Layer payload =
        switch (random.nextInt(8)) {
          case 0, 1 ->
              Packets.arp(
                  1 + random.nextInt(2), from, source, MacAddress.ZERO, one(random, ADDRESSES));
          case 2 ->
              random.nextInt(4) == 0 ? new Layer(0x88cc, Packets.data(40)) : ip(random, source);
          default -> ip(random, source);
        };
    byte[] frame = ethernet(to, from, payload);
    PacketTrace expected =
        new ReferencePipeline(tables, _ -> null).fromGuest(A, Packet.parse(frame));
    compare(expected, frame, () -> lab.fromGuest(A, frame));
  }

  private static void fromTunnel(Random random, ForwardingTables tables) {
    String outer = random.nextInt(10) == 0 ? "172.31.0.66" : THERE;
    boolean vxlan = random.nextBoolean();
    int label =
        vxlan
            ? one(random, List.of(VNI_1, VNI_1, 6))
            : one(
                random, List.of(LABEL_L3_A, LABEL_L3_A, LABEL_L2_A, LABEL_FLOOD, LABEL_TREE, 4000));
    Layer inner = ip(random, one(random, List.of(IP_R1, IP_R2)));
    byte[] frame =
        ethernet(
            one(
                random,
                List.of(
                    MAC_A,
                    MAC_B,
                    MacAddress.GATEWAY,
                    PacketLab.mac(99),
                    MAC_R1,
                    MacAddress.BROADCAST)),
            MAC_R1,
            inner);
    byte[] payload =
        label == LABEL_L3_A ? inner.bytes() : label == LABEL_TREE ? Packets.branch(frame) : frame;
    Layer tunnel =
        vxlan
            ? Packets.vxlan(label, frame)
            : random.nextBoolean()
                ? Packets.mplsGre(label, payload)
                : Packets.mplsUdp(6635, label, payload);
    PacketTrace expected =
        new ReferencePipeline(tables, _ -> null)
            .fromTunnel(
                Ipv4Address.parse(outer),
                vxlan ? Encapsulation.VXLAN : Encapsulation.MPLS_O_UDP,
                label,
                Packet.parse(frame));
    compare(expected, frame, () -> lab.fromFabric(ipv4(outer, HERE, tunnel)));
  }

  private static void compare(
      PacketTrace expected, byte[] frame, java.util.function.Supplier<ProgramRun> send) {
    lab.datapath().age(Duration.ZERO);
    TRAPS.clear();
    Map<DropReason, Long> drops = lab.datapath().drops();
    Map<Integer, VifStats> stats = lab.datapath().vifStats();
    ProgramRun run = send.get();
    String what =
        "%s%n%s%n".formatted(weft.net.Hex.of(frame), String.join("\n", expected.decisions()));
    if (expected.outcome() instanceof Outcome.Flooded) {
      assertThat(run.result()).as(what).isEqualTo(ProgramRun.SHOT);
      return;
    }
    assertThat(observed(run, drops, stats)).as(what).isEqualTo(expected.outcome());
    if (expected.outcome() instanceof Outcome.Delivered
        || expected.outcome() instanceof Outcome.Tunnelled) {
      compareAddresses(expected, run.packet(), what);
    }
  }

  /** What is left of a packet has the addresses and ports it should have, and its checksums. */
  private static void compareAddresses(PacketTrace expected, byte[] frame, String what) {
    byte[] ip = Packets.from(frame, 14);
    if (expected.outcome() instanceof Outcome.Tunnelled tunnelled) {
      ip =
          switch (tunnelled.encapsulation()) {
            case MPLS_O_GRE -> Packets.from(ip, routedOr(ip, 28));
            case MPLS_O_UDP -> Packets.from(ip, routedOr(ip, 32));
            case VXLAN -> Packets.from(ip, 50);
          };
    }
    Packet packet = expected.packet();
    if (packet == null || !(packet.ip() instanceof Packet.Ip wanted)) {
      return;
    }
    byte[] seen = ethernet(MAC_A, MAC_B, new Layer(wanted.source().isV4() ? 0x0800 : 0x86dd, ip));
    Packet parsed = Packet.parse(seen);
    assertThat(parsed).as(what).isNotNull();
    Packet.Ip found = (Packet.Ip) parsed.ip();
    assertThat(
            List.of(
                found.source(), found.destination(), found.sourcePort(), found.destinationPort()))
        .as(what)
        .isEqualTo(
            List.of(
                wanted.source(),
                wanted.destination(),
                wanted.sourcePort(),
                wanted.destinationPort()));
    if (expected.decisions().stream().anyMatch(line -> line.startsWith("translated"))) {
      translated++;
    }
    assertThat(Packets.sumsUp(ip)).as(what + weft.net.Hex.of(ip)).isTrue();
  }

  /** Under a label there is IP or a frame: a guest's address starts with neither 4 nor 6. */
  private static int routedOr(byte[] ip, int at) {
    int version = ip[at] >>> 4;
    return version == 4 || version == 6 ? at : at + 14;
  }

  private static Outcome observed(
      ProgramRun run, Map<DropReason, Long> drops, Map<Integer, VifStats> stats) {
    if (run.result() == ProgramRun.OK) {
      return new Outcome.ToHost();
    }
    if (run.result() == ProgramRun.SHOT) {
      for (Map.Entry<DropReason, Long> now : lab.datapath().drops().entrySet()) {
        if (now.getValue() > drops.getOrDefault(now.getKey(), 0L)) {
          return new Outcome.Dropped(now.getKey());
        }
      }
      return new Outcome.Trapped(trapped());
    }
    byte[] frame = run.packet();
    for (Map.Entry<DropReason, Long> now : lab.datapath().drops().entrySet()) {
      if (now.getValue() > drops.getOrDefault(now.getKey(), 0L)) {
        assertThat(Packets.sumsUp(Packets.from(frame, 14))).isTrue();
        return new Outcome.Refused(now.getKey());
      }
    }
    if (isSentOut(frame)) {
      assertThat(Packets.sumsUp(Packets.from(frame, 14))).isTrue();
      sentOut++;
      return new Outcome.SentOut();
    }
    for (Map.Entry<Integer, VifStats> now : lab.datapath().vifStats().entrySet()) {
      if (now.getValue().txPackets() > stats.get(now.getKey()).txPackets()) {
        boolean answered = now.getKey() == A && frame[12] == 8 && frame[13] == 6 && frame[21] == 2;
        return answered
            ? new Outcome.Answered(MacAddress.of(java.util.Arrays.copyOfRange(frame, 6, 12)))
            : new Outcome.Delivered(now.getKey());
      }
    }
    return tunnelled(frame);
  }

  private static boolean isSentOut(byte[] frame) {
    return frame[12] == 8
        && frame[13] == 0
        && address(frame, 26).equals(HERE)
        && address(frame, 30).equals(UNDERLAY);
  }

  private static String address(byte[] frame, int at) {
    return Ipv4Address.of(java.util.Arrays.copyOfRange(frame, at, at + 4)).toString();
  }

  private static Trap.Reason trapped() {
    try {
      Trap trap = TRAPS.poll(5, TimeUnit.SECONDS);
      while (trap != null && trap.reason() == Trap.Reason.MAC) {
        trap = TRAPS.poll(5, TimeUnit.SECONDS);
      }
      return trap == null ? Trap.Reason.NONE : trap.reason();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static Outcome tunnelled(byte[] frame) {
    Reader reader = new Reader(frame, 23, frame.length - 23);
    boolean gre = reader.u8() == 47;
    reader.skip(6);
    Ipv4Address destination = reader.ipv4();
    if (gre) {
      reader.skip(4);
      return new Outcome.Tunnelled(destination, Encapsulation.MPLS_O_GRE, reader.i32() >>> 12);
    }
    reader.skip(2);
    boolean vxlan = reader.u16() == 4789;
    reader.skip(vxlan ? 8 : 4);
    int word = reader.i32();
    return vxlan
        ? new Outcome.Tunnelled(destination, Encapsulation.VXLAN, word >>> 8)
        : new Outcome.Tunnelled(destination, Encapsulation.MPLS_O_UDP, word >>> 12);
  }
}
