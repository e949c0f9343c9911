package weft.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import weft.net.Encapsulation;
import weft.net.ExtendedCommunity;
import weft.net.Hex;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.testkit.Seeds;

class CodecTest {
  private static final Codec.Context WIDE = new Codec.Context(true, false);
  private static final String MARKER = "ff".repeat(16);
  private static final Ipv4Address HOP = Ipv4Address.parse("10.0.0.1");
  private static final RouteDistinguisher RD = RouteDistinguisher.parse("10.0.0.1:5");
  private static final Attribute.ExtendedCommunities TARGET_AND_UDP =
      new Attribute.ExtendedCommunities(
          List.of(
              RouteTarget.parse("target:64512:8000001").toCommunity(),
              ExtendedCommunity.encapsulation(Encapsulation.MPLS_O_UDP)));
  private static final PathAttributes IBGP =
      PathAttributes.of(
          Attribute.Origin.IGP,
          Attribute.AsPath.EMPTY,
          new Attribute.LocalPreference(100),
          TARGET_AND_UDP);
  private static final String IBGP_HEX =
      "40 01 01 00  40 02 00  40 05 04 00000064"
          + " c0 10 10  0002 fc00 007a1201  030c 0000 0000 000d";

  /** A message with its bytes, which are written by hand after the RFCs. */
  record Vector(String name, Codec.Context context, Message message, String hex) {
    byte[] bytes() {
      return Hex.parse(hex);
    }

    @Override
    public String toString() {
      return name;
    }
  }

  private static Vector vector(String name, Message message, String hex) {
    return new Vector(name, WIDE, message, MARKER + hex);
  }

  private static Vector evpn(String name, Nlri route, String length, String mp, String nlri) {
    return vector(
        name,
        Update.announce(IBGP, Family.EVPN, HOP, List.of(route)),
        length + " 02 0000 " + mp + " 0019 46 04 0a000001 00 " + nlri + IBGP_HEX);
  }

