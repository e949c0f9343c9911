package weft.agent.local;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.DhcpOption;
import weft.agent.core.Wanted.HostRoute;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/**
 * All that DHCP tells one port.
 *
 * @param server the address that the answer comes from
 * @param routes to be given as classless routes; without a gateway they go through `gateway`
 * @param options configured ones, which go before what the network says
 */
public record DhcpLease(
    MacAddress mac,
    Ipv4Address address,
    IpPrefix subnet,
    @Nullable Ipv4Address gateway,
    Ipv4Address server,
    String hostName,
    List<Ipv4Address> nameServers,
    int mtu,
    List<HostRoute> routes,
    List<DhcpOption> options) {
  private static final int CLASSLESS_ROUTES = 121;
  static final int DEFAULT_MTU = 1500;

  public DhcpLease {
    nameServers = List.copyOf(nameServers);
    routes = List.copyOf(routes);
    options = List.copyOf(options);
  }

  /** The lease of a port, or null if DHCP is off for it or it has no IPv4 address. */
  public static @Nullable DhcpLease of(PortConfig port, String hostName) {
    for (IpAddress each : port.addresses()) {
      if (each instanceof Ipv4Address address) {
        Subnet subnet = port.subnetOf(address);
        return subnet == null || !subnet.dhcp() ? null : of(port, hostName, address, subnet);
      }
    }
    return null;
  }

  private static @Nullable DhcpLease of(
      PortConfig port, String hostName, Ipv4Address address, Subnet subnet) {
    if (!(subnet.service() instanceof Ipv4Address server)) {
      return null;
    }
    List<Ipv4Address> nameServers = new ArrayList<>();
    for (IpAddress nameServer : subnet.nameServers()) {
      if (nameServer instanceof Ipv4Address v4) {
        nameServers.add(v4);
      }
    }
    List<DhcpOption> options = new ArrayList<>(port.dhcpOptions());
    options.addAll(subnet.dhcpOptions());
    List<HostRoute> routes = port.hostRoutes();
    if (routes.isEmpty() && port.dhcpOptions().stream().noneMatch(DhcpLease::areRoutes)) {
      routes = subnet.hostRoutes();
    }
    if (!routes.isEmpty()) {
      options.removeIf(DhcpLease::areRoutes);
    }
    return new DhcpLease(
        port.mac(),
        address,
        subnet.prefix(),
        subnet.gateway() instanceof Ipv4Address gateway ? gateway : null,
        server,
        hostName,
        nameServers,
        port.network().mtu() == 0 ? DEFAULT_MTU : port.network().mtu(),
        routes,
        options);
  }

  /** Routes of the port go before its options, and those before what the subnet says likewise. */
  private static boolean areRoutes(DhcpOption option) {
    return DhcpOptionTable.code(option) == CLASSLESS_ROUTES;
  }
}
