package weft.vrouter;

import weft.net.IpPrefix;
import weft.net.Ipv4Address;

/**
 * An address and port that guests of every network reach, answered by a socket of this host: a
 * link-local address, or for DNS over TCP {@link #HOST}, which stands for the addresses that the
 * vRouter has in each network.
 *
 * @param port of the socket, at {@link #HOST}
 */
public record Service(int port) implements TableValue {
  /** Where the sockets are; the datapath's device for them has this address. */
  public static final Ipv4Address HOST = Ipv4Address.parse("198.19.0.1");

  /** At this port, by TCP, {@link #HOST} stands for all addresses of the vRouter. */
  public static final int DNS_PORT = 53;

  private static final IpPrefix GUESTS = IpPrefix.parse("198.18.0.0/16");

  /** The vif whose guest a socket sees under this address, or 0 if it is none's. */
  public static int vifOf(Ipv4Address address) {
    return GUESTS.contains(address) ? address.bits() & 0xffff : 0;
  }

  /** The address under which a socket sees the guest of a vif. */
  public static Ipv4Address addressOf(int vif) {
    return new Ipv4Address(((Ipv4Address) GUESTS.address()).bits() | vif & 0xffff);
  }
}
