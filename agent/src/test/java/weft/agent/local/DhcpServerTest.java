package weft.agent.local;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import weft.agent.core.Wanted.DhcpOption;
import weft.agent.core.Wanted.HostRoute;
import weft.net.Hex;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.testkit.Seeds;

class DhcpServerTest {
  private static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  private static final DhcpLease LEASE =
      new DhcpLease(
          MAC,
          Ipv4Address.parse("10.1.1.3"),
          IpPrefix.parse("10.1.1.0/24"),
          Ipv4Address.parse("10.1.1.1"),
          Ipv4Address.parse("10.1.1.2"),
          "vm1",
          List.of(Ipv4Address.parse("10.1.1.2")),
          1500,
          List.of(),
          List.of());

  /** BOOTP fields up to the magic cookie, from the client with MAC 02:00:00:00:00:01. */
  private static String bootp(String flags, String ciaddr) {
    return "01010600 deadbeef 0000 "
        + flags
        + ciaddr
        + "00000000 00000000 00000000 020000000001"
        + "00".repeat(10 + 64 + 128)
        + "63825363";
  }

  private static byte[] frame(String content) {
    byte[] dhcp = Hex.parse(content);
    int udp = 8 + dhcp.length;
    return Hex.parse(
        "ffffffffffff 020000000001 0800 4500"
            + "%04x".formatted(20 + udp)
            + "00000000 4011 0000 00000000 ffffffff 0044 0043"
            + "%04x".formatted(udp)
            + "0000"
            + Hex.of(dhcp));
  }

  private static final String DISCOVER =
      bootp("8000", "00000000") + "350101 3d0701020000000001 370401030679 ff";

  private static DhcpMessage answer(String content, DhcpLease lease) {
    DhcpServer.Answer answer = DhcpServer.answer(frame(content), lease);
    assertThat(answer).isInstanceOf(DhcpServer.Answer.Reply.class);
    return message(((DhcpServer.Answer.Reply) answer).frame());
  }

  private static DhcpMessage message(byte[] frame) {
    Ipv4Frame packet = Ipv4Frame.parse(frame);
    byte[] payload = packet.payload();
    return DhcpMessage.parse(Arrays.copyOfRange(payload, 8, payload.length));
  }

  private static String option(DhcpMessage message, int code) {
    byte[] value = message.options().get(code);
    return value == null ? null : Hex.of(value);
  }

  @Test
  void discover_is_offered_the_ports_address() {
    DhcpMessage offer = answer(DISCOVER, LEASE);
    assertThat(offer.operation()).isEqualTo(2);
    assertThat(offer.transaction()).isEqualTo(0xdeadbeef);
    assertThat(offer.yourAddress()).isEqualTo(LEASE.address());
    assertThat(offer.hardwareAddress()).isEqualTo(MAC);
    assertThat(option(offer, 53)).isEqualTo("02");
    assertThat(option(offer, 54)).isEqualTo("0a010102");
    assertThat(option(offer, 51)).isEqualTo("ffffffff");
    assertThat(option(offer, 1)).isEqualTo("ffffff00");
    assertThat(option(offer, 28)).isEqualTo("0a0101ff");
    assertThat(option(offer, 3)).isEqualTo("0a010101");
    assertThat(option(offer, 6)).isEqualTo("0a010102");
    assertThat(option(offer, 12)).isEqualTo(Hex.of("vm1".getBytes()));
    assertThat(option(offer, 26)).isEqualTo("05dc");
    assertThat(option(offer, 121)).isNull();
  }

  /** The whole frame of an offer, byte by byte: addresses, checksums, order of options, padding. */
  @Test
  void the_frame_of_an_offer() {
    DhcpServer.Answer.Reply reply =
        (DhcpServer.Answer.Reply) DhcpServer.answer(frame(DISCOVER), LEASE);
    String hex = Hex.of(reply.frame());
    assertThat(hex).startsWith("ffffffffffff00005e000100080045000148000000004011");
    Ipv4Frame packet = Ipv4Frame.parse(reply.frame());
    assertThat(packet.source()).isEqualTo(LEASE.server());
    assertThat(packet.destination()).isEqualTo(Ipv4Address.BROADCAST);
    assertThat(Ipv4Frame.fold(Ipv4Frame.sum(reply.frame(), 14, 20, 0))).isZero();
    byte[] pseudo = Hex.parse("0a010102 ffffffff 0011" + "%04x".formatted(packet.payload().length));
    long sum = Ipv4Frame.sum(pseudo, 0, 12, 0);
    assertThat(Ipv4Frame.fold(Ipv4Frame.sum(packet.payload(), 0, packet.payload().length, sum)))
        .isZero();
    assertThat(hex)
        .contains(
            "63825363"
                + "350102"
                + "36040a010102"
                + "3304ffffffff"
                + "0104ffffff00"
                + "1c040a0101ff"
                + "03040a010101"
                + "06040a010102"
                + "0c03766d31"
                + "1a0205dc"
                + "ff");
  }

