package weft.agent.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.XmlElement;
import weft.vrouter.BridgeEntry;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.Vif;
import weft.xmpp.ControlMessage.Entry;
import weft.xmpp.EvpnItem;
import weft.xmpp.Mobility;
import weft.xmpp.MulticastItem;
import weft.xmpp.RouteAttributes;

/** Where frames go that are for all, for nobody known, or from who has no port. */
class FramesTest {
  private static final String NET = "default-domain:demo:net1";
  private static final String VRF = NET + ":net1";
  private static final Ipv4Address SELF = Ipv4Address.parse("172.31.0.11");
  private static final Ipv4Address PEER = Ipv4Address.parse("172.31.0.12");
  private static final MacAddress FIRST = MacAddress.parse("02:00:00:00:99:01");
  private static final MacAddress SECOND = MacAddress.parse("02:00:00:00:99:02");
  private static final MacAddress THIRD = MacAddress.parse("02:00:00:00:99:03");
  private static final UUID A = Config.uuid("a");
  private static final UUID B = Config.uuid("b");
  private static final long SECOND_NS = 1_000_000_000L;

  private final Ids ids = new Ids();
  private final AgentCore core = new AgentCore(ids);

  private void all(Event... events) {
    for (Event event : events) {
      core.on(event);
    }
    core.settle(0);
    assertThat(core.tables()).isEqualTo(core.recomputedTables());
    assertThat(core.routes()).isEqualTo(core.recomputedRoutes());
  }

  private static Event plug(String name, int ifindex) {
    return new Event.PortPlugged(
        new Port(
            Config.uuid(name),
            Config.uuid("vm-" + name),
            name,
            "tap-" + name,
            ifindex,
            null,
            true));
  }

  private void start(XmlElement... ofNetwork) {
    Config config =
        new Config()
            .network(NET, 5, "10.1.1.0")
            .port("a", NET, "02:00:00:00:00:01", "10.1.1.3")
            .port("b", NET, "02:00:00:00:00:02", "10.1.1.4");
    XmlElement[] properties = new XmlElement[ofNetwork.length + 2];
    properties[0] = Config.perms(Config.uuid(NET));
    properties[1] = XmlElement.text("virtual-network-network-id", "5");
    System.arraycopy(ofNetwork, 0, properties, 2, ofNetwork.length);
    config.node("virtual-network", NET, properties);
    all(
        new Event.FabricFound("eth0", 2, MacAddress.parse("02:00:00:00:00:0b"), SELF),
        plug("a", 7),
        plug("b", 8),
        config.update());
  }

  private NextHop via(MacAddress mac) {
    BridgeEntry entry =
        (BridgeEntry) core.tables().get(new TableKey.BridgeKey(ids.find(Ids.Pool.VRF, VRF), mac));
    return entry == null
        ? new NextHop.Discard()
        : (NextHop) core.tables().get(new TableKey.NextHopKey(entry.nextHop()));
  }

  private Vif vif(UUID port) {
    return (Vif) core.tables().get(new TableKey.VifKey(ids.find(Ids.Pool.VIF, Names.port(port))));
  }

  private NextHop toPort(UUID port) {
    return new NextHop.EncapL2(ids.find(Ids.Pool.VIF, Names.port(port)));
  }

  private long sequence(MacAddress mac) {
    EvpnItem item = (EvpnItem) core.routes().get(new RouteKey(VRF, "25/242/" + mac + ",0.0.0.0/0"));
    return item == null ? 0 : item.attributes().mobility().sequence();
  }

