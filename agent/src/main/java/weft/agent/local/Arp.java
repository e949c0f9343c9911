package weft.agent.local;

import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.Writer;

/** Writes ARP (RFC 826) for Ethernet and IPv4. */
public final class Arp {
  private static final int ETHERTYPE = 0x0806;
  private static final int IPV4 = 0x0800;
  private static final int REQUEST = 1;
  private static final int REPLY = 2;

  private Arp() {}

  /** Asks one guest, as the gateway, whether it has an address. */
  public static byte[] request(MacAddress guest, Ipv4Address asker, Ipv4Address address) {
    return new Writer(42)
        .mac(guest)
        .mac(MacAddress.GATEWAY)
        .u16(ETHERTYPE)
        .u16(1)
        .u16(IPV4)
        .u8(6)
        .u8(4)
        .u16(REQUEST)
        .mac(MacAddress.GATEWAY)
        .ip(asker)
        .mac(MacAddress.ZERO)
        .ip(address)
        .toBytes();
  }

  /** Tells one guest, unasked, whose an address is (RFC 5227 section 3, as a reply). */
  public static byte[] announcement(MacAddress guest, Ipv4Address address, MacAddress owner) {
    return new Writer(42)
        .mac(guest)
        .mac(owner)
        .u16(ETHERTYPE)
        .u16(1)
        .u16(IPV4)
        .u8(6)
        .u8(4)
        .u16(REPLY)
        .mac(owner)
        .ip(address)
        .mac(owner)
        .ip(address)
        .toBytes();
  }
}
