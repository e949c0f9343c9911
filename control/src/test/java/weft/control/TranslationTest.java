package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import weft.bgp.Attribute;
import weft.bgp.Codec;
import weft.bgp.Decoded;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.bgp.Update;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.net.Tag;
import weft.net.XmlElement;
import weft.routing.Advert;
import weft.routing.Family;
import weft.routing.NextHop;
import weft.routing.OriginVn;
import weft.routing.Peer;
import weft.routing.RibOut;
import weft.routing.RouteAttributes;
import weft.routing.RouteAttributes.Pmsi;
import weft.routing.RouteAttributes.Preference;
import weft.routing.RouteKey;
import weft.routing.RoutingEvent;
import weft.routing.TableId;
import weft.xmpp.ControlMessage;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Item;
import weft.xmpp.RouteRequest;
import weft.xmpp.TagList;

class TranslationTest {
  private static final IpAddress AGENT = IpAddress.parse("172.31.0.11");
  private static final String RED = "default-domain:demo:red:red";

  private static InetItem inet(String instance, int label, List<String> encapsulations) {
    InetItem item =
        InetItem.of(
            IpPrefix.parse("10.1.1.3/32"),
            List.of(
                new InetItem.NextHop(AGENT, null, label, 0, encapsulations, "", TagList.NONE, 0)),
            weft.xmpp.RouteAttributes.DEFAULT.withSecurityGroups(List.of(8_000_003L, 5L)));
    return new InetItem(
        item.safi(),
        item.prefix(),
        item.nextHops(),
        item.attributes(),
        1,
        List.of("no-export", "64512:7", "nonsense"),
        item.loadBalance(),
        item.subProtocol());
  }

  private static RoutingEvent.Announce announced(String instance, InetItem item) {
    return (RoutingEvent.Announce)
        AgentRoutes.event("host1", AGENT, 3, RouteRequest.publish(instance, item));
  }

  @ParameterizedTest
  @CsvSource({"100,0,200", "200,0,100", "150,0,4294967145", "100,30,30"})
  void theMedMirrorsThePreferenceUnlessTold(long preference, long told, long expected) {
    assertThat(AgentRoutes.med(weft.xmpp.RouteAttributes.DEFAULT.withPreference(preference, told)))
        .isEqualTo(expected);
  }

  @Test
  void noPreferenceMeansNoMed() {
    assertThat(AgentRoutes.med(weft.xmpp.RouteAttributes.DEFAULT.withPreference(0, 0))).isNull();
  }

  @Test
  void anAgentsRouteBecomesAnEvent() {
    RoutingEvent.Announce event = announced(RED, inet(RED, 25, List.of("gre", "udp")));
    assertThat(event.table()).isEqualTo(new TableId(RED, Family.INET));
    assertThat(event.rd()).hasToString("172.31.0.11:3");
    assertThat(event.feasible()).isTrue();
    RouteAttributes attributes = event.attributes();
    assertThat(attributes.nextHop())
        .isEqualTo(NextHop.of(AGENT, 25, Encapsulation.MPLS_O_GRE, Encapsulation.MPLS_O_UDP));
    assertThat(attributes.membership().securityGroups()).containsExactly(5, 8_000_003);
    assertThat(attributes.membership().communities())
        .containsExactlyInAnyOrder(0xffff_ff01, 64512 << 16 | 7);
    assertThat(attributes.preference().med()).isEqualTo(200);
  }

  @Test
  void encapsulationsThatNobodyKnowsMakeAPathInfeasibleAndNoneDoesNot() {
    assertThat(announced(RED, inet(RED, 25, List.of("pigeon"))).feasible()).isFalse();
    assertThat(announced(RED, inet(RED, 25, List.of("pigeon", "udp"))).feasible()).isTrue();
    assertThat(announced(RED, inet(RED, 25, List.of())).feasible()).isTrue();
  }

