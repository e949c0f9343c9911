package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.datapath.PacketLab.A;
import static weft.datapath.PacketLab.HERE;
import static weft.datapath.PacketLab.IP6_A;
import static weft.datapath.PacketLab.IP6_B;
import static weft.datapath.PacketLab.LABEL_L3_A;
import static weft.datapath.PacketLab.MAC_A;
import static weft.datapath.PacketLab.MAC_B;
import static weft.datapath.PacketLab.THERE;
import static weft.datapath.Packets.checked;
import static weft.datapath.Packets.data;
import static weft.datapath.Packets.echo6;
import static weft.datapath.Packets.ethernet;
import static weft.datapath.Packets.ipv4;
import static weft.datapath.Packets.ipv6;
import static weft.datapath.Packets.mplsUdp;
import static weft.datapath.Packets.neighbour;
import static weft.datapath.Packets.udp;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.datapath.Packets.Layer;
import weft.net.IpAddress;
import weft.net.MacAddress;
import weft.net.Writer;
import weft.vrouter.DropReason;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.FloatingAddresses.Floating;
import weft.vrouter.TableKey.FloatingKey;

/** Headers between that of IPv6 and what a packet carries, that of fragments above all. */
@Tag("lab")
class ExtensionHeaderLabTest {
  private static final int EGRESS = 3;
  private static final int HOP_BY_HOP = 0;
  private static final int ROUTING = 43;
  private static final int FRAGMENT = 44;
  private static final int AUTHENTICATION = 51;
  private static final int DESTINATION = 60;
  private static final String FAR = "fd0a::9";
  private static final String OUTSIDE = "fd02::50";
  private PacketLab lab;

  @BeforeEach
  void open() {
    lab = new PacketLab("xh");
    lab.put(PacketLab.key(2, "fd0a::/16"), PacketLab.tunnelRoute(MacAddress.GATEWAY, 200));
    lab.onlyUdpFromA(EGRESS, 53);
  }

  @AfterEach
  void close() {
    lab.close();
  }

  /** A header of `words` times eight bytes, which would be ports 53 if it were UDP. */
  private static Layer header(int type, int words, Layer next) {
    int length = type == AUTHENTICATION ? words * 2 - 2 : words - 1;
    return new Layer(
        type,
        new Writer()
            .u8(next.type())
            .u8(length)
            .u16(53)
            .i32(53)
            .bytes(new byte[words * 8 - 8])
            .bytes(next.bytes())
            .toBytes());
  }

  private static Layer fragment(int offset, boolean more, int id, Layer part) {
    return new Layer(
        FRAGMENT,
        new Writer()
            .u8(part.type())
            .u8(0)
            .u16(offset * 8 | (more ? 1 : 0))
            .i32(id)
            .bytes(part.bytes())
            .toBytes());
  }

  private static byte[] toB(Layer carried) {
    return ethernet(MAC_B, MAC_A, ipv6(IP6_A, IP6_B, carried));
  }

  private void passes(Layer carried) {
    byte[] frame = toB(carried);
    ProgramRun run = lab.fromGuest(A, frame);
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    assertThat(run.packet()).isEqualTo(frame);
  }

  private void dropped(DropReason reason, byte[] frame) {
    long drops =
        lab.drops(
            reason, () -> assertThat(lab.fromGuest(A, frame).result()).isEqualTo(ProgramRun.SHOT));
    assertThat(drops).as(reason + " of " + lab.datapath().drops()).isEqualTo(1);
  }

  private void dropped(DropReason reason, Layer carried) {
    dropped(reason, toB(carried));
  }

  @Test
  void headersHideNothingFromRules() {
    for (int type : new int[] {HOP_BY_HOP, ROUTING, AUTHENTICATION, DESTINATION}) {
      passes(header(type, 1, udp(9, 53, data(8))));
      dropped(DropReason.SECURITY_GROUP_OUT, header(type, 2, udp(9, 54, data(8))));
    }
    Layer inner =
        header(ROUTING, 2, header(AUTHENTICATION, 2, header(DESTINATION, 1, udp(9, 53, data(8)))));
    passes(header(HOP_BY_HOP, 1, header(DESTINATION, 1, inner)));
    dropped(DropReason.SECURITY_GROUP_OUT, header(HOP_BY_HOP, 1, echo6(128, 1)));
  }

  @Test
  void tooManyHeadersTooLongOnesAndCutOnesAreInvalid() {
    Layer six = udp(9, 53, data(8));
    for (int i = 0; i < 6; i++) {
      six = header(DESTINATION, 1, six);
    }
    dropped(DropReason.INVALID_PACKET, six);
    dropped(DropReason.INVALID_PACKET, header(DESTINATION, 20, udp(9, 53, data(8))));
    dropped(
        DropReason.INVALID_PACKET, new Layer(DESTINATION, new byte[] {17, 0, 0, 0, 0, 0, 0, 0}));
    dropped(DropReason.INVALID_PACKET, new Layer(HOP_BY_HOP, new byte[] {17, 9, 0, 0}));
    Layer one = fragment(0, true, 1, udp(9, 53, data(16)));
    dropped(DropReason.INVALID_PACKET, fragment(0, true, 2, one));
  }

