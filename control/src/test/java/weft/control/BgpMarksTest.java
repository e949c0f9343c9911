package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import weft.bgp.Attribute;
import weft.bgp.Codec;
import weft.bgp.Decoded;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.bgp.Update;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.net.Tag;
import weft.routing.Advert;
import weft.routing.Family;
import weft.routing.OriginVn;
import weft.routing.Peer;
import weft.routing.RibOut;
import weft.routing.RouteAttributes;
import weft.routing.RouteKey;
import weft.routing.RoutingEvent;
import weft.routing.TableId;
import weft.xmpp.InetItem;
import weft.xmpp.RouteRequest;
import weft.xmpp.TagList;

/** Security groups and tags on their way through BGP. */
class BgpMarksTest {
  private static final long AS4 = 70_000;
  private static final String RED = "default-domain:demo:red:red";
  private static final Ipv4Address AGENT = Ipv4Address.parse("172.31.0.11");
  private static final IpPrefix PREFIX = IpPrefix.parse("10.1.1.3/32");
  private static final RouteDistinguisher RD = RouteDistinguisher.ofAddress(AGENT, 3);

  private static final Tag SHORT = Tag.ofShort(0x10001);
  private static final Tag OTHER_SHORT = Tag.ofShort(0x80000002);
  private static final Tag LARGE = new Tag(0x1_0001_0001L);

  private static final Attribute.LargeCommunities.Value ORDINARY =
      new Attribute.LargeCommunities.Value(64512, 1, 2);

  /** As an agent tells it in a network of that AS. */
  private static RouteAttributes ofAgent(long asn, List<Tag> tags) {
    InetItem item =
        InetItem.of(
            PREFIX,
            List.of(
                InetItem.NextHop.of(AGENT, 25, List.of(Encapsulation.MPLS_O_UDP), "")
                    .withTags(new TagList(true, tags))),
            weft.xmpp.RouteAttributes.DEFAULT.withSecurityGroups(List.of(8_000_003L, 5L)));
    RouteAttributes told =
        ((RoutingEvent.Announce)
                AgentRoutes.event("host1", AGENT, 3, RouteRequest.publish(RED, item)))
            .attributes();
    return told.with(
        told.membership()
            .with(
                new TreeSet<>(Set.of(RouteTarget.parse("target:64512:8000004"))),
                new OriginVn(asn, 4)));
  }

  private static Update told(long asn, RouteAttributes attributes) {
    Peer source = new Peer("host1", Peer.Kind.AGENT, AGENT, 0);
    RouteKey key = RouteKey.Vpn.of(RD, new RouteKey.Inet(PREFIX));
    Update update =
        BgpRoutes.updates(
                TableId.backbone(Family.VPN_INET),
                List.of(new RibOut.Update.Tell(new Advert.Backbone(key, attributes, source))),
                new BgpRoutes.Style(
                    asn,
                    true,
                    Ipv4Address.parse("10.9.0.1"),
                    0,
                    Peering.Rewriting.NONE,
                    Set.of(),
                    Set.of()))
            .getFirst();
    Codec.Context context = new Codec.Context(true, false);
    return (Update) ((Decoded.Ok) Codec.read(Codec.write(update, context), context)).message();
  }

  /** In a system of that AS. */
  private static RouteAttributes heard(long asn, PathAttributes attributes) {
    return Heard.first(
            Update.announce(
                attributes,
                weft.bgp.Family.INET_VPN,
                AGENT,
                List.of(new Nlri.Vpn(RD, PREFIX, new Label(25)))),
            asn)
        .attributes();
  }

  private static RouteAttributes heard(long asn, ExtendedCommunity... communities) {
    return heard(
        asn,
        PathAttributes.of(
            Attribute.Origin.IGP,
            Attribute.AsPath.EMPTY,
            new Attribute.ExtendedCommunities(List.of(communities))));
  }

  private static List<String> marks(PathAttributes attributes) {
    return attributes.extendedCommunities().stream()
        .map(community -> "%016x".formatted(community.bits()))
        .filter(text -> text.matches("8[02](04|84).*"))
        .toList();
  }