  @Test
  void theFabricsRoutesCarryNoCommunitiesOfOursAndStay() {
    RoutingEvent.Announce event =
        announced(TableId.MASTER, inet(TableId.MASTER, 0, List.of("native")));
    assertThat(event.attributes().membership().securityGroups()).isEmpty();
    assertThat(event.rd()).isNull();
    assertThat(event.feasible()).isTrue();
  }

  @Test
  void theKindOfAnEvpnRouteFollowsItsMac() {
    assertThat(key("02:00:00:00:00:03", "10.1.1.3/32", 0)).isInstanceOf(RouteKey.Mac.class);
    assertThat(key("02:00:00:00:00:03", "0.0.0.0/0", 99))
        .isEqualTo(
            new RouteKey.Mac(
                0, MacAddress.parse("02:00:00:00:00:03"), IpPrefix.parse("0.0.0.0/0")));
    assertThat(key("00:00:00:00:00:00", "10.1.1.0/24", 0))
        .isEqualTo(new RouteKey.Prefix(0, IpPrefix.parse("10.1.1.0/24")));
    assertThat(key("ff:ff:ff:ff:ff:ff", "0.0.0.0/32", 4))
        .isEqualTo(new RouteKey.Broadcast(0, AGENT));
  }

  private static RouteKey key(String mac, String prefix, long tag) {
    EvpnItem item =
        EvpnItem.of(
            EvpnItem.Nlri.published(tag, MacAddress.parse(mac), IpPrefix.parse(prefix)),
            List.of(EvpnItem.NextHop.of(AGENT, 26, 0, List.of(Encapsulation.VXLAN))),
            weft.xmpp.RouteAttributes.DEFAULT);
    return ((RoutingEvent.Announce)
            AgentRoutes.event("host1", AGENT, 3, RouteRequest.publish(RED, item)))
        .key();
  }

  /** What an agent says of tags and of the spreading of flows others hear as it said it. */
  @ParameterizedTest
  @CsvSource({
    "l3-source-address l4-protocol, field-hash, l3-source-address l4-protocol, field-hash",
    "'', field-hash, '', field-hash",
    "'', source-bias, '', source-bias",
    "l4-destination-port, source-bias, l4-destination-port, source-bias"
  })
  void tagsAndLoadBalanceGoOn(String fields, String decision, String toldFields, String told) {
    TagList tags = new TagList(false, List.of(Tag.ofShort(0x10001), Tag.ofShort(0xee6b2800)));
    InetItem.NextHop hop =
        InetItem.NextHop.of(AGENT, 26, List.of(Encapsulation.MPLS_O_UDP), "").withTags(tags);
    InetItem plain =
        InetItem.of(IpPrefix.parse("10.1.1.3/32"), List.of(hop), weft.xmpp.RouteAttributes.DEFAULT);
    InetItem item =
        new InetItem(
            plain.safi(),
            plain.prefix(),
            plain.nextHops(),
            plain.attributes(),
            plain.version(),
            plain.communities(),
            new InetItem.LoadBalance(words(fields), decision),
            plain.subProtocol());
    InetItem heard = (InetItem) passedOn(item);
    assertThat(heard.nextHops().getFirst().tags()).isEqualTo(tags);
    assertThat(heard.loadBalance()).isEqualTo(new InetItem.LoadBalance(words(toldFields), told));
  }

  /** As it is published by one agent and told to another. */
  private static Item passedOn(Item item) {
    RoutingEvent.Announce event =
        (RoutingEvent.Announce)
            AgentRoutes.event("host1", AGENT, 3, RouteRequest.publish(RED, item));
    RouteAttributes attributes = event.attributes();
    Advert.Unicast advert =
        new Advert.Unicast(
            event.key(),
            attributes,
            List.of(new Advert.Via(attributes.nextHop(), "", attributes.membership().tags())));
    byte[] bytes =
        AgentRoutes.encode(event.table(), List.of(new RibOut.Update.Tell(advert)))
            .getFirst()
            .bytesFor("host2");
    return heard(bytes);
  }

