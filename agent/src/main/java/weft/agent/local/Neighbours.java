package weft.agent.local;

import weft.agent.core.Wanted;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Writer;

/** Addresses of neighbour discovery, and what it tells unasked (RFC 4861). */
public final class Neighbours {
  /** The gateway's own address on every link, of its MAC. */
  public static final Ipv6Address GATEWAY = Wanted.GATEWAY_ON_LINK;

  static final Ipv6Address ALL_NODES = Ipv6Address.parse("ff02::1");
  private static final int ADVERTISEMENT = 136;
  private static final int OVERRIDE = 0x2000_0000;
  private static final int TARGET_LINK_LAYER = 2;

  private Neighbours() {}

  static MacAddress macOf(Ipv6Address group) {
    return new MacAddress(0x3333_0000_0000L | group.low() & 0xffff_ffffL);
  }

  /** Tells one guest whose an address is (RFC 4861 section 7.2.6). */
  public static byte[] announcement(MacAddress guest, Ipv6Address address, MacAddress owner) {
    byte[] message =
        new Writer(32)
            .u8(ADVERTISEMENT)
            .u8(0)
            .u16(0)
            .i32(OVERRIDE)
            .ip(address)
            .u8(TARGET_LINK_LAYER)
            .u8(1)
            .mac(owner)
            .toBytes();
    return new Ipv6Frame(
            guest,
            owner,
            address,
            ALL_NODES,
            Ipv6Frame.ICMP,
            Ipv6Frame.ON_LINK,
            Ipv6Frame.icmp(address, ALL_NODES, message))
        .toBytes();
  }
}
