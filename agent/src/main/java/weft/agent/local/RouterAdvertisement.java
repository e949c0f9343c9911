package weft.agent.local;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.AddressMode;
import weft.agent.core.Wanted.DhcpOption;
import weft.agent.core.Wanted.HostRoute;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.net.IpAddress;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Writer;

/** What a port's guest is told as an IPv6 host (RFC 4861, RFC 8106, RFC 4191). */
public final class RouterAdvertisement {
  private static final int SOLICITATION = 133;
  private static final int ADVERTISEMENT = 134;
  private static final int HOP_LIMIT = 64;
  private static final int LIFETIME = 9000;
  private static final int FOREVER = -1;

  private static final int MANAGED = 0x80;
  private static final int OTHER = 0x40;
  private static final int ON_LINK = 0x80;
  private static final int AUTONOMOUS = 0x40;

  private static final int SOURCE_LINK_LAYER = 1;
  private static final int PREFIX = 3;
  private static final int MTU = 5;
  private static final int ROUTE = 24;
  private static final int NAME_SERVERS = 25;
  private static final int DOMAINS = 31;

  private RouterAdvertisement() {}

  /** The answer to a solicitation; null if the frame is none or there is nothing to tell. */
  public static byte @Nullable [] answer(byte[] frame, PortConfig port) {
    Ipv6Frame asked = Ipv6Frame.parse(frame);
    if (asked == null
        || asked.nextHeader() != Ipv6Frame.ICMP
        || asked.hopLimit() != Ipv6Frame.ON_LINK
        || asked.payload().length < 8
        || (asked.payload()[0] & 0xff) != SOLICITATION
        || asked.payload()[1] != 0) {
      return null;
    }
    return of(port, asked.source());
  }

  /** One that nobody has asked for; null if there is nothing to tell. */
  public static byte @Nullable [] unasked(PortConfig port) {
    return of(port, Ipv6Address.ANY);
  }

  /** To the guest alone, by its MAC, so that it is not told what other ports are. */
  private static byte @Nullable [] of(PortConfig port, Ipv6Address asker) {
    List<Subnet> subnets = subnets(port);
    if (subnets.isEmpty()) {
      return null;
    }
    Ipv6Address to = asker.equals(Ipv6Address.ANY) ? Neighbours.ALL_NODES : asker;
    byte[] message = Ipv6Frame.icmp(Neighbours.GATEWAY, to, message(port, subnets));
    return new Ipv6Frame(
            port.mac(),
            MacAddress.GATEWAY,
            Neighbours.GATEWAY,
            to,
            Ipv6Frame.ICMP,
            Ipv6Frame.ON_LINK,
            message)
        .toBytes();
  }

  /** Those that the port has addresses of. */
  private static List<Subnet> subnets(PortConfig port) {
    List<Subnet> subnets = new ArrayList<>();
    for (IpAddress address : port.addresses()) {
      Subnet subnet = address.isV4() ? null : port.subnetOf(address);
      if (subnet != null && !subnets.contains(subnet)) {
        subnets.add(subnet);
      }
    }
    return subnets;
  }

  private static byte[] message(PortConfig port, List<Subnet> subnets) {
    int flags = 0;
    boolean router = false;
    for (Subnet subnet : subnets) {
      flags |= flags(subnet);
      router |= subnet.gateway() != null;
    }
    Writer out = new Writer(128);
    out.u8(ADVERTISEMENT).u8(0).u16(0).u8(HOP_LIMIT).u8(flags).u16(router ? LIFETIME : 0);
    out.i32(0).i32(0);
    out.u8(SOURCE_LINK_LAYER).u8(1).mac(MacAddress.GATEWAY);
    int mtu = port.network().mtu() == 0 ? DhcpLease.DEFAULT_MTU : port.network().mtu();
    if (mtu >= 1280) {
      out.u8(MTU).u8(1).u16(0).i32(mtu);
    }
    subnets.forEach(subnet -> subnet(out, subnet));
    names(out, port, subnets);
    return out.toBytes();
  }

  private static int flags(Subnet subnet) {
    return switch (subnet.mode()) {
      case STATEFUL -> MANAGED | OTHER;
      case STATELESS -> OTHER;
      case SLAAC, STATIC -> 0;
    };
  }

  private static void subnet(Writer out, Subnet subnet) {
    AddressMode mode = subnet.mode();
    int flags =
        ON_LINK | (mode == AddressMode.SLAAC || mode == AddressMode.STATELESS ? AUTONOMOUS : 0);
    out.u8(PREFIX).u8(4).u8(subnet.prefix().length()).u8(flags).i32(FOREVER).i32(FOREVER).i32(0);
    out.ip(subnet.prefix().address());
    for (HostRoute route : subnet.hostRoutes()) {
      boolean here = route.gateway() == null || route.gateway().equals(subnet.gateway());
      if (!route.prefix().isV4() && here) {
        out.u8(ROUTE).u8(3).u8(route.prefix().length()).u8(0).i32(LIFETIME);
        out.ip(route.prefix().address());
      }
    }
  }

  private static void names(Writer out, PortConfig port, List<Subnet> subnets) {
    List<DhcpOption> options = new ArrayList<>(port.dhcpOptions());
    subnets.forEach(subnet -> options.addAll(subnet.dhcpOptions()));
    List<Ipv6Address> servers = Dhcp6Names.servers(options, subnets);
    if (!servers.isEmpty()) {
      out.u8(NAME_SERVERS).u8(1 + 2 * servers.size()).u16(0).i32(LIFETIME);
      servers.forEach(out::ip);
    }
    byte[] domains = Dhcp6Names.domains(options);
    if (domains.length > 0) {
      int padded = (domains.length + 7) / 8 * 8;
      out.u8(DOMAINS).u8(1 + padded / 8).u16(0).i32(LIFETIME).bytes(domains);
      out.bytes(new byte[padded - domains.length]);
    }
  }
}