  private static List<Attribute.LargeCommunities.Value> large(PathAttributes attributes) {
    Attribute.LargeCommunities large = attributes.get(Attribute.LargeCommunities.class);
    return large == null ? List.of() : large.values();
  }

  private static Attribute.LargeCommunities.Value large(long asn, int type, int value) {
    return new Attribute.LargeCommunities.Value((int) asn, 0x0100_0000 | type, value);
  }

  @Test
  void anAsOfTwoBytesStandsBesideTheNumber() {
    PathAttributes told = told(64512, ofAgent(64512, List.of(SHORT, LARGE))).attributes();
    assertThat(marks(told))
        .containsExactlyInAnyOrder("8004fc0000000005", "8004fc00007a1203", "8084fc0000010001");
    assertThat(large(told)).containsExactly(large(64512, 1, 1), large(64512, 1, 0x10001));
  }

  @Test
  void anAsOfFourBytesIsPairedWithTheNumber() {
    PathAttributes told = told(AS4, ofAgent(AS4, List.of(SHORT, OTHER_SHORT, LARGE))).attributes();
    assertThat(marks(told))
        .containsExactlyInAnyOrder(
            "8204000111700000",
            "8004000000000005",
            "8204000111700001",
            "80040001007a1203",
            "8284000111700000",
            "8084000000010001",
            "8284000111700001",
            "8084000180000002");
    assertThat(large(told))
        .containsExactly(large(AS4, 1, 1), large(AS4, 1, 0x10001), large(AS4, 0x8000, 2));
  }

  @ParameterizedTest
  @ValueSource(longs = {64512, AS4})
  void whatIsToldIsHeardAndToldOnAsItCame(long asn) {
    PathAttributes first = told(asn, ofAgent(asn, List.of(SHORT, OTHER_SHORT, LARGE))).attributes();
    RouteAttributes heard = heard(asn, first);
    assertThat(heard.membership().securityGroups()).containsExactly(5, 8_000_003);
    assertThat(heard.membership().tags()).containsExactly(SHORT, LARGE, OTHER_SHORT);
    PathAttributes second = told(asn, heard).attributes();
    assertThat(marks(second)).containsExactlyInAnyOrderElementsOf(marks(first));
    assertThat(large(second)).isEqualTo(large(first));
  }

  /** A network that nobody knows leaves our own AS. */
  @Test
  void withoutANetworkTheAsIsOurs() {
    RouteAttributes route = ofAgent(AS4, List.of(LARGE));
    route = route.with(route.membership().with(route.membership().targets(), null));
    PathAttributes told = told(64513, route).attributes();
    assertThat(marks(told)).containsExactlyInAnyOrder("8004fc0100000005", "8004fc01007a1203");
    assertThat(large(told)).containsExactly(large(64513, 1, 0x10001));
  }

  /** OpenSDN's bytes: 00000064 01 00000000000064, 000000ff 01 00000080000001. */
  @Test
  void tagsOfOpenSdnAreReadAndToldOnAmongOtherLargeCommunities() {
    List<Attribute.LargeCommunities.Value> values =
        List.of(
            new Attribute.LargeCommunities.Value(255, 0x0100_0000, 0x8000_0001),
            ORDINARY,
            new Attribute.LargeCommunities.Value(100, 0x0100_0000, 100));
    RouteAttributes heard =
        heard(
            100,
            PathAttributes.of(
                Attribute.Origin.IGP,
                Attribute.AsPath.EMPTY,
                new Attribute.LargeCommunities(values)));
    assertThat(heard.membership().tags()).containsExactly(new Tag(100), new Tag(2_147_483_649L));
    PathAttributes on = told(64512, heard).attributes();
    assertThat(large(on)).isEqualTo(values);
    assertThat(marks(on)).isEmpty();
  }

