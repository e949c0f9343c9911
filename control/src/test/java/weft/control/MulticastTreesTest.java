package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weft.bgp.Nlri;
import weft.bgp.Update;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.routing.Advert;
import weft.routing.Family;
import weft.routing.NextHop;
import weft.routing.Peer;
import weft.routing.RibOut;
import weft.routing.RouteAttributes;
import weft.routing.RouteKey;
import weft.routing.RoutingEvent;
import weft.routing.TableId;
import weft.routing.TreePart;
import weft.xmpp.EvpnItem;
import weft.xmpp.Item;
import weft.xmpp.MulticastItem;
import weft.xmpp.TagList;

/** Multicast trees, and routes between networks, as agents and BGP peers are told them. */
@Timeout(60)
class MulticastTreesTest {
  private static final Ipv4Address SELF = Ipv4Address.parse("10.9.0.1");
  private static final Ipv4Address AGENT = Ipv4Address.parse("172.31.0.11");
  private static final TreePart.Branch HERE = new TreePart.Branch(AGENT, 10_007);
  private static final TreePart.Branch THERE =
      new TreePart.Branch(Ipv4Address.parse("172.31.0.12"), 10_008);

  private TestNode node;

  @BeforeEach
  void start() throws IOException {
    node = new TestNode(Duration.ofSeconds(30));
  }

  @AfterEach
  void stop() {
    node.close();
    assertThat(node.faults).isEmpty();
  }

  static List<TreePart> parts() {
    return List.of(
        new TreePart.Edges(List.of(HERE, HERE, HERE)),
        new TreePart.Joints(
            List.of(new TreePart.Joint(HERE, THERE), new TreePart.Joint(HERE, THERE))));
  }

  @ParameterizedTest
  @MethodSource("parts")
  void whatOneControlNodeTellsAnotherReads(TreePart part) {
    RouteKey.Tree.Kind kind =
        part instanceof TreePart.Edges ? RouteKey.Tree.Kind.LOCAL : RouteKey.Tree.Kind.GLOBAL;
    RouteKey key =
        RouteKey.Vpn.of(
            RouteDistinguisher.ofAddress(AGENT, 3),
            new RouteKey.Tree(
                kind, SELF.bits(), IpAddress.parse("239.1.1.1"), IpAddress.parse("0.0.0.0")));
    RouteAttributes told =
        RouteAttributes.of(NextHop.of(SELF, 0, Encapsulation.MPLS_O_UDP)).with(part);
    TreeSet<RouteTarget> targets = new TreeSet<>(List.of(RouteTarget.parse("target:64512:1")));
    told = told.with(told.membership().with(targets, null));
    BgpRoutes.Style style =
        new BgpRoutes.Style(
            64512,
            true,
            SELF,
            0,
            new Peering.Rewriting(0, Peering.PrivateAs.KEEP, 0, null),
            Set.of(),
            Set.of());
    Peer source = new Peer("(tree)", Peer.Kind.LOCAL, SELF, 0);
    Update update =
        BgpRoutes.updates(
                TableId.backbone(Family.VPN_ERMVPN),
                List.of(new RibOut.Update.Tell(new Advert.Backbone(key, told, source))),
                style)
            .getFirst();
    RoutingEvent.Announce event = Heard.first(update);
    assertThat(event.table()).isEqualTo(TableId.backbone(Family.VPN_ERMVPN));
    assertThat(event.key()).isEqualTo(key);
    assertThat(event.attributes().tree()).isEqualTo(part);
    assertThat(event.attributes().nextHop()).isEqualTo(told.nextHop());
    assertThat(event.attributes().membership()).isEqualTo(told.membership());
    assertThat(update.reach().getFirst().routes().getFirst())
        .isInstanceOf(Nlri.MulticastTree.class);
  }

  private static MulticastItem wish(TestAgent agent, int first, int last) {
    return new MulticastItem(
        Ipv4Address.parse("255.255.255.255"),
        Ipv4Address.ANY,
        0,
        null,
        List.of(new MulticastItem.NextHop(agent.address, first, last, List.of("gre", "udp"))),
        List.of());
  }

  private static MulticastItem place(TestAgent agent, String instance) {
    Map<String, Item> table = agent.multicast(instance);
    assertThat(table).hasSize(1);
    return (MulticastItem) table.values().iterator().next();
  }

  @Test
  void agentsThatWantAGroupAreToldTheirPlacesInItsTree() {
    TestConfig.Network red = node.config.network("demo", "red", 4);
    String instance = red.instanceName();
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribe(instance, 3);
    two.subscribe(instance, 5);
    one.publish(instance, wish(one, 10_000, 10_999));
    two.publish(instance, wish(two, 20_000, 20_999));
    one.await("its place", () -> hasCopies(one, instance));
    two.await("its place", () -> hasCopies(two, instance));
    MulticastItem first = place(one, instance);
    MulticastItem second = place(two, instance);
    assertThat(first.sourceLabel()).isBetween(10_000, 10_999);
    assertThat(second.sourceLabel()).isBetween(20_000, 20_999);
    assertThat(first.olist())
        .containsExactly(
            new MulticastItem.NextHop(
                two.address, second.sourceLabel(), second.sourceLabel(), List.of("gre", "udp")));
    assertThat(second.olist().getFirst().address()).isEqualTo(one.address);
    assertThat(second.olist().getFirst().first()).isEqualTo(first.sourceLabel());
    assertThat(one.multicast(instance)).containsOnlyKeys("172.31.0.11:3:255.255.255.255,0.0.0.0");

    two.withdraw(instance, wish(two, 20_000, 20_999));
    one.await("it is alone", () -> place(one, instance).olist().isEmpty());
    two.await("it has no place", () -> two.multicast(instance).isEmpty());
  }

  private static boolean hasCopies(TestAgent agent, String instance) {
    return agent.multicast(instance).values().stream()
        .anyMatch(item -> item instanceof MulticastItem tree && !tree.olist().isEmpty());
  }

  @Test
  void aPrefixOfAVxlanRouterComesWithTheOtherRoutersMac() {
    TestConfig.Network hidden = node.config.network("demo", "hidden", 9);
    String instance = hidden.instanceName();
    TestAgent one = node.agent("host1", "172.31.0.11");
    TestAgent two = node.agent("host2", "172.31.0.12");
    one.subscribe(instance, 3);
    two.subscribe(instance, 3);
    EvpnItem.NextHop hop =
        new EvpnItem.NextHop(
            one.address, MacAddress.GATEWAY, 9, 0, List.of("vxlan"), TagList.NONE, 0);
    one.publish(
        instance,
        EvpnItem.of(
            EvpnItem.Nlri.published(0, MacAddress.ZERO, IpPrefix.parse("10.1.1.3/32")),
            List.of(hop),
            weft.xmpp.RouteAttributes.DEFAULT));
    String id = "00:00:00:00:00:00,10.1.1.3/32";
    two.await("the prefix", () -> two.evpn(instance).containsKey(id));
    EvpnItem item = (EvpnItem) two.evpn(instance).get(id);
    assertThat(item.nextHops().getFirst().mac()).isEqualTo(MacAddress.GATEWAY);
    assertThat(item.nextHops().getFirst().label()).isEqualTo(9);
    assertThat(item.nextHops().getFirst().encapsulations()).containsExactly("vxlan");
  }
}