  /** What has a short form is told in it, as all agents read it; else all tags are wide. */
  @Test
  void tagsOfMoreThan32BitsAndPeersGoOn() {
    Tag narrow = Tag.ofShort(0x10001);
    Tag wide = new Tag(0x1_0001_0001L);
    weft.xmpp.RouteAttributes told =
        weft.xmpp.RouteAttributes.DEFAULT.withPeers(List.of("10.1.1.4"));
    for (List<Tag> tags : List.of(List.of(narrow), List.of(narrow, wide))) {
      TagList said = new TagList(true, tags);
      InetItem.NextHop hop =
          InetItem.NextHop.of(AGENT, 26, List.of(Encapsulation.MPLS_O_UDP), "").withTags(said);
      InetItem inet =
          (InetItem) passedOn(InetItem.of(IpPrefix.parse("10.1.1.3/32"), List.of(hop), told));
      TagList expected = new TagList(tags.contains(wide), tags);
      assertThat(inet.nextHops().getFirst().tags()).isEqualTo(expected);
      assertThat(inet.attributes().peers()).containsExactly("10.1.1.4");
      EvpnItem evpn =
          (EvpnItem)
              passedOn(
                  EvpnItem.of(
                      EvpnItem.Nlri.published(
                          0, MacAddress.parse("02:00:00:00:00:03"), IpPrefix.parse("10.1.1.3/32")),
                      List.of(new EvpnItem.NextHop(AGENT, null, 26, 0, List.of("udp"), said, 0)),
                      told));
      assertThat(evpn.nextHops().getFirst().tags()).isEqualTo(expected);
      assertThat(evpn.attributes().peers()).containsExactly("10.1.1.4");
    }
  }

  private static List<String> words(String text) {
    return text.isEmpty() ? List.of() : List.of(text.split(" "));
  }

  private static Item heard(byte[] bytes) {
    XmlElement stanza =
        ((weft.xmpp.Decoded.Ok<XmlElement>) weft.xmpp.Codec.stanzas(bytes).getFirst()).value();
    ControlMessage message =
        ((weft.xmpp.Decoded.Ok<ControlMessage>) weft.xmpp.Codec.readControl(stanza)).value();
    return ((ControlMessage.Items) message).entries().getFirst().item();
  }

  // ---- BGP

  private static RouteAttributes full(Encapsulation... encapsulations) {
    return new RouteAttributes(
        new NextHop(AGENT, 300, 0, List.of(encapsulations), MacAddress.parse("00:00:5e:00:01:00")),
        Preference.of(150, 77L)
            .withAsPath(List.of(64600L, 70000L))
            .with(new RouteAttributes.Mobility(true, 6)),
        new RouteAttributes.Membership(
            one(RouteTarget.parse("target:64512:8000004")),
            new OriginVn(64512, 4),
            one(8_000_001),
            one(64512 << 16 | 9),
            one(new ExtendedCommunity(0x0003_fc00_0000_0001L))),
        null);
  }

  private static <T> SortedSet<T> one(T value) {
    return new TreeSet<>(Set.of(value));
  }

  static List<RouteKey> keys() {
    MacAddress mac = MacAddress.parse("02:00:00:00:00:03");
    return List.of(
        new RouteKey.Inet(IpPrefix.parse("10.1.1.0/24")),
        new RouteKey.Inet(IpPrefix.parse("fd00::/64")),
        new RouteKey.Mac(0, mac, IpPrefix.parse("10.1.1.3/32")),
        new RouteKey.Mac(0, mac, IpPrefix.parse("0.0.0.0/0")),
        new RouteKey.Broadcast(0, AGENT),
        new RouteKey.Prefix(0, IpPrefix.parse("10.1.1.0/24")),
        new RouteKey.Selective(4, IpAddress.parse("239.1.1.1"), Ipv4Address.ANY, AGENT),
        new RouteKey.Selective(0, IpAddress.parse("ff0e::1"), IpAddress.parse("fd00::1"), AGENT));
  }

