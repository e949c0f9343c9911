package weft.agent.core;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.XmlElement;
import weft.vrouter.FatFlows;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.HashField;
import weft.vrouter.PortPool;

/** What the config says about the ports of this host, read out of the graph. */
public final class Wanted {
  /** The gateway's address on every IPv6 link, of its MAC. */
  public static final Ipv6Address GATEWAY_ON_LINK = Ipv6Address.parse("fe80::200:5eff:fe00:100");

  /** The route by which guests reach the underlay, and the network in which it is to rules. */
  static final IpPrefix EVERYWHERE = new IpPrefix(Ipv4Address.ANY, 0);

  private static final IpPrefix EVERYWHERE_V6 = new IpPrefix(Ipv6Address.ANY, 0);

  static final String UNDERLAY_NETWORK = "default-domain:default-project:ip-fabric";

  private Wanted() {}

  /**
   * A port with all that it needs.
   *
   * @param addresses the primary IPv4 address first
   * @param pairs further prefixes that the guest answers for: allowed address pairs
   * @param standby those of them that one port has at a time: the one whose guest spoke last
   * @param routes prefixes behind the guest: interface route tables
   * @param groups security groups by fq name
   * @param policy false if the port is exempt from all policy
   * @param flows how its flows are made
   * @param bgpPort by which control nodes know the guest as a BGP speaker, 0 if it is none
   * @param floating its floating addresses
   * @param project null if it is not known
   */
  public record PortConfig(
      UUID id,
      String name,
      MacAddress mac,
      List<IpAddress> addresses,
      List<IpPrefix> pairs,
      List<IpPrefix> standby,
      List<InterfaceRoute> routes,
      Network network,
      SortedMap<String, Group> groups,
      boolean policy,
      FlowTerms flows,
      int bgpPort,
      List<Floating> floating,
      @Nullable UUID project,
      List<HostRoute> hostRoutes,
      List<DhcpOption> dhcpOptions,
      List<HealthCheck> healthChecks) {
    public PortConfig {
      healthChecks = List.copyOf(healthChecks);
      floating = List.copyOf(floating);
      addresses = List.copyOf(addresses);
      pairs = List.copyOf(pairs);
      standby = List.copyOf(standby);
      routes = List.copyOf(routes);
      hostRoutes = List.copyOf(hostRoutes);
      dhcpOptions = List.copyOf(dhcpOptions);
    }

    /** What the guest itself answers for: its addresses as prefixes, then the pairs. */
    public List<IpPrefix> ownPrefixes() {
      return Stream.concat(addresses.stream().map(IpAddress::toHostPrefix), pairs.stream())
          .distinct()
          .toList();
    }

    /** All that leads to the port: what the guest answers for, then what is behind it. */
    public List<IpPrefix> prefixes() {
      return Stream.concat(ownPrefixes().stream(), routes.stream().map(InterfaceRoute::prefix))
          .distinct()
          .toList();
    }

    /** Whether the guest passes on what is sent there, rather than answering for it. */
    boolean isBehind(IpPrefix prefix) {
      return routes.stream().anyMatch(route -> route.prefix().equals(prefix))
          && !ownPrefixes().contains(prefix);
    }

    /** What the guest may send from beside its primary address. */
    public SortedSet<IpPrefix> otherSources() {
      SortedSet<IpPrefix> others = new TreeSet<>(prefixes());
      if (network.anySource) {
        others.add(EVERYWHERE);
        others.add(EVERYWHERE_V6);
      }
      if (!addresses.isEmpty()) {
        others.remove(addresses.getFirst().toHostPrefix());
      }
      return others;
    }

    /** The subnet of the network that `address` is in, or null. */
    public @Nullable Subnet subnetOf(IpAddress address) {
      for (Subnet subnet : network.subnets) {
        if (subnet.prefix.contains(address)) {
          return subnet;
        }
      }
      return null;
    }
  }

  /**
   * How flows of a port are made, as port and network say.
   *
   * @param fat which of its connections share flows
   * @param most how many entries it may have, two for a connection; 0 for as many as any
   * @param hashing what of a flow chooses one of several ports that answer for an address
   */
  public record FlowTerms(FatFlows fat, int most, Set<HashField> hashing) {
    /** Where nothing is said. */
    public static final FlowTerms DEFAULT =
        new FlowTerms(new FatFlows(List.of()), 0, HashField.ALL);

