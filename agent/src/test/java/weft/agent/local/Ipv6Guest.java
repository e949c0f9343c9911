package weft.agent.local;

import java.util.List;
import java.util.TreeMap;
import weft.agent.core.Wanted.AddressMode;
import weft.agent.core.Wanted.DhcpOption;
import weft.agent.core.Wanted.Dns;
import weft.agent.core.Wanted.HostRoute;
import weft.agent.core.Wanted.Network;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.net.Hex;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv6Address;
import weft.net.MacAddress;

/** A port with one IPv6 address, for tests of what its guest is told. */
final class Ipv6Guest {
  static final MacAddress MAC = MacAddress.parse("02:00:00:00:00:01");
  static final Ipv6Address ON_LINK = Ipv6Address.parse("fe80::ff:fe00:1");

  private Ipv6Guest() {}

  static PortConfig port(AddressMode mode, DhcpOption... options) {
    Subnet subnet =
        new Subnet(
            IpPrefix.parse("fd00::/64"),
            IpAddress.parse("fd00::1"),
            IpAddress.parse("fd00::2"),
            mode != AddressMode.STATIC,
            mode,
            List.of(IpAddress.parse("fd00::2")),
            new Dns.Relay(),
            List.of(
                new HostRoute(IpPrefix.parse("fd99::/48"), null),
                new HostRoute(IpPrefix.parse("fd98::/48"), IpAddress.parse("fd00::77"))),
            List.of(options));
    Network network =
        new Network(
            "net",
            "net:net",
            5,
            true,
            true,
            List.of(subnet),
            null,
            1400,
            false,
            null,
            weft.agent.core.MacRules.NONE,
            false);
    return new PortConfig(
        new java.util.UUID(1, 1),
        "port",
        MAC,
        List.of(IpAddress.parse("fd00::3")),
        List.of(),
        List.of(),
        List.of(),
        network,
        new TreeMap<>(),
        true,
        weft.agent.core.Wanted.FlowTerms.DEFAULT,
        0,
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of());
  }

  /** A frame of the guest with `payload`, which has its own checksum or none. */
  static byte[] frame(int nextHeader, int hops, String to, byte[] payload) {
    return new Ipv6Frame(
            MacAddress.parse("33:33:00:00:00:02"),
            MAC,
            ON_LINK,
            Ipv6Address.parse(to),
            nextHeader,
            hops,
            payload)
        .toBytes();
  }

  static byte[] dhcp(String message) {
    byte[] content = Hex.parse(message);
    return frame(
        Ipv6Frame.UDP,
        1,
        "ff02::1:2",
        Hex.parse("02220223" + "%04x".formatted(8 + content.length) + "0000" + Hex.of(content)));
  }
}
