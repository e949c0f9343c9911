package weft.bgp;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;

/** What a route leads to. */
public sealed interface Nlri {

  /** Plain unicast (RFC 4271, RFC 4760). */
  record Ip(IpPrefix prefix) implements Nlri {}

  /**
   * Labelled unicast (RFC 8277).
   *
   * @param label the one label of section 2.2; means nothing in a withdrawal
   */
  record Labeled(IpPrefix prefix, Label label) implements Nlri {}

  /**
   * One of several paths that a peer tells of a route (RFC 7911 section 3).
   *
   * @param id tells them apart; 32 bits
   */
  record WithPath(int id, Nlri route) implements Nlri {}

  /**
   * A VPN route (RFC 4364, RFC 4659).
   *
   * @param label the one label of RFC 8277 section 2.2; means nothing in a withdrawal
   */
  record Vpn(RouteDistinguisher distinguisher, IpPrefix prefix, Label label) implements Nlri {}

  /** An EVPN route (RFC 7432 section 7, RFC 9136). */
  sealed interface Evpn extends Nlri {}

  /** Type 1. */
  record EthernetAutoDiscovery(
      RouteDistinguisher distinguisher, Segment segment, long tag, LabelField label)
      implements Evpn {}

  /** Type 2. The second label is for routed traffic. */
  record MacIp(
      RouteDistinguisher distinguisher,
      Segment segment,
      long tag,
      MacAddress mac,
      @Nullable IpAddress address,
      LabelField label,
      @Nullable LabelField l3Label)
      implements Evpn {}

  /** Type 3. */
  record InclusiveMulticast(RouteDistinguisher distinguisher, long tag, IpAddress originator)
      implements Evpn {}

  /** Type 4. */
  record EthernetSegment(RouteDistinguisher distinguisher, Segment segment, IpAddress originator)
      implements Evpn {}

  /** Type 5. */
  record EvpnPrefix(
      RouteDistinguisher distinguisher,
      Segment segment,
      long tag,
      IpPrefix prefix,
      IpAddress gateway,
      LabelField label)
      implements Evpn {}

  /**
   * Type 6: who wants a multicast group (RFC 9251 section 9.1).
   *
   * @param source null for any
   */
  record SelectiveMulticast(
      RouteDistinguisher distinguisher,
      long tag,
      @Nullable IpAddress source,
      @Nullable IpAddress group,
      IpAddress originator,
      int flags)
      implements Evpn {}

  /** An EVPN type that is carried but not understood. */
  record UnknownEvpn(int type, HexBytes value) implements Evpn {}

  /**
   * Route target membership (RFC 4684).
   *
   * @param length 0 for the default, else 32..96 bits of origin AS and target
   * @param target the eight bytes of the route target, of which `length - 32` bits count
   */
  record RouteTargetMembership(int length, long originAs, long target) implements Nlri {
    public static final RouteTargetMembership DEFAULT = new RouteTargetMembership(0, 0, 0);

    public static RouteTargetMembership of(long originAs, RouteTarget target) {
      return new RouteTargetMembership(96, originAs, target.bits());
    }
  }

  /**
   * A node of a network's multicast tree, as control nodes of Tungsten Fabric tell each other.
   *
   * @param type {@link #LOCAL} for what a control node asks to be joined, {@link #GLOBAL} for how
   *     it was joined
   * @param router the control node concerned
   * @param source 0.0.0.0 for any
   */
  record MulticastTree(
      int type,
      RouteDistinguisher distinguisher,
      Ipv4Address router,
      Ipv4Address source,
      Ipv4Address group)
      implements Nlri {
    public static final int LOCAL = 1;
    public static final int GLOBAL = 2;
  }

  /** An Ethernet segment identifier: ten bytes. */
  record Segment(int type, long high, int low) {
    /** A single-homed site. */
    public static final Segment NONE = new Segment(0, 0, 0);
  }

  /** The 24 bits in which EVPN carries an MPLS label or, with VXLAN, a VNI (RFC 8365). */
  record LabelField(int bits) {
    public static LabelField mpls(Label label) {
      return new LabelField(label.value() << 4 | 1);
    }

    public static LabelField vni(int vni) {
      return new LabelField(vni);
    }

    public Label asMpls() {
      return new Label(bits >>> 4);
    }

    public int asVni() {
      return bits;
    }
  }

  /** Bytes compared by content, kept as hexadecimal text. */
  record HexBytes(String hex) {
    public static HexBytes of(byte[] bytes) {
      return new HexBytes(HexFormat.of().formatHex(bytes));
    }

    public byte[] toBytes() {
      return HexFormat.of().parseHex(hex);
    }
  }
}