    public FlowTerms {
      hashing = Set.copyOf(hashing);
    }
  }

  /**
   * A route that leads to a port, for the guest to pass on.
   *
   * @param communities that the route carries, as configured
   */
  public record InterfaceRoute(IpPrefix prefix, List<String> communities) {
    public InterfaceRoute {
      communities = List.copyOf(communities);
    }
  }

  /**
   * A floating address of a port.
   *
   * @param inside the port's own address that it stands for
   * @param network that its pool is of
   * @param ports if not empty, nothing else passes
   */
  public record Floating(
      IpAddress address,
      IpAddress inside,
      Network network,
      boolean inbound,
      boolean outbound,
      List<FloatingAddresses.PortMap> ports) {
    public Floating {
      ports = List.copyOf(ports);
    }
  }

  /**
   * A virtual network with the routing instance in which its ports are.
   *
   * @param vrf fq name of the routing instance
   * @param vni VXLAN id, 0 if the network has none
   * @param acl entries of the network's access-control-list, null if it has none
   * @param mtu 0 if not configured
   * @param fabricSnat guests reach the underlay by their host's address
   * @param router the hidden network of the logical router that routes between this network and
   *     others by VXLAN, null if there is none
   * @param macs what it does with MACs that are not those of its ports
   * @param anySource guests may send from addresses that are not theirs
   */
  public record Network(
      String name,
      String vrf,
      int vni,
      boolean bridged,
      boolean routed,
      List<Subnet> subnets,
      @Nullable XmlElement acl,
      int mtu,
      boolean fabricSnat,
      @Nullable Network router,
      MacRules macs,
      boolean anySource) {
    public Network {
      subnets = List.copyOf(subnets);
    }
  }

  /**
   * A subnet of a network, with what DHCP says in it.
   *
   * @param service the address that DHCP and DNS answer from
   * @param nameServers those to hand out; empty = none
   * @param mode how IPv6 guests come by their addresses
   * @param dns what becomes of questions to the service address
   */
  public record Subnet(
      IpPrefix prefix,
      @Nullable IpAddress gateway,
      @Nullable IpAddress service,
      boolean dhcp,
      AddressMode mode,
      List<IpAddress> nameServers,
      Dns dns,
      List<HostRoute> hostRoutes,
      List<DhcpOption> dhcpOptions) {
    public Subnet {
      nameServers = List.copyOf(nameServers);
      hostRoutes = List.copyOf(hostRoutes);
      dhcpOptions = List.copyOf(dhcpOptions);
    }
  }

  /** How guests come by IPv6 addresses, as router advertisements tell them. */
  public enum AddressMode {
    /** Not by this network: guests know them. */
    STATIC(""),
    /** They make them of the prefix. */
    SLAAC("slaac"),
    /** Likewise, and all else comes by DHCP. */
    STATELESS("dhcpv6-stateless"),
    /** By DHCP. */
    STATEFUL("dhcpv6-stateful");

    /** The DHCP option of a subnet that says it. */
    static final String OPTION = "ipv6-ra-mode";

    private final String word;

    AddressMode(String word) {
      this.word = word;
    }

    /** That of a subnet with such options, {@link #STATEFUL} where they do not say. */
    static AddressMode of(boolean dhcp, List<DhcpOption> options) {
      if (!dhcp) {
        return STATIC;
      }
      for (DhcpOption option : options) {
        for (AddressMode mode : values()) {
          if (option.name().equals(OPTION) && mode.word.equals(option.value())) {
            return mode;
          }
        }
      }
      return STATEFUL;
    }
  }

  /** What becomes of DNS questions of guests. */
  public sealed interface Dns {
    /** They are not answered. */
    record None() implements Dns {}

    /** They are asked of the host's servers, or those of the agent's settings. */
    record Relay() implements Dns {}

    /** They are answered from zones of the config. */
    record Virtual(String name) implements Dns {}
  }

  /**
   * A zone of the config, of one virtual-DNS.
   *
   * @param domain in lower case
   * @param next what is asked for other names: another virtual-DNS, an address, or empty
   * @param reverse guests' addresses have names
   */
  public record Zone(
      String domain, String next, boolean fixedOrder, boolean reverse, List<DnsRecord> records) {
    public Zone {
      records = List.copyOf(records);
    }
  }