  @Test
  void laterFragmentsFollowTheFirst() {
    Layer rest = new Layer(17, data(24));
    dropped(DropReason.FRAGMENT_NO_HEAD, fragment(5, false, 7, rest));
    passes(fragment(0, true, 7, udp(9, 53, data(32))));
    passes(fragment(5, true, 7, rest));
    passes(fragment(8, false, 7, rest));
    dropped(DropReason.FRAGMENT_NO_HEAD, fragment(5, false, 0x10007, rest));
    dropped(DropReason.SECURITY_GROUP_OUT, fragment(0, true, 8, udp(9, 54, data(32))));
    dropped(DropReason.SECURITY_GROUP_OUT, fragment(5, false, 8, rest));
    dropped(DropReason.INVALID_PACKET, fragment(0, true, 9, new Layer(17, data(4))));
    passes(fragment(0, false, 10, udp(9, 53, data(8))));
    dropped(DropReason.FRAGMENT_NO_HEAD, fragment(5, false, 10, rest));
  }

  /** What the fragments of one packet begin with is a header that only the first one has. */
  @Test
  void theFirstFragmentSaysWhatTheOthersCarry() {
    Layer head = header(DESTINATION, 1, udp(9, 53, data(24)));
    passes(header(HOP_BY_HOP, 1, fragment(0, true, 7, head)));
    passes(header(HOP_BY_HOP, 1, fragment(5, false, 7, new Layer(DESTINATION, data(24)))));
  }

  @Test
  void neighbourDiscoveryHasNoOtherHeaders() {
    for (int type = 133; type <= 137; type++) {
      byte[] plain = neighbour(type, IP6_A, IP6_B, 0, IP6_A, 1, MAC_A).bytes();
      Layer message = new Layer(58, Packets.from(plain, 40));
      for (Layer hidden :
          List.of(header(HOP_BY_HOP, 1, message), fragment(0, true, type, message))) {
        byte[] frame = toB(hidden);
        frame[14 + 7] = (byte) 255;
        dropped(DropReason.INVALID_PACKET, frame);
      }
    }
  }

  private void floatingAddress() {
    lab.put(
        new FloatingKey(A),
        new FloatingAddresses(
            List.of(
                new Floating(
                    IpAddress.parse(OUTSIDE),
                    IpAddress.parse(IP6_A),
                    2,
                    0,
                    true,
                    true,
                    List.of()))));
  }

  /** What is on the wire of a packet of the guest to far away, without the tunnel. */
  private byte[] sent(Layer carried) {
    ProgramRun run =
        lab.fromGuest(A, ethernet(MacAddress.GATEWAY, MAC_A, ipv6(IP6_A, FAR, carried)));
    assertThat(run.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    return Packets.from(run.packet(), 46);
  }

  @Test
  void fragmentsAreTranslatedLikeTheirHead() {
    floatingAddress();
    byte[] whole = Packets.from(checked(ipv6(IP6_A, FAR, udp(9000, 53, data(64)))).bytes(), 40);
    byte[] head = sent(fragment(0, true, 7, new Layer(17, Arrays.copyOf(whole, 40))));
    byte[] tail = sent(fragment(5, false, 7, new Layer(17, Packets.from(whole, 40))));
    for (byte[] part : List.of(head, tail)) {
      assertThat(Arrays.copyOfRange(part, 8, 24)).isEqualTo(IpAddress.parse(OUTSIDE).toBytes());
    }
    byte[] joined =
        new Writer().bytes(Packets.from(head, 48)).bytes(Packets.from(tail, 48)).toBytes();
    assertThat(Packets.transportSum(ipv6(OUTSIDE, FAR, new Layer(17, joined)).bytes())).isZero();
  }

  @Test
  void anErrorThatQuotesTheFirstFragmentBelongsToItsFlow() {
    floatingAddress();
    byte[] out = sent(fragment(0, true, 7, udp(9000, 53, data(64))));
    Layer error =
        checked(
            ipv6(
                "fd0a::1",
                OUTSIDE,
                new Layer(58, new Writer().u8(2).u8(0).u16(0).i32(1280).bytes(out).toBytes())));
    ProgramRun in = lab.fromFabric(ipv4(THERE, HERE, mplsUdp(6635, LABEL_L3_A, error.bytes())));
    assertThat(in.result()).as("drops " + lab.datapath().drops()).isEqualTo(ProgramRun.REDIRECT);
    byte[] seen = Packets.from(in.packet(), 14);
    assertThat(Packets.transportSum(seen)).as("the error's checksum").isZero();
    assertThat(Arrays.copyOfRange(seen, 24, 40)).isEqualTo(IpAddress.parse(IP6_A).toBytes());
    assertThat(Arrays.copyOfRange(seen, 48 + 8, 48 + 24))
        .as("whose packet it was")
        .isEqualTo(IpAddress.parse(IP6_A).toBytes());
  }
}
