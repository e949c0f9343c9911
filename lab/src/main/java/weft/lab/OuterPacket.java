package weft.lab;

import java.util.ArrayList;
import java.util.List;
import weft.net.Hex;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Reader;

/**
 * Reads a packet of the underlay for people: outer headers, label or VNI, and what is inside, a
 * line a layer.
 */
public final class OuterPacket {
  private static final int MPLS_O_UDP = 6635;
  private static final int VXLAN = 4789;

  private final List<String> lines = new ArrayList<>();
  private String encapsulation = "none";

  private OuterPacket() {}

  /**
   * @param frame from the outer Ethernet header on, possibly cut short
   */
  public static OuterPacket decode(byte[] frame) {
    OuterPacket packet = new OuterPacket();
    Reader reader = new Reader(frame);
    try {
      packet.ethernet("outer Ethernet", reader);
    } catch (Reader.Underflow e) {
      packet.lines.add("(cut short: " + e.getMessage() + ")");
    }
    return packet;
  }

  /** `MPLSoUDP`, `MPLSoGRE`, `VXLAN`, or `none`. */
  public String encapsulation() {
    return encapsulation;
  }

  public List<String> lines() {
    return List.copyOf(lines);
  }

  private void ethernet(String title, Reader reader) {
    MacAddress destination = reader.mac();
    MacAddress source = reader.mac();
    int type = reader.u16();
    lines.add("%s  %s > %s type 0x%04x".formatted(title, source, destination, type));
    switch (type) {
      case 0x0800 -> ipv4(reader);
      case 0x0806 -> lines.add("ARP");
      case 0x86dd -> lines.add("IPv6");
      default -> lines.add("payload " + reader.remaining() + " bytes");
    }
  }

  private void ipv4(Reader reader) {
    int headerWords = reader.u8() & 0xf;
    reader.skip(1);
    int length = reader.u16();
    int id = reader.u16();
    int fragment = reader.u16();
    int ttl = reader.u8();
    int protocol = reader.u8();
    reader.skip(2);
    Ipv4Address source = reader.ipv4();
    Ipv4Address destination = reader.ipv4();
    reader.skip(Math.max(0, headerWords - 5) * 4);
    lines.add(
        "IPv4  %s > %s protocol %d ttl %d id %d length %d%s"
            .formatted(
                source,
                destination,
                protocol,
                ttl,
                id,
                length,
                (fragment & 0x4000) != 0 ? " DF" : ""));
    switch (protocol) {
      case 1 -> lines.add("ICMP  type " + reader.u8() + " code " + reader.u8());
      case 6 -> lines.add("TCP  port " + reader.u16() + " > " + reader.u16());
      case 17 -> udp(reader);
      case 47 -> gre(reader);
      default -> lines.add("protocol " + protocol);
    }
  }

  private void udp(Reader reader) {
    int source = reader.u16();
    int destination = reader.u16();
    int length = reader.u16();
    int checksum = reader.u16();
    lines.add(
        "UDP  port %d > %d length %d checksum %s"
            .formatted(
                source,
                destination,
                length,
                checksum == 0 ? "none" : Integer.toHexString(checksum)));
    if (destination == MPLS_O_UDP) {
      encapsulation = "MPLSoUDP";
      mpls(reader);
    } else if (destination == VXLAN) {
      encapsulation = "VXLAN";
      int flags = reader.u8();
      reader.skip(3);
      int vni = reader.u24();
      reader.skip(1);
      lines.add("VXLAN  VNI %d flags 0x%02x".formatted(vni, flags));
      ethernet("inner Ethernet", reader);
    }
  }

  private void gre(Reader reader) {
    int flags = reader.u16();
    int type = reader.u16();
    lines.add("GRE  flags 0x%04x type 0x%04x".formatted(flags, type));
    if (type == 0x8847) {
      encapsulation = "MPLSoGRE";
      mpls(reader);
    }
  }

  private void mpls(Reader reader) {
    int word = reader.i32();
    lines.add(
        "MPLS  label %d bottom %d ttl %d".formatted(word >>> 12, word >>> 8 & 1, word & 0xff));
    byte[] inner = reader.rest();
    if (inner.length > 0 && inner[0] >>> 4 == 4 && looksLikeIpv4(inner)) {
      ipv4(new Reader(inner));
    } else if (inner.length >= 14) {
      ethernet("inner Ethernet", new Reader(inner));
    } else {
      lines.add("payload " + Hex.of(inner));
    }
  }

  /**
   * An inner Ethernet frame may begin with the digit 4 too: the IPv4 length field tells them apart.
   */
  private static boolean looksLikeIpv4(byte[] inner) {
    if (inner.length < 20) {
      return false;
    }
    int length = (inner[2] & 0xff) << 8 | inner[3] & 0xff;
    return length == inner.length;
  }
}