  private static Family family(RouteKey key) {
    return switch (key) {
      case RouteKey.Inet inet -> inet.prefix().isV4() ? Family.VPN_INET : Family.VPN_INET6;
      default -> Family.VPN_EVPN;
    };
  }

  private static BgpRoutes.Style style(boolean internal, Peering.Rewriting rewriting) {
    return style(internal, rewriting, Set.of());
  }

  private static BgpRoutes.Style style(
      boolean internal, Peering.Rewriting rewriting, Set<weft.bgp.Family> ipv6NextHops) {
    return new BgpRoutes.Style(
        64512, internal, Ipv4Address.parse("10.9.0.1"), 77, rewriting, ipv6NextHops, Set.of());
  }

  private static List<Long> pathTold(Peering.Rewriting rewriting, boolean internal, Long... path) {
    RouteAttributes attributes =
        full(Encapsulation.MPLS_O_UDP).with(Preference.of(100, null).withAsPath(List.of(path)));
    RouteKey key = RouteKey.Vpn.of(RouteDistinguisher.ZERO, keys().getFirst());
    Peer source = new Peer("gateway", Peer.Kind.EXTERNAL_BGP, AGENT, 1);
    return BgpRoutes.updates(
            TableId.backbone(Family.VPN_INET),
            List.of(new RibOut.Update.Tell(new Advert.Backbone(key, attributes, source))),
            style(internal, rewriting))
        .getFirst()
        .attributes()
        .asPath()
        .segments()
        .stream()
        .flatMap(segment -> segment.asns().stream())
        .toList();
  }

  @Test
  void pathsAreRewrittenAsThePeeringAsks() {
    Peering.Rewriting override = new Peering.Rewriting(65001, Peering.PrivateAs.KEEP, 0, null);
    assertThat(pathTold(override, false, 65001L, 3L, 65001L))
        .containsExactly(64512L, 64512L, 3L, 64512L);
    assertThat(pathTold(privately(Peering.PrivateAs.REMOVE), false, 64600L, 3L, 64601L))
        .containsExactly(64512L, 3L, 64601L);
    assertThat(pathTold(privately(Peering.PrivateAs.REMOVE_ALL), false, 64600L, 3L, 64601L, 64999L))
        .containsExactly(64512L, 3L, 64999L);
    Peering.Rewriting replaced = privately(Peering.PrivateAs.REPLACE_ALL);
    assertThat(pathTold(replaced, false, 64600L, 3L, 64601L, 4_200_000_000L))
        .containsExactly(64512L, 64512L, 3L, 3L, 3L);
    assertThat(pathTold(replaced, true, 64600L, 3L, 64601L)).containsExactly(3L, 3L, 3L);
  }

  private static Peering.Rewriting privately(Peering.PrivateAs action) {
    return new Peering.Rewriting(0, action, 64999, null);
  }

  /** RFC 8950 section 4: what a peer cannot read it is not told, nor left with what was before. */
  @Test
  void anIpv6NextHopOfAnIpv4RouteGoesOnlyToWhoTakesIt() {
    RouteAttributes attributes =
        RouteAttributes.of(NextHop.of(IpAddress.parse("2001:db8::1"), 300));
    for (RouteKey key : List.of(keys().get(0), keys().get(1))) {
      RouteKey vpn = RouteKey.Vpn.of(RouteDistinguisher.ZERO, key);
      Peer source = new Peer("gateway", Peer.Kind.EXTERNAL_BGP, AGENT, 1);
      List<RibOut.Update> told =
          List.of(new RibOut.Update.Tell(new Advert.Backbone(vpn, attributes, source)));
      TableId table = TableId.backbone(family(key));
      boolean four = family(key) == Family.VPN_INET;
      Update without =
          BgpRoutes.updates(table, told, style(true, Peering.Rewriting.NONE)).getFirst();
      assertThat(without.reach().isEmpty()).isEqualTo(four);
      assertThat(without.unreach().isEmpty()).isEqualTo(!four);
      BgpRoutes.Style able = style(true, Peering.Rewriting.NONE, Set.of(weft.bgp.Family.INET_VPN));
      assertThat(BgpRoutes.updates(table, told, able).getFirst().reach().getFirst().nextHop())
          .hasToString("2001:db8::1");
    }
  }

