package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.xmpp.EvpnItem;
import weft.xmpp.EvpnItem.Replication;
import weft.xmpp.RouteAttributes;

/** What agents say of groups, of copying for others and of leaves, and what others hear of it. */
@Timeout(120)
class EvpnItemsTest {
  private static final IpPrefix NO_ADDRESS = new IpPrefix(Ipv4Address.ANY, 32);
  private static final IpAddress GROUP = IpAddress.parse("239.1.1.1");
  private static final String GROUP_ID = "ff:ff:ff:ff:ff:ff,0.0.0.0/32,239.1.1.1,0.0.0.0";
  private static final int IGMP_V2 = 2;

  private TestNode node;
  private String red;
  private TestAgent one;
  private TestAgent two;
  private TestAgent three;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(Duration.ofSeconds(30));
    red = node.config.network("demo", "red", 4).instanceName();
    one = agent(1);
    two = agent(2);
    three = agent(3);
  }

  private TestAgent agent(int n) {
    TestAgent agent = node.agent("host" + n, "172.31.0.1" + n);
    agent.subscribe(red, 3);
    return agent;
  }

  @AfterEach
  void stop() {
    node.close();
    assertThat(node.faults).isEmpty();
  }

  private static EvpnItem item(
      TestAgent agent, EvpnItem.Nlri nlri, int label, Replication how, boolean leaf) {
    EvpnItem.NextHop hop =
        EvpnItem.NextHop.of(agent.address, label, 0, List.of(Encapsulation.VXLAN));
    return new EvpnItem(
        nlri, List.of(hop), List.of(), RouteAttributes.DEFAULT, how, List.of(), leaf);
  }

  private void broadcast(TestAgent agent, int label, Replication how) {
    EvpnItem.Nlri nlri = EvpnItem.Nlri.published(4, MacAddress.BROADCAST, NO_ADDRESS);
    agent.publish(red, item(agent, nlri, label, how, false));
  }

  private static EvpnItem group(TestAgent agent, int label) {
    return item(
        agent,
        new EvpnItem.Nlri(4, MacAddress.BROADCAST, NO_ADDRESS, GROUP, Ipv4Address.ANY, IGMP_V2),
        label,
        Replication.DEFAULT,
        false);
  }

  private List<Integer> olist(TestAgent agent, String id) {
    return agent.evpn(red).get(id) instanceof EvpnItem item ? labels(item.olist()) : List.of();
  }

  private static List<Integer> labels(List<EvpnItem.NextHop> hops) {
    return hops.stream().map(EvpnItem.NextHop::label).sorted().toList();
  }

  private List<Integer> leaves(TestAgent agent) {
    return agent.evpn(red).get(BROADCAST) instanceof EvpnItem item
        ? labels(item.leafOlist())
        : List.of();
  }

  private static final String BROADCAST = "ff:ff:ff:ff:ff:ff,0.0.0.0/32";

  @Test
  void whoWantsAGroupIsToldWhoElseDoes() {
    for (TestAgent agent : List.of(one, two, three)) {
      broadcast(agent, 40, new Replication(true, false, null));
    }
    one.publish(red, group(one, 51));
    two.publish(red, group(two, 52));
    one.await("the other", () -> olist(one, GROUP_ID).equals(List.of(52)));
    two.await("the other", () -> olist(two, GROUP_ID).equals(List.of(51)));
    EvpnItem heard = (EvpnItem) one.evpn(red).get(GROUP_ID);
    assertThat(heard.nlri().group()).isEqualTo(GROUP);
    assertThat(heard.nlri().ethernetTag()).isEqualTo(4);
    assertThat(heard.nlri().flags()).isEqualTo(IGMP_V2);
    assertThat(heard.nextHops()).isEmpty();
    three.await("broadcasts", () -> olist(three, BROADCAST).equals(List.of(40, 40)));
    assertThat(three.evpn(red)).containsOnlyKeys(BROADCAST);

    three.publish(red, group(three, 53));
    one.await("the third", () -> olist(one, GROUP_ID).equals(List.of(52, 53)));
    two.withdraw(red, group(two, 52));
    one.await("one less", () -> olist(one, GROUP_ID).equals(List.of(53)));
    two.await("none", () -> !two.evpn(red).containsKey(GROUP_ID));
  }

  /** A leaf sends to its replicator alone, and is sent to by it alone. */
  @Test
  void aReplicatorCopiesForItsLeaves() {
    broadcast(one, 41, new Replication(true, true, null));
    broadcast(two, 42, new Replication(true, false, one.address));
    broadcast(three, 43, new Replication(true, false, null));
    one.await("its leaf", () -> leaves(one).equals(List.of(42)));
    one.await("the third", () -> olist(one, BROADCAST).equals(List.of(43)));
    two.await("its replicator", () -> olist(two, BROADCAST).equals(List.of(41)));
    three.await("the replicator", () -> olist(three, BROADCAST).equals(List.of(41)));
    assertThat(leaves(three)).isEmpty();

    broadcast(two, 42, new Replication(true, false, null));
    three.await("what is no leaf any more", () -> olist(three, BROADCAST).equals(List.of(41, 42)));
    one.await("no leaf", () -> leaves(one).isEmpty());
  }

  @Test
  void aLeafOfATreeIsToldAsOne() {
    MacAddress leaf = MacAddress.parse("02:00:00:00:00:01");
    MacAddress root = MacAddress.parse("02:00:00:00:00:02");
    IpPrefix any = new IpPrefix(Ipv4Address.ANY, 0);
    one.publish(
        red, item(one, EvpnItem.Nlri.published(0, leaf, any), 61, Replication.DEFAULT, true));
    one.publish(
        red, item(one, EvpnItem.Nlri.published(0, root, any), 62, Replication.DEFAULT, false));
    two.await("both", () -> two.evpn(red).size() == 2);
    assertThat(((EvpnItem) two.evpn(red).get(leaf + "," + any)).etreeLeaf()).isTrue();
    assertThat(((EvpnItem) two.evpn(red).get(root + "," + any)).etreeLeaf()).isFalse();
  }
}