  @Test
  void without_the_broadcast_flag_the_answer_is_unicast() {
    DhcpServer.Answer.Reply reply =
        (DhcpServer.Answer.Reply)
            DhcpServer.answer(frame(bootp("0000", "00000000") + "350101ff"), LEASE);
    Ipv4Frame packet = Ipv4Frame.parse(reply.frame());
    assertThat(packet.destinationMac()).isEqualTo(MAC);
    assertThat(packet.destination()).isEqualTo(LEASE.address());
  }

  @Test
  void request_is_acknowledged_or_refused() {
    String selecting = bootp("0000", "00000000") + "350103 32040a010103 36040a010102 ff";
    assertThat(option(answer(selecting, LEASE), 53)).isEqualTo("05");
    String rebooting = bootp("0000", "00000000") + "350103 32040a010163 ff";
    DhcpMessage nak = answer(rebooting, LEASE);
    assertThat(option(nak, 53)).isEqualTo("06");
    assertThat(nak.yourAddress()).isEqualTo(Ipv4Address.ANY);
    assertThat(nak.options()).containsOnlyKeys(53, 54);
    String renewing = bootp("0000", "0a010103") + "350103 ff";
    assertThat(option(answer(renewing, LEASE), 53)).isEqualTo("05");
    String other = bootp("0000", "00000000") + "350103 32040a010103 36040a010199 ff";
    assertThat(DhcpServer.answer(frame(other), LEASE))
        .isEqualTo(new DhcpServer.Answer.Silence("another server's offer"));
  }

  @Test
  void inform_gets_parameters_and_no_lease() {
    DhcpMessage ack = answer(bootp("0000", "0a010103") + "350108 ff", LEASE);
    assertThat(option(ack, 53)).isEqualTo("05");
    assertThat(option(ack, 51)).isNull();
    assertThat(ack.yourAddress()).isEqualTo(Ipv4Address.ANY);
    assertThat(option(ack, 1)).isEqualTo("ffffff00");
  }

  @Test
  void classless_routes_take_the_place_of_the_router() {
    DhcpLease lease =
        new DhcpLease(
            LEASE.mac(),
            LEASE.address(),
            LEASE.subnet(),
            LEASE.gateway(),
            LEASE.server(),
            "",
            List.of(),
            9000,
            List.of(
                new HostRoute(IpPrefix.parse("10.2.0.0/17"), null),
                new HostRoute(IpPrefix.parse("10.3.3.3/32"), Ipv4Address.parse("10.1.1.9"))),
            List.of(
                new DhcpOption("domain-name", "demo.example"),
                new DhcpOption("42", "10.1.1.7 10.1.1.8"),
                new DhcpOption("15", "later.example"),
                new DhcpOption("6", "no address")));
    DhcpMessage offer = answer(DISCOVER, lease);
    assertThat(option(offer, 121))
        .isEqualTo("110a02000a010101" + "200a0303030a010109" + "000a010101");
    assertThat(option(offer, 3)).isNull();
    assertThat(option(offer, 15)).isEqualTo(Hex.of("demo.example".getBytes()));
    assertThat(option(offer, 42)).isEqualTo("0a0101070a010108");
    assertThat(option(offer, 6)).isNull();
    assertThat(option(offer, 26)).isEqualTo("2328");
    String unasked = bootp("0000", "00000000") + "350101 ff";
    assertThat(option(answer(unasked, lease), 121)).isNull();
    assertThat(option(answer(unasked, lease), 3)).isEqualTo("0a010101");
  }

  private static DhcpLease with(DhcpOption... options) {
    return new DhcpLease(
        LEASE.mac(),
        LEASE.address(),
        LEASE.subnet(),
        LEASE.gateway(),
        LEASE.server(),
        LEASE.hostName(),
        LEASE.nameServers(),
        LEASE.mtu(),
        LEASE.routes(),
        List.of(options));
  }