  static List<Vector> vectors() {
    return List.of(
        vector("keepalive", new Message.Keepalive(), "0013 04"),
        vector(
            "open",
            new Message.Open(
                64512,
                90,
                HOP,
                List.of(
                    new Capability.MultiProtocol(Family.INET_VPN),
                    new Capability.RouteRefresh(),
                    new Capability.GracefulRestart(
                        true,
                        false,
                        120,
                        List.of(new Capability.GracefulRestart.Preserved(Family.INET_VPN, true))),
                    new Capability.FourOctetAs(64512),
                    new Capability.Unknown(73, new Nlri.HexBytes("0161")))),
            "0039 01 04 fc00 005a 0a000001 1c 02 1a 0104 00010080 0200 4006 8078 00018080"
                + " 4104 0000fc00 4902 0161"),
        vector(
            "open of today",
            new Message.Open(
                64512,
                90,
                HOP,
                List.of(
                    new Capability.ExtendedNextHop(List.of(Family.INET_VPN)),
                    new Capability.AddPath(
                        List.of(
                            new Capability.AddPath.Mode(Family.INET, true, false),
                            new Capability.AddPath.Mode(Family.INET_VPN, true, true))),
                    new Capability.EnhancedRouteRefresh(),
                    new Capability.LongLivedGracefulRestart(
                        List.of(
                            new Capability.LongLivedGracefulRestart.Stale(
                                Family.EVPN, true, 3600))))),
            "003c 01 04 fc00 005a 0a000001 1f 02 1d 0506 000100800002 4508 0001010100018003 4600"
                + " 4707 0019468000 0e10"),
        vector(
            "labelled inet",
            Update.announce(
                IBGP,
                Family.INET_LABELED,
                HOP,
                List.of(new Nlri.Labeled(IpPrefix.parse("10.9.0.0/16"), new Label(800)))),
            "004b 02 0000 0034 90 0e 000f 0001 04 04 0a000001 00 28 003201 0a09 " + IBGP_HEX),
        evpn(
            "evpn 6",
            new Nlri.SelectiveMulticast(RD, 0, null, IpAddress.parse("239.1.2.3"), HOP, 2),
            "005f",
            "0048 90 0e 0023",
            "06 18 0001 0a000001 0005 00000000 00 20 ef010203 20 0a000001 02"),
        vector(
            "notification",
            new Message.Notification(6, 2, new Nlri.HexBytes("0168")),
            "0017 03 06 02 0168"),
        vector("route refresh", Message.RouteRefresh.request(Family.EVPN), "0017 05 0019 00 46"),
        vector("end of rib 1/1", Update.endOfRib(Family.INET), "0017 02 0000 0000"),
        vector(
            "end of rib 1/128",
            Update.endOfRib(Family.INET_VPN),
            "001e 02 0000 0007 90 0f 0003 0001 80"),
        vector(
            "vpnv4",
            Update.announce(
                IBGP,
                Family.INET_VPN,
                HOP,
                List.of(new Nlri.Vpn(RD, IpPrefix.parse("10.9.0.1/32"), new Label(800)))),
            "005d 02 0000 0046 90 0e 0021 0001 80 0c 0000000000000000 0a000001 00"
                + " 78 003201 0001 0a000001 0005 0a090001 "
                + IBGP_HEX),
        vector(
            "vpnv4 withdrawn",
            Update.withdraw(
                Family.INET_VPN,
                List.of(new Nlri.Vpn(RD, IpPrefix.parse("10.9.0.0/17"), new Label(0x80000)))),
            "002d 02 0000 0016 90 0f 0012 0001 80 69 800000 0001 0a000001 0005 0a0900"),
        vector(
            "inet",
            new Update(
                List.of(
                    new Update.Unreach(
                        Family.INET, List.of(new Nlri.Ip(IpPrefix.parse("10.1.0.0/16"))))),
                PathAttributes.of(
                    new Attribute.Origin(Attribute.Origin.Source.INCOMPLETE),
                    new Attribute.AsPath(
                        List.of(
                            new Attribute.AsPath.Segment(true, List.of(65001L, 400000L)),
                            new Attribute.AsPath.Segment(false, List.of(3L)))),
                    new Attribute.MultiExitDiscriminator(50),
                    new Attribute.Communities(List.of(0xffffff01))),
                List.of(
                    new Update.Reach(
                        Family.INET,
                        HOP,
                        List.of(
                            new Nlri.Ip(IpPrefix.parse("0.0.0.0/0")),
                            new Nlri.Ip(IpPrefix.parse("10.2.3.0/25")))))),
            "004c 02 0003 10 0a01 002c 40 01 01 02 40 02 10 02 02 0000fde9 00061a80 01 01 00000003"
                + " 40 03 04 0a000001 80 04 04 00000032 c0 08 04 ffffff01"
                + " 00 19 0a020300"),
        vector(
            "inet6",
            Update.announce(
                PathAttributes.of(Attribute.Origin.IGP, Attribute.AsPath.EMPTY),
                Family.INET6,
                IpAddress.parse("2001:db8::1"),
                List.of(new Nlri.Ip(IpPrefix.parse("2001:db8:1::/48")))),
            "003e 02 0000 0027 90 0e 001c 0002 01 10 20010db8000000000000000000000001 00"
                + " 30 20010db80001 40 01 01 00 40 02 00"),
        vector(
            "vpnv6 over an IPv4 next hop",
            Update.announce(
                PathAttributes.of(Attribute.Origin.IGP, Attribute.AsPath.EMPTY),
                Family.INET6_VPN,
                HOP,
                List.of(new Nlri.Vpn(RD, IpPrefix.parse("2001:db8::/32"), new Label(16)))),
            "004f 02 0000 0038 90 0e 002d 0002 80 18 0000000000000000"
                + " 00000000000000000000ffff0a000001 00 78 000101 0001 0a000001 0005 20010db8"
                + " 40 01 01 00 40 02 00"),
        evpn(
            "evpn type 2",
            new Nlri.MacIp(
                RD,
                Nlri.Segment.NONE,
                0,
                MacAddress.parse("02:00:00:00:00:03"),
                IpAddress.parse("10.1.1.3"),
                Nlri.LabelField.mpls(new Label(26)),
                Nlri.LabelField.vni(5000)),
            "006f",
            "0058 90 0e 0033",
            "02 28 0001 0a000001 0005 00000000000000000000 00000000 30 020000000003 20 0a010103"
                + " 0001a1 001388 "),
        evpn(
            "evpn type 3",
            new Nlri.InclusiveMulticast(RD, 5000, HOP),
            "0058",
            "0041 90 0e 001c",
            "03 11 0001 0a000001 0005 00001388 20 0a000001 "),
        evpn(
            "evpn type 5",
            new Nlri.EvpnPrefix(
                RD,
                Nlri.Segment.NONE,
                0,
                IpPrefix.parse("10.1.0.0/16"),
                Ipv4Address.ANY,
                Nlri.LabelField.vni(5000)),
            "0069",
            "0052 90 0e 002d",
            "05 22 0001 0a000001 0005 00000000000000000000 00000000 10 0a010000 00000000 001388 "),
        vector(
            "route target membership",
            Update.announce(
                PathAttributes.of(Attribute.Origin.IGP, Attribute.AsPath.EMPTY),
                Family.ROUTE_TARGET,
                HOP,
                List.of(
                    Nlri.RouteTargetMembership.DEFAULT,
                    Nlri.RouteTargetMembership.of(
                        64512, RouteTarget.parse("target:64512:8000001")))),
            "0039 02 0000 0022 90 0e 0017 0001 84 04 0a000001 00 00 60 0000fc00 0002 fc00 007a1201"
                + " 40 01 01 00 40 02 00"),
        vector(
            "known attributes that someone did not know",
            new Update(
                List.of(),
                new PathAttributes(
                    List.of(
                        Attribute.Origin.IGP,
                        Attribute.AsPath.EMPTY,
                        new Attribute.Communities(List.of(0xffffff01)),
                        new Attribute.Unknown(0xe0, 200, new Nlri.HexBytes("07"))),
                    Set.of(8)),
                List.of(
                    new Update.Reach(
                        Family.INET, HOP, List.of(new Nlri.Ip(IpPrefix.parse("0.0.0.0/0")))))),
            "0031 02 0000 0019 40 01 01 00 40 02 00 40 03 04 0a000001 e0 08 04 ffffff01"
                + " e0 c8 01 07 00"),
        vector(
            "multicast trees",
            Update.announce(
                PathAttributes.of(
                    Attribute.Origin.IGP,
                    Attribute.AsPath.EMPTY,
                    new Attribute.EdgeDiscovery(
                        List.of(
                            new Attribute.EdgeDiscovery.Edge(
                                HOP, List.of(new Attribute.EdgeDiscovery.Range(1000, 1999))))),
                    new Attribute.EdgeForwarding(
                        List.of(
                            new Attribute.EdgeForwarding.Joint(
                                HOP, 1000, Ipv4Address.parse("10.0.0.2"), 2000))),
                    new Attribute.OriginVnPath(List.of(ExtendedCommunity.originVn(64512, 4)))),
                Family.ERMVPN,
                HOP,
                List.of(
                    new Nlri.MulticastTree(
                        Nlri.MulticastTree.LOCAL,
                        RD,
                        Ipv4Address.parse("10.0.0.9"),
                        Ipv4Address.ANY,
                        Ipv4Address.parse("255.255.255.255")))),
            "0073 02 0000 005c 90 0e 0021 0001 f3 04 0a000001 00"
                + " 01 16 0001 0a000001 0005 0a000009 20 00000000 20 ffffffff"
                + " 40 01 01 00 40 02 00"
                + " c0 f1 0e 04 0a000001 08 000003e8 000007cf"
                + " c0 f2 11 04 0a000001 000003e8 0a000002 000007d0"
                + " c0 f3 08 8071 fc00 00000004"));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void written(Vector vector) {
    byte[] written = Codec.write(vector.message(), vector.context());
    assertThat(Hex.of(written)).isEqualTo(Hex.of(vector.bytes()));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void read(Vector vector) {
    assertThat(Codec.read(vector.bytes(), vector.context()))
        .isEqualTo(new Decoded.Ok(vector.message(), List.of()));
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void truncatedAtEveryByte(Vector vector) {
    byte[] whole = vector.bytes();
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThat(Codec.read(cut, WIDE)).isInstanceOf(Decoded.Malformed.class);
      if (length >= Codec.HEADER_LENGTH) { // with a header that tells the truth
        cut[16] = (byte) (length >> 8);
        cut[17] = (byte) length;
        assertThat(Codec.read(cut, WIDE)).isNotNull();
      }
    }
  }

  @Test
  void mutationsNeverThrow() {
    List<Vector> vectors = vectors();
    Seeds.each(
        20000,
        seed -> {
          RandomGenerator random = new Random(seed);
          byte[] bytes = vectors.get(random.nextInt(vectors.size())).bytes();
          for (int i = random.nextInt(4); i >= 0; i--) {
            bytes[18 + random.nextInt(bytes.length - 18)] = (byte) random.nextInt(256);
          }
          Codec.Context context = new Codec.Context(random.nextBoolean(), random.nextBoolean());
          if (Codec.read(bytes, context) instanceof Decoded.Ok(Message message, List<?> _)) {
            byte[] again = Codec.write(message, context);
            assertThat(Codec.read(again, context)).isInstanceOf(Decoded.Ok.class);
          }
        });
  }

  // ---- errors ----

  private static Message.Notification refused(String hex) {
    return ((Decoded.Malformed) Codec.read(Hex.parse(hex), WIDE)).notification();
  }

  @Test
  void headerErrors() {
    assertThat(refused("00" + "ff".repeat(15) + "001304")).isEqualTo(Message.Notification.of(1, 1));
    assertThat(refused(MARKER + "001404 00"))
        .isEqualTo(new Message.Notification(1, 2, new Nlri.HexBytes("0014")));
    assertThat(refused(MARKER + "001309"))
        .isEqualTo(new Message.Notification(1, 3, new Nlri.HexBytes("09")));
    assertThat(refused(MARKER + "ffff02").subcode()).isEqualTo(2);
  }

  @Test
  void openErrors() {
    assertThat(refused(MARKER + "001d 01 03 fc00 005a 0a000001 00"))
        .isEqualTo(new Message.Notification(2, 1, new Nlri.HexBytes("0004")));
    assertThat(refused(MARKER + "001d 01 04 fc00 0002 0a000001 00"))
        .isEqualTo(Message.Notification.of(2, 6));
    assertThat(refused(MARKER + "001d 01 04 fc00 005a 00000000 00"))
        .isEqualTo(Message.Notification.of(2, 3));
    assertThat(refused(MARKER + "001f 01 04 fc00 005a 0a000001 02 01 00"))
        .isEqualTo(Message.Notification.of(2, 4));
    assertThat(refused(MARKER + "001f 01 04 fc00 005a 0a000001 02 02 05"))
        .isEqualTo(Message.Notification.of(2, 0));
  }

  @Test
  void capabilitiesInManyParametersAndInWideOnes() {
    Message.Open expected =
        new Message.Open(
            64512,
            90,
            HOP,
            List.of(new Capability.RouteRefresh(), new Capability.FourOctetAs(64512)));
    assertThat(
            Codec.read(
                Hex.parse(
                    MARKER + "0029 01 04 fc00 005a 0a000001 0c 02 02 0200 02 06 4104 0000fc00"),
                WIDE))
        .isEqualTo(new Decoded.Ok(expected, List.of()));
    assertThat(
            Codec.read(
                Hex.parse(
                    MARKER + "002b 01 04 fc00 005a 0a000001 ff ff 000b 02 0008 0200 4104 0000fc00"),
                WIDE))
        .isEqualTo(new Decoded.Ok(expected, List.of()));
    List<Capability> many = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      many.add(new Capability.Unknown(200, new Nlri.HexBytes("010203")));
    }
    Message.Open big = new Message.Open(64512, 90, HOP, many);
    assertThat(Codec.read(Codec.write(big, WIDE), WIDE)).isEqualTo(new Decoded.Ok(big, List.of()));
  }

  private static Decoded update(String attributes, String nlri) {
    byte[] list = Hex.parse(attributes);
    byte[] routes = Hex.parse(nlri);
    String hex = "%04x02 0000 %04x".formatted(23 + list.length + routes.length, list.length);
    return Codec.read(Hex.parse(MARKER + hex + Hex.of(list) + Hex.of(routes)), WIDE);
  }

  private static final String GOOD = "40010100 400200 4003040a000001";

  private static void assertWithdrawn(String attributes) {
    assertThat(update(attributes, "08 0a"))
        .isInstanceOfSatisfying(
            Decoded.Ok.class,
            ok -> {
              assertThat(ok.message())
                  .isEqualTo(
                      Update.withdraw(
                          Family.INET, List.of(new Nlri.Ip(IpPrefix.parse("10.0.0.0/8")))));
              assertThat(ok.tolerated())
                  .extracting(Decoded.AttributeError::severity)
                  .contains(Decoded.Severity.TREAT_AS_WITHDRAW);
            });
  }

  @Test
  void errorsThatCostTheRoute() {
    assertWithdrawn("400200 4003040a000001"); // no ORIGIN
    assertWithdrawn("40010100 4003040a000001"); // no AS_PATH
    assertWithdrawn("40010100 400200"); // no NEXT_HOP
    assertWithdrawn("40010103 400200 4003040a000001"); // ORIGIN 3
    assertWithdrawn("4001020000 400200 4003040a000001"); // ORIGIN of two bytes
    assertWithdrawn("c0010100 400200 4003040a000001"); // ORIGIN with the optional flag
    assertWithdrawn("40010100 4002020205 4003040a000001"); // path longer than the attribute
    assertWithdrawn("40010100 4002020200 4003040a000001"); // empty segment
    assertWithdrawn("40010100 400206030100000001 4003040a000001"); // confederation segment
    assertWithdrawn("40010100 400200 4003030a0000"); // next hop of three bytes
    assertWithdrawn(GOOD + "80040300000a"); // MED of three bytes
    assertWithdrawn(GOOD + "c0080300000a"); // communities of three bytes
    assertWithdrawn(GOOD + "c010070002fc00007a12"); // extended communities of seven bytes
    assertWithdrawn(GOOD + "c01004000000ff"); // PMSI tunnel flags as extended communities
    assertWithdrawn(GOOD + "800a0300000a"); // cluster list
    assertWithdrawn(GOOD + "40ff"); // cut
    assertWithdrawn(GOOD + "c00820ff"); // longer than the list
  }

  @Test
  void errorsThatCostTheAttribute() {
    for (String bad :
        List.of(
            "40060101", // ATOMIC_AGGREGATE with a value
            "c00705fc000a0000", // AGGREGATOR of five bytes
            "40010101")) { // a second ORIGIN
      assertThat(update(GOOD + bad, "08 0a"))
          .isInstanceOfSatisfying(
              Decoded.Ok.class,
              ok -> {
                assertThat(ok.message())
                    .isEqualTo(
                        Update.announce(
                            PathAttributes.of(Attribute.Origin.IGP, Attribute.AsPath.EMPTY),
                            Family.INET,
                            HOP,
                            List.of(new Nlri.Ip(IpPrefix.parse("10.0.0.0/8")))));
                assertThat(ok.tolerated())
                    .extracting(Decoded.AttributeError::severity)
                    .containsExactly(Decoded.Severity.DISCARD_ATTRIBUTE);
              });
    }
  }

  private static int subcode(Decoded decoded) {
    Message.Notification notification = ((Decoded.Malformed) decoded).notification();
    assertThat(notification.code()).isEqualTo(3);
    return notification.subcode();
  }

  @Test
  void errorsThatCostTheSession() {
    assertThat(subcode(update(GOOD, "21 0a"))).isEqualTo(10); // 33 bits
    assertThat(subcode(update(GOOD, "20 0a"))).isEqualTo(10); // cut
    assertThat(subcode(update(GOOD + "400b00", "08 0a"))).isEqualTo(2); // unknown, well-known
    assertThat(subcode(update(GOOD + "800e050001800c00", ""))).isEqualTo(9); // next hop cut
    assertThat(subcode(update(GOOD + "800f040001802000", ""))).isEqualTo(9); // short VPN route
    assertThat(subcode(update("800f03000180 800f03000180", ""))).isEqualTo(1); // twice
    assertThat(subcode(Codec.read(Hex.parse(MARKER + "0017 02 0005 0000"), WIDE))).isEqualTo(1);
  }

  @Test
  void unknownAttributesAreKeptOnlyIfTransitive() {
    Update kept =
        (Update) ((Decoded.Ok) update(GOOD + "c0c803010203 80f003010203", "08 0a")).message();
    assertThat(kept.attributes().attributes())
        .containsExactly(
            Attribute.Origin.IGP,
            Attribute.AsPath.EMPTY,
            new Attribute.Unknown(0xe0, 0xc8, new Nlri.HexBytes("010203")));
  }

  @Test
  void unknownFamiliesArePassedOver() {
    assertThat(update("800f03000105", ""))
        .isEqualTo(
            new Decoded.Ok(new Update(List.of(), PathAttributes.NONE, List.of()), List.of()));
  }

  @Test
  void wideAsNumbersPassThroughNarrowSpeakers() {
    Codec.Context narrow = Codec.Context.INITIAL;
    PathAttributes attributes =
        PathAttributes.of(
            Attribute.Origin.IGP,
            new Attribute.AsPath(
                List.of(new Attribute.AsPath.Segment(true, List.of(65001L, 400000L, 7L)))),
            new Attribute.Aggregator(400000, HOP));
    Update update =
        Update.announce(
            attributes, Family.INET, HOP, List.of(new Nlri.Ip(IpPrefix.parse("10.0.0.0/8"))));
    byte[] bytes = Codec.write(update, narrow);
    assertThat(Hex.of(bytes)).contains("fde95ba00007"); // 65001, AS_TRANS, 7
    assertThat(Codec.read(bytes, narrow)).isEqualTo(new Decoded.Ok(update, List.of()));
  }

  // ---- packing ----

  private static List<Nlri> vpnRoutes(int count) {
    List<Nlri> routes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      IpPrefix prefix = Ipv4Address.parse("10.0.0.0").plus(i).toHostPrefix();
      routes.add(new Nlri.Vpn(RD, prefix, new Label(16 + i)));
    }
    return routes;
  }