  private static Event remote(MacAddress mac, long sequence) {
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.advertised(0, mac, IpPrefix.parse("0.0.0.0/0")),
            List.of(EvpnItem.NextHop.of(PEER, 44, 0, List.of(Encapsulation.MPLS_O_UDP))),
            RouteAttributes.DEFAULT.withMobility(new Mobility(false, sequence)));
    return new Event.RoutesCame(0, "25/242/" + VRF, List.of(Entry.of(item)));
  }

  private static XmlElement learning() {
    return XmlElement.text("mac-learning-enabled", "true");
  }

  private static XmlElement limit(int limit, String action) {
    return XmlElement.of(
        "mac-limit-control",
        XmlElement.text("mac-limit", Integer.toString(limit)),
        XmlElement.text("mac-limit-action", action));
  }

  @Test
  void whatIsFloodedGoesAlongTheTree() {
    start();
    assertThat(core.routes()).containsKey(new RouteKey(VRF, "1/241/" + VRF + "/255.255.255.255"));
    String id = "172.31.0.11:1:255.255.255.255,0.0.0.0";
    MulticastItem place =
        new MulticastItem(
            Ipv4Address.BROADCAST,
            Ipv4Address.ANY,
            1_000_005,
            null,
            List.of(),
            List.of(new MulticastItem.NextHop(PEER, 1_000_007, 1_000_007, List.of("udp"))));
    all(new Event.RoutesCame(0, "1/241/" + VRF, List.of(new Entry(id, place))));
    NextHop.Flood flood = (NextHop.Flood) via(MacAddress.BROADCAST);
    assertThat(flood.members()).hasSize(3);
    NextHop.Member last = flood.members().getLast();
    assertThat(last.label()).isEqualTo(1_000_007);
    assertThat(core.tables().get(new TableKey.NextHopKey(last.nextHop())))
        .isEqualTo(new NextHop.Branch(SELF, PEER, Encapsulation.MPLS_O_UDP, 5));
    TableKey label = new TableKey.LabelKey(new Label(1_000_005));
    LabelEntry tree = (LabelEntry) core.tables().get(label);
    assertThat(core.tables().get(new TableKey.NextHopKey(tree.nextHop())))
        .isEqualTo(new NextHop.Tree(flood.members()));
    all(new Event.RoutesWent(0, "1/241/" + VRF, List.of(id)));
    assertThat(core.tables()).doesNotContainKey(label);
    assertThat(((NextHop.Flood) via(MacAddress.BROADCAST)).members()).hasSize(2);
  }

  @Test
  void unknownMacsAreFloodedIfTheNetworkSaysSo() {
    start();
    assertThat(via(MacAddress.ZERO)).isInstanceOf(NextHop.Discard.class);
    start(XmlElement.text("flood-unknown-unicast", "true"));
    assertThat(via(MacAddress.ZERO)).isEqualTo(via(MacAddress.BROADCAST));
  }

  @Test
  void aMacIsWhereItWasHeardLast() {
    start();
    all(new Event.MacHeard(A, FIRST, 0));
    assertThat(vif(A).flags().learning()).isEqualTo(Vif.Learning.OFF);
    assertThat(via(FIRST)).isInstanceOf(NextHop.Discard.class);

    start(learning());
    assertThat(vif(A).flags().learning()).isEqualTo(Vif.Learning.ON);
    all(new Event.MacHeard(A, FIRST, 0));
    assertThat(via(FIRST)).isEqualTo(toPort(A));
    assertThat(sequence(FIRST)).isEqualTo(1);
    all(new Event.MacHeard(B, FIRST, 0));
    assertThat(via(FIRST)).as("moved on this host").isEqualTo(toPort(B));
    assertThat(sequence(FIRST)).isEqualTo(2);
    all(remote(FIRST, 3));
    assertThat(via(FIRST)).as("moved away").isInstanceOf(NextHop.Tunnel.class);
    assertThat(sequence(FIRST)).isZero();
    all(new Event.MacHeard(A, FIRST, 0));
    assertThat(via(FIRST)).as("and back").isEqualTo(toPort(A));
    assertThat(sequence(FIRST)).isEqualTo(4);
    all(remote(FIRST, 4));
    assertThat(via(FIRST)).as("of equal ones the lower host's").isEqualTo(toPort(A));
    all(new Event.MacSilent(VRF, FIRST));
    assertThat(via(FIRST)).isInstanceOf(NextHop.Tunnel.class);
    all(new Event.MacHeard(A, SECOND, 0), new Event.PortUnplugged(A));
    assertThat(via(SECOND)).as("its port is gone").isInstanceOf(NextHop.Discard.class);
  }

  @Test
  void whatIsAPortsOwnIsNotTaken() {
    start(learning());
    all(new Event.MacHeard(A, MacAddress.parse("02:00:00:00:00:02"), 0));
    assertThat(via(MacAddress.parse("02:00:00:00:00:02"))).isEqualTo(toPort(B));
    all(remote(FIRST, 0), new Event.MacHeard(A, FIRST, 0));
    assertThat(via(FIRST)).isInstanceOf(NextHop.Tunnel.class);
    all(new Event.MacHeard(A, MacAddress.BROADCAST, 0));
    assertThat(via(MacAddress.BROADCAST)).isInstanceOf(NextHop.Flood.class);
  }

  @Test
  void aLimitHoldsAndEnds() {
    start(learning(), limit(2, "drop"));
    all(new Event.MacHeard(A, FIRST, 0), new Event.MacHeard(B, SECOND, 0));
    all(new Event.MacHeard(B, THIRD, 0));
    assertThat(via(THIRD)).isInstanceOf(NextHop.Discard.class);
    assertThat(vif(A).flags().learning()).isEqualTo(Vif.Learning.FULL);
    all(new Event.MacSilent(VRF, FIRST));
    assertThat(vif(A).flags().learning()).isEqualTo(Vif.Learning.ON);
    all(new Event.MacHeard(B, THIRD, 0));
    assertThat(via(THIRD)).isEqualTo(toPort(B));
    start(learning(), limit(2, "log"));
    assertThat(vif(A).flags().learning()).as("more pass, unknown").isEqualTo(Vif.Learning.ON);
    assertThat(core.heardMacs()).containsEntry(LearnedMacs.Heard.TOO_MANY, 1L);
  }

  @Test
  void aRestlessMacStays() {
    XmlElement moves =
        XmlElement.of(
            "mac-move-control",
            XmlElement.text("mac-move-limit", "2"),
            XmlElement.text("mac-move-time-window", "10"),
            XmlElement.text("mac-move-limit-action", "drop"));
    start(learning(), moves);
    all(new Event.MacHeard(A, FIRST, 0));
    all(new Event.MacHeard(B, FIRST, SECOND_NS), new Event.MacHeard(A, FIRST, 2 * SECOND_NS));
    all(new Event.MacHeard(B, FIRST, 3 * SECOND_NS));
    assertThat(via(FIRST)).isEqualTo(toPort(A));
    all(new Event.MacHeard(B, FIRST, 12 * SECOND_NS));
    assertThat(via(FIRST)).as("the window has passed").isEqualTo(toPort(B));
  }
}