  /** RFC 4456 section 8: who told it first, and our cluster in front. */
  @Test
  void whatIsReflectedSaysWhereItComesFrom() {
    RouteKey key = RouteKey.Vpn.of(RouteDistinguisher.ZERO, keys().getFirst());
    Peer source = new Peer("other", Peer.Kind.INTERNAL_BGP, AGENT, 0x0a000007);
    Peering.Rewriting origin =
        new Peering.Rewriting(0, Peering.PrivateAs.KEEP, 0, RouteAttributes.Origin.INCOMPLETE);
    Update update =
        BgpRoutes.updates(
                TableId.backbone(Family.VPN_INET),
                List.of(
                    new RibOut.Update.Tell(
                        new Advert.Backbone(key, full(Encapsulation.MPLS_O_UDP), source))),
                style(true, origin))
            .getFirst();
    assertThat(update.attributes().get(Attribute.OriginatorId.class).id()).hasToString("10.0.0.7");
    assertThat(update.attributes().get(Attribute.ClusterList.class).ids())
        .containsExactly(new Ipv4Address(77));
    assertThat(update.attributes().get(Attribute.Origin.class).source())
        .isEqualTo(Attribute.Origin.Source.INCOMPLETE);
  }

  /** EVPN routes that mean nothing to us go on as they came. */
  @Test
  void otherEvpnRoutesAreCarried() {
    RouteDistinguisher rd = RouteDistinguisher.ofAddress((Ipv4Address) AGENT, 3);
    Nlri.Segment segment = new Nlri.Segment(0, 0x11223344_55667788L, 0x99);
    for (Nlri route :
        List.of(
            new Nlri.EthernetAutoDiscovery(rd, segment, 5, Nlri.LabelField.vni(70)),
            new Nlri.EthernetSegment(rd, segment, AGENT),
            new Nlri.SelectiveMulticast(rd, 0, null, AGENT, AGENT, 2))) {
      Update told =
          Update.announce(
              PathAttributes.of(Attribute.Origin.IGP, Attribute.AsPath.EMPTY),
              weft.bgp.Family.EVPN,
              AGENT,
              List.of(route));
      RoutingEvent.Announce come = Heard.first(told);
      Peer source = new Peer("peer", Peer.Kind.EXTERNAL_BGP, AGENT, 1);
      Update goes =
          BgpRoutes.updates(
                  come.table(),
                  List.of(
                      new RibOut.Update.Tell(
                          new Advert.Backbone(come.key(), come.attributes(), source))),
                  style(true, Peering.Rewriting.NONE))
              .getFirst();
      Codec.Context context = new Codec.Context(true, false);
      Update read =
          (Update) ((Decoded.Ok) Codec.read(Codec.write(goes, context), context)).message();
      assertThat(read.reach().getFirst().routes()).containsExactly(route);
    }
  }