  @Test
  void routesOfOneAttributeSetSharePackedUpdates() {
    List<Nlri> routes = vpnRoutes(10000);
    List<byte[]> packed = Codec.pack(IBGP, Family.INET_VPN, HOP, routes, WIDE);
    assertThat(packed).hasSizeLessThanOrEqualTo(10000 / 248 + 1);
    List<Nlri> read = new ArrayList<>();
    for (byte[] message : packed) {
      assertThat(message.length).isLessThanOrEqualTo(4096);
      Update update = (Update) ((Decoded.Ok) Codec.read(message, WIDE)).message();
      assertThat(update.attributes()).isEqualTo(IBGP);
      read.addAll(update.reach().getFirst().routes());
    }
    assertThat(read).isEqualTo(routes);
    assertThat(Codec.pack(IBGP, Family.INET_VPN, HOP, routes, new Codec.Context(true, true)))
        .hasSize(3);
    List<byte[]> gone = Codec.pack(Update.withdraw(Family.INET_VPN, routes), WIDE);
    assertThat(gone).hasSizeLessThanOrEqualTo(10000 / 250 + 1);
  }

  @Test
  void attributesThatLeaveNoRoomWithdraw() {
    List<Integer> communities = new ArrayList<>();
    for (int i = 0; i < 1020; i++) {
      communities.add(i);
    }
    List<Nlri> routes = vpnRoutes(3);
    List<byte[]> packed =
        Codec.pack(
            IBGP.with(new Attribute.Communities(communities)), Family.INET_VPN, HOP, routes, WIDE);
    assertThat(packed).hasSize(1);
    Update update = (Update) ((Decoded.Ok) Codec.read(packed.getFirst(), WIDE)).message();
    assertThat(update.reach()).isEmpty();
    assertThat(update.unreach().getFirst().routes()).hasSize(3);
  }