  @Test
  void options_are_written_as_their_kind_wants() {
    DhcpMessage offer =
        answer(
            DISCOVER,
            with(
                new DhcpOption("Host-Name", "other"),
                new DhcpOption("dhcp-lease-time", "3600"),
                new DhcpOption("58", "1800"),
                new DhcpOption("time-offset", "-3600"),
                new DhcpOption("domain-search", "a.example b.example."),
                new DhcpOption("ip-forwarding", "true"),
                new DhcpOption("default-ip-ttl", "32"),
                new DhcpOption("path-mtu-plateau-table", "576 1500"),
                new DhcpOption("tftp-server", "boot.example"),
                new DhcpOption("150", "10.1.1.9"),
                new DhcpOption("43", "01:02:ff"),
                new DhcpOption("option-125", "0x0000de0901"),
                new DhcpOption("classless-static-routes", "10.9.0.0/16 10.1.1.9"),
                new DhcpOption("224", "site's own")));
    Map<Integer, String> wanted = new java.util.TreeMap<>();
    wanted.put(12, Hex.of("other".getBytes()));
    wanted.put(51, "00000e10");
    wanted.put(58, "00000708");
    wanted.put(2, "fffff1f0");
    wanted.put(119, "0161076578616d706c65000162076578616d706c6500");
    wanted.put(19, "01");
    wanted.put(23, "20");
    wanted.put(25, "024005dc");
    wanted.put(66, Hex.of("boot.example".getBytes()));
    wanted.put(150, "0a010109");
    wanted.put(43, "0102ff");
    wanted.put(125, "0000de0901");
    wanted.put(121, "100a090a010109");
    wanted.put(224, Hex.of("site's own".getBytes()));
    wanted.forEach((code, value) -> assertThat(option(offer, code)).as("" + code).isEqualTo(value));
    assertThat(option(offer, 3)).as("with routes asked for there is no router").isNull();
  }

  @Test
  void what_cannot_be_written_or_is_the_servers_own_is_left_out() {
    DhcpMessage offer =
        answer(
            DISCOVER,
            with(
                new DhcpOption("53", "9"),
                new DhcpOption("54", "10.1.1.9"),
                new DhcpOption("interface-mtu", "60"),
                new DhcpOption("routers", "no address"),
                new DhcpOption("default-ip-ttl", "256"),
                new DhcpOption("nonsense", "1"),
                new DhcpOption("256", "1")));
    assertThat(option(offer, 53)).isEqualTo("02");
    assertThat(option(offer, 54)).isEqualTo("0a010102");
    assertThat(option(offer, 26)).isEqualTo("05dc");
    assertThat(option(offer, 3)).isEqualTo("0a010101");
    assertThat(offer.options()).doesNotContainKeys(23, 256);
  }

  @Test
  void what_is_not_answered_says_why() {
    Map<String, String> reasons =
        Map.of(
            bootp("0000", "00000000") + "350107ff", "release",
            bootp("0000", "00000000") + "350104ff", "decline",
            bootp("0000", "00000000") + "350109ff", "message type 9",
            bootp("0000", "00000000") + "ff", "malformed",
            bootp("0000", "00000000") + "350101", "malformed",
            bootp("0000", "00000000") + "3501", "malformed",
            bootp("0000", "00000000").replace("020000000001", "020000000002") + "350101ff",
                "not the port's own MAC",
            "02" + DISCOVER.substring(2), "malformed");
    reasons.forEach((content, reason) ->
        assertThat(DhcpServer.answer(frame(content), LEASE))
            .isEqualTo(new DhcpServer.Answer.Silence(reason)));
    assertThat(DhcpServer.answer(frame(DISCOVER), null))
        .isEqualTo(new DhcpServer.Answer.Silence("no lease for the port"));
  }

  @Test
  void no_truncation_and_no_flipped_byte_breaks_it() {
    byte[] whole = frame(DISCOVER);
    for (int length = 0; length < whole.length; length++) {
      assertThat(DhcpServer.answer(Arrays.copyOf(whole, length), LEASE)).isNotNull();
    }
    Seeds.each(
        2000,
        seed -> {
          Random random = new Random(seed);
          byte[] broken = whole.clone();
          for (int i = 0; i < 4; i++) {
            broken[random.nextInt(broken.length)] = (byte) random.nextInt();
          }
          assertThat(DhcpServer.answer(broken, LEASE)).isNotNull();
        });
  }

  @Test
  void echo_is_answered_from_the_address_asked() {
    byte[] request =
        Hex.parse(
            "00005e000100 020000000001 0800 4500001e 00004000 40010000 0a010103 0a010101"
                + "0800 0000 1234 0001 6869");
    byte[] reply = Echo.answer(request);
    assertThat(Hex.of(reply))
        .startsWith("020000000001" + "00005e000100" + "0800")
        .contains("0a0101010a010103" + "0000")
        .endsWith("123400016869");
    assertThat(Ipv4Frame.fold(Ipv4Frame.sum(reply, 34, 10, 0))).isZero();
    request[34] = 3;
    assertThat(Echo.answer(request)).isNull();
    assertThat(Echo.answer(new byte[20])).isNull();
  }
}