  /** What says nothing to us goes on as it came (RFC 4271 section 9, RFC 7432, RFC 9136). */
  @Test
  void whatMeansNothingHereIsCarried() {
    RouteDistinguisher rd = RouteDistinguisher.ofAddress((Ipv4Address) AGENT, 3);
    Nlri.Segment segment = new Nlri.Segment(0, 0x11223344_55667788L, 0x99);
    PathAttributes told =
        new PathAttributes(
            List.of(
                Attribute.Origin.IGP,
                new Attribute.AsPath(
                    List.of(
                        new Attribute.AsPath.Segment(true, List.of(3L, 4L)),
                        new Attribute.AsPath.Segment(false, List.of(5L, 6L)),
                        new Attribute.AsPath.Segment(true, List.of(7L)),
                        new Attribute.AsPath.Segment(false, List.of(8L, 9L)))),
                new Attribute.LocalPreference(100),
                new Attribute.AtomicAggregate(),
                new Attribute.Aggregator(400_000, Ipv4Address.parse("10.0.0.7")),
                new Attribute.Communities(List.of(64512 << 16 | 9)),
                new Attribute.PmsiTunnel(
                    0x80, 7, Nlri.LabelField.vni(0), Nlri.HexBytes.of(new byte[] {1, 2})),
                new Attribute.LargeCommunities(
                    List.of(new Attribute.LargeCommunities.Value(64512, 1, 2))),
                new Attribute.Unknown(0xe0, 200, new Nlri.HexBytes("010203"))),
            Set.of(8));
    for (Nlri route :
        List.of(
            new Nlri.MacIp(
                rd,
                segment,
                0,
                MacAddress.parse("02:00:00:00:00:03"),
                AGENT,
                Nlri.LabelField.mpls(new Label(16)),
                null),
            new Nlri.EvpnPrefix(
                rd,
                segment,
                0,
                IpPrefix.parse("10.7.0.0/16"),
                IpAddress.parse("10.1.1.1"),
                Nlri.LabelField.mpls(new Label(17))),
            new Nlri.InclusiveMulticast(rd, 0, AGENT))) {
      Update goes = reflected(Update.announce(told, weft.bgp.Family.EVPN, AGENT, List.of(route)));
      assertThat(goes.reach().getFirst().routes()).containsExactly(route);
      assertThat(goes.attributes().without(9).without(10)).isEqualTo(told);
    }
  }

  /** As it comes from a peer of our AS and goes to another. */
  private static Update reflected(Update told) {
    RoutingEvent.Announce come = Heard.first(told);
    Peer source = new Peer("peer", Peer.Kind.INTERNAL_BGP, AGENT, 1);
    return BgpRoutes.updates(
            come.table(),
            List.of(
                new RibOut.Update.Tell(new Advert.Backbone(come.key(), come.attributes(), source))),
            style(true, Peering.Rewriting.NONE))
        .getFirst();
  }

  @Test
  void setsInPathsAreRewrittenToo() {
    Map<Integer, List<Long>> sets = Map.of(0, List.of(64600L, 3L, 65001L));
    List<Long> steps = List.of(64601L, 4L, 64600L);
    Peering.Rewriting override = new Peering.Rewriting(65001, Peering.PrivateAs.KEEP, 0, null);
    assertThat(AsPaths.written(steps, sets, style(false, override)).segments())
        .containsExactly(
            new Attribute.AsPath.Segment(true, List.of(64512L, 64601L, 4L)),
            new Attribute.AsPath.Segment(false, List.of(64600L, 3L, 64512L)));
    assertThat(
            AsPaths.written(steps, sets, style(false, privately(Peering.PrivateAs.REMOVE_ALL)))
                .segments())
        .containsExactly(
            new Attribute.AsPath.Segment(true, List.of(64512L, 4L)),
            new Attribute.AsPath.Segment(false, List.of(3L)));
  }

  private static List<RoutingEvent> throughBgp(RouteKey inner, RouteAttributes attributes) {
    RouteKey key = RouteKey.Vpn.of(RouteDistinguisher.ofAddress((Ipv4Address) AGENT, 3), inner);
    Peer source = new Peer("host1", Peer.Kind.AGENT, AGENT, 0);
    TableId table = TableId.backbone(family(inner));
    List<Update> updates =
        BgpRoutes.updates(
            table,
            List.of(
                new RibOut.Update.Tell(new Advert.Backbone(key, attributes, source)),
                new RibOut.Update.Retract(key)),
            style(true, Peering.Rewriting.NONE));
    return Heard.all(updates);
  }