  @Test
  void framerCutsAtEverySplit() {
    // The keep-alive and one OPEN come first; the OPEN makes the rest four-byte.
    List<Vector> vectors = new ArrayList<>(vectors());
    Vector open =
        vectors.stream()
            .filter(each -> each.message() instanceof Message.Open)
            .findFirst()
            .orElseThrow();
    vectors.removeIf(each -> each.message() instanceof Message.Open && each != open);
    StringBuilder hex = new StringBuilder();
    vectors.forEach(vector -> hex.append(vector.hex()));
    byte[] stream = Hex.parse(hex.toString());
    for (int chunk : new int[] {1, 2, 7, 19, 64, 4096}) {
      Framer framer = new Framer();
      List<Message> messages = new ArrayList<>();
      for (int at = 0; at < stream.length; at += chunk) {
        byte[] part = Arrays.copyOfRange(stream, at, Math.min(stream.length, at + chunk));
        framer
            .decode(part, part.length)
            .forEach(decoded -> messages.add(((Decoded.Ok) decoded).message()));
      }
      assertThat(messages).isEqualTo(vectors.stream().map(Vector::message).toList());
    }
  }

  @Test
  void framerStopsAtGarbage() {
    Framer framer = new Framer();
    byte[] garbage = "GET / HTTP/1.1\r\nHost: a\r\n\r\n".getBytes();
    assertThat(framer.decode(garbage, garbage.length))
        .singleElement()
        .isInstanceOf(Decoded.Malformed.class);
    assertThat(framer.decode(garbage, garbage.length)).isEmpty();
    assertThat(new HashSet<>(vectors())).hasSize(vectors().size());
  }

  /** RFC 7911: an identifier before each route, in the families that both ends agreed on. */
  @Test
  void severalPathsToOneRoute() {
    Codec.Context many = new Codec.Context(true, false, Set.of(Family.INET, Family.INET_VPN));
    for (Family family : List.of(Family.INET, Family.INET_VPN)) {
      Nlri route =
          family.equals(Family.INET)
              ? new Nlri.Ip(IpPrefix.parse("10.9.0.0/16"))
              : new Nlri.Vpn(RD, IpPrefix.parse("10.9.0.1/32"), new Label(800));
      List<Nlri> paths = List.of(new Nlri.WithPath(7, route), new Nlri.WithPath(-1, route));
      Update update = Update.announce(IBGP, family, HOP, paths);
      byte[] bytes = Codec.write(update, many);
      assertThat(Hex.of(bytes)).contains("00000007").contains("ffffffff");
      assertThat(Codec.read(bytes, many)).isEqualTo(new Decoded.Ok(update, List.of()));
    }
  }
}