  @Test
  void tagsOfTungstenFabricGoOnAsTheyCame() {
    List<ExtendedCommunity> pair =
        List.of(ExtendedCommunity.tag(0, 0x10001), ExtendedCommunity.tagAs4(AS4, 0));
    RouteAttributes heard =
        heard(
            AS4,
            PathAttributes.of(
                Attribute.Origin.IGP,
                Attribute.AsPath.EMPTY,
                new Attribute.ExtendedCommunities(pair),
                new Attribute.LargeCommunities(List.of(ORDINARY))));
    assertThat(heard.membership().tags()).containsExactly(SHORT);
    PathAttributes on = told(64512, heard).attributes();
    assertThat(on.extendedCommunities()).containsAll(pair);
    assertThat(marks(on)).hasSize(2);
    assertThat(large(on)).containsExactly(ORDINARY);
  }

  /** Numbers below eight million mean the same in every AS, for groups; those from it, for tags. */
  @Test
  void whatAnotherAsMeansDoesNotHoldHereAndGoesOn() {
    ExtendedCommunity[] told = {
      ExtendedCommunity.securityGroup(64512, 8_000_001),
      ExtendedCommunity.securityGroup(65001, 8_000_002),
      ExtendedCommunity.securityGroup(65001, 7),
      ExtendedCommunity.tag(64512, 0x10001),
      ExtendedCommunity.tag(65001, 0x10002),
      ExtendedCommunity.tag(65001, 0x7b0001),
    };
    RouteAttributes heard = heard(64512, told);
    assertThat(heard.membership().securityGroups()).containsExactly(7, 8_000_001);
    assertThat(heard.membership().tags())
        .containsExactly(Tag.ofShort(0x10001), Tag.ofShort(0x7b0001));
    assertThat(marks(told(64512, heard).attributes()))
        .containsExactlyInAnyOrder(
            "8004fc00007a1201",
            "8004fde9007a1202",
            "8004fc0000000007",
            "8084fc0000010001",
            "8084fde900010002",
            "8084fde9007b0001");
  }

  @Test
  void thatOfAnAsOfFourBytesIsInThePair() {
    ExtendedCommunity[] told = {
      ExtendedCommunity.securityGroupAs4(AS4 + 1, 0),
      ExtendedCommunity.securityGroup(0, 8_000_001),
      ExtendedCommunity.securityGroupAs4(AS4, 1),
      ExtendedCommunity.securityGroup(1, 8_000_002),
      ExtendedCommunity.tagAs4(AS4 + 1, 0),
      ExtendedCommunity.tag(0, 0x10001),
      ExtendedCommunity.tagAs4(AS4, 1),
      ExtendedCommunity.tag(1, 0x10002),
    };
    RouteAttributes heard = heard(AS4, told);
    assertThat(heard.membership().securityGroups()).containsExactly(8_000_002);
    assertThat(heard.membership().tags()).containsExactly(Tag.ofShort(0x10002));
    assertThat(told(AS4, heard).attributes().extendedCommunities()).containsExactlyInAnyOrder(told);
    assertThat(heard(64512, told).membership().securityGroups()).isEmpty();
    assertThat(heard(64512, told).membership().tags()).isEmpty();
  }

  @Test
  void largeTagsOfAnotherAsHoldHereIfTheyHoldEverywhere() {
    List<Attribute.LargeCommunities.Value> values =
        List.of(large(64512, 0, 100), large(65001, 0, 200), large(65001, 1, 300));
    RouteAttributes heard =
        heard(
            64512,
            PathAttributes.of(
                Attribute.Origin.IGP,
                Attribute.AsPath.EMPTY,
                new Attribute.LargeCommunities(values)));
    assertThat(heard.membership().tags()).containsExactly(new Tag(100), new Tag(0x1_0000_012cL));
    assertThat(large(told(64512, heard).attributes())).isEqualTo(values);
  }

  @Test
  void anAddressOfAPeerIsNoMatterOfBgp() {
    RouteAttributes route = AgentMarks.withPeers(ofAgent(64512, List.of()), List.of("10.1.1.4"));
    assertThat(AgentMarks.peers(route)).containsExactly("10.1.1.4");
    assertThat(told(64512, route).attributes())
        .isEqualTo(told(64512, ofAgent(64512, List.of())).attributes());
  }
}