  /** A record of a zone as it was written. */
  public record DnsRecord(String name, String type, String data, int ttl, int preference) {}

  /** A guest that a zone has names for. */
  public record NamedGuest(String name, List<IpAddress> addresses) {}

  /**
   * A route that DHCP hands to the guest.
   *
   * @param gateway null stands for the subnet's gateway
   */
  public record HostRoute(IpPrefix prefix, @Nullable IpAddress gateway) {}

  /** A DHCP option as configured: by name or number. */
  public record DhcpOption(String name, String value) {}

  /**
   * A security group.
   *
   * @param id the number that routes carry
   * @param ingress entries of the list for what guests receive; null as long as it is not known
   */
  public record Group(int id, @Nullable XmlElement ingress, @Nullable XmlElement egress) {}

  /**
   * A service that guests reach under a link-local address.
   *
   * @param hosts where it is in truth, by address or name
   */
  public record LinkLocal(
      String name, Ipv4Address address, int port, List<String> hosts, int targetPort) {
    /** The name by which the config tells the metadata service from all others. */
    public static final String METADATA = "metadata";

    private static final IpPrefix RANGE = IpPrefix.parse("169.254.0.0/16");

    public LinkLocal {
      hosts = List.copyOf(hosts);
    }

    public boolean isMetadata() {
      return name.equals(METADATA);
    }

    static boolean mayBe(Ipv4Address address) {
      return RANGE.contains(address);
    }
  }

  /**
   * How long flows of a protocol and port may be idle.
   *
   * @param port of either end, 0 for any
   * @param seconds 0 for ever
   */
  public record FlowAge(int protocol, int port, int seconds) {}

  /**
   * What holds for the whole system.
   *
   * @param encapsulations in order of preference
   * @param services that guests reach under link-local addresses
   * @param portPools by protocol, the ports of each host that its guests may have in the underlay
   * @param forwardingMode of networks that do not say; empty for frames and packets
   * @param flowAges how long flows of some kinds may be idle
   */
  public record Global(
      List<Encapsulation> encapsulations,
      boolean configuredVni,
      List<LinkLocal> services,
      SortedMap<Integer, PortPool> portPools,
      String forwardingMode,
      List<FlowAge> flowAges) {
    public static final Global DEFAULT =
        new Global(
            List.of(Encapsulation.MPLS_O_UDP, Encapsulation.MPLS_O_GRE, Encapsulation.VXLAN),
            false,
            List.of(),
            PortPoolReader.DEFAULT,
            "",
            List.of());

    public Global {
      encapsulations = List.copyOf(encapsulations);
      services = List.copyOf(services);
      flowAges = List.copyOf(flowAges);
      portPools = Collections.unmodifiableSortedMap(new TreeMap<>(portPools));
    }

    Global withServices(List<LinkLocal> others) {
      return new Global(encapsulations, configuredVni, others, portPools, forwardingMode, flowAges);
    }

    /** MPLS encapsulations in order of preference; never empty. */
    public List<Encapsulation> mpls() {
      List<Encapsulation> mpls =
          encapsulations.stream().filter(each -> each != Encapsulation.VXLAN).toList();
      return mpls.isEmpty() ? List.of(Encapsulation.MPLS_O_UDP, Encapsulation.MPLS_O_GRE) : mpls;
    }

    /** True if bridged traffic goes by VNI. */
    public boolean vxlanFirst() {
      return !encapsulations.isEmpty() && encapsulations.getFirst() == Encapsulation.VXLAN;
    }

    /**
     * The encapsulation to use towards a peer, or null if nothing it offers is spoken here.
     *
     * @param offered by the peer's route; empty means plain GRE
     */
    public @Nullable Encapsulation choose(List<Encapsulation> offered, boolean withVxlan) {
      List<Encapsulation> all = offered.isEmpty() ? List.of(Encapsulation.MPLS_O_GRE) : offered;
      for (Encapsulation each : encapsulations) {
        if (all.contains(each) && (withVxlan || each != Encapsulation.VXLAN)) {
          return each;
        }
      }
      for (Encapsulation each : DEFAULT.encapsulations) {
        if (all.contains(each) && (withVxlan || each != Encapsulation.VXLAN)) {
          return each;
        }
      }
      return null;
    }
  }
}