  @ParameterizedTest
  @MethodSource("keys")
  void whatGoesOutOverBgpComesInTheSame(RouteKey inner) {
    RouteAttributes sent =
        switch (inner) {
          case RouteKey.Broadcast _ ->
              full(Encapsulation.MPLS_O_UDP).with(new Pmsi(0, Pmsi.INGRESS_REPLICATION, 0));
          case RouteKey.Selective _ ->
              full(Encapsulation.MPLS_O_UDP).withLabels(0, 0).with(new Pmsi(2, 0, 0));
          default -> full(Encapsulation.MPLS_O_GRE, Encapsulation.MPLS_O_UDP);
        };
    List<RoutingEvent> events = throughBgp(inner, sent);
    assertThat(events).hasSize(2);
    assertThat(events.getFirst()).isInstanceOf(RoutingEvent.Withdraw.class);
    RoutingEvent.Announce told = (RoutingEvent.Announce) events.getLast();
    assertThat(told.table()).isEqualTo(TableId.backbone(family(inner)));
    assertThat(told.key()).isEqualTo(((RoutingEvent.Withdraw) events.getFirst()).key());
    assertThat(((RouteKey.Vpn) told.key()).key()).isEqualTo(inner);
    assertThat(told.attributes()).isEqualTo(sent);
  }

  static List<Pmsi> pmsis() {
    return List.of(
        new Pmsi(Pmsi.EDGE_REPLICATION, Pmsi.INGRESS_REPLICATION, 0),
        new Pmsi(Pmsi.REPLICATOR | Pmsi.LEAF_INFORMATION_REQUIRED, Pmsi.INGRESS_REPLICATION, 0),
        new Pmsi(Pmsi.LEAF, Pmsi.ASSISTED_REPLICATION, 0, Ipv4Address.parse("172.31.0.77")));
  }

  @ParameterizedTest
  @MethodSource("pmsis")
  void whoCopiesForWhomIsToldToo(Pmsi pmsi) {
    RouteAttributes sent = full(Encapsulation.VXLAN).with(pmsi);
    RoutingEvent.Announce told =
        (RoutingEvent.Announce) throughBgp(new RouteKey.Broadcast(0, AGENT), sent).getLast();
    assertThat(told.attributes()).isEqualTo(sent);
  }

  @Test
  void underVxlanTheLabelIsTheVni() {
    RouteAttributes vni = RouteAttributes.of(NextHop.of(AGENT, 0x12345, Encapsulation.VXLAN));
    RoutingEvent.Announce told = (RoutingEvent.Announce) throughBgp(keys().get(2), vni).getLast();
    assertThat(told.attributes().nextHop().label()).isEqualTo(0x12345);
  }

  @Test
  void towardsAnotherSystemOurNumberGoesInFrontAndThePreferenceStays() {
    Update update =
        BgpRoutes.updates(
                TableId.backbone(Family.VPN_INET),
                List.of(
                    new RibOut.Update.Tell(
                        new Advert.Backbone(
                            RouteKey.Vpn.of(RouteDistinguisher.ZERO, keys().getFirst()),
                            full(Encapsulation.MPLS_O_UDP).with(Preference.of(150, 77L)),
                            new Peer("host1", Peer.Kind.AGENT, AGENT, 0)))),
                style(false, Peering.Rewriting.NONE))
            .getFirst();
    assertThat(update.attributes().asPath().contains(64512)).isTrue();
    assertThat(update.attributes().get(Attribute.LocalPreference.class)).isNull();
    assertThat(update.attributes().get(Attribute.MultiExitDiscriminator.class).value())
        .isEqualTo(77);
  }
}
