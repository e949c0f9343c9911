package weft.agent.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.ConfigGraph.Node;
import weft.agent.core.Wanted.AddressMode;
import weft.agent.core.Wanted.DhcpOption;
import weft.agent.core.Wanted.Dns;
import weft.agent.core.Wanted.FlowAge;
import weft.agent.core.Wanted.Global;
import weft.agent.core.Wanted.Group;
import weft.agent.core.Wanted.HostRoute;
import weft.agent.core.Wanted.InterfaceRoute;
import weft.agent.core.Wanted.LinkLocal;
import weft.agent.core.Wanted.Network;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.core.Wanted.Subnet;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.net.XmlElement;
import weft.vrouter.Vif;

/**
 * Reads what the agent needs out of the config graph; a pure function of it. What several ports
 * need, such as their network, is read once.
 */
final class ConfigReader {
  private static final String SYSTEM = "global-system-config";
  private static final String GLOBAL = "global-vrouter-config";
  private static final String VMI = "virtual-machine-interface";
  private static final String VN = "virtual-network";
  private static final String ACL = "access-control-list";

  private final ConfigGraph graph;
  private final ZoneReader zones;
  private final RouterReader routers;
  private final FlowReader flows;
  private final BgpReader bgp;
  private final FloatingReader floating;
  private final HealthReader health;
  private final Readings.Kind<String, Global> global;
  private final Readings.Kind<String, XmlElement> system;
  private final Readings.Kind<Node, Network> networks;
  private final Readings.Kind<Node, Network> unrouted;
  private final Readings.Kind<Node, Group> groups;

  /**
   * @param readings keeps what is read; the graph tells it what that was read from
   */
  ConfigReader(ConfigGraph graph, Readings readings) {
    this.graph = graph;
    this.zones = new ZoneReader(graph);
    this.routers = new RouterReader(graph);
    this.flows = new FlowReader(graph);
    this.bgp = new BgpReader(graph);
    this.health = new HealthReader(graph);
    this.global = readings.shared(this::readGlobal);
    this.system = readings.shared(this::readSystem);
    this.networks = readings.shared(this::readNetwork);
    this.unrouted = readings.shared(node -> readNetwork(node, null));
    this.groups = readings.shared(this::readGroup);
    this.floating = new FloatingReader(graph, networks::of);
  }

  Global global() {
    Global known = global.of(GLOBAL);
    return known == null ? Global.DEFAULT : known;
  }

  private @Nullable Global readGlobal(String type) {
    List<Node> nodes = graph.ofType(type);
    XmlElement body = nodes.isEmpty() ? null : graph.body(nodes.getFirst());
    if (body == null) {
      return null;
    }
    List<Encapsulation> encapsulations = new ArrayList<>();
    for (XmlElement each : Xml.all(body.child("encapsulation-priorities"), "encapsulation")) {
      Encapsulation encapsulation = Encapsulation.ofConfig(each.text().trim());
      if (encapsulation != null && !encapsulations.contains(encapsulation)) {
        encapsulations.add(encapsulation);
      }
    }
    return new Global(
        encapsulations.isEmpty() ? Global.DEFAULT.encapsulations() : encapsulations,
        "configured".equals(Xml.text(body, "vxlan-network-identifier-mode")),
        services(body),
        PortPoolReader.read(body),
        Objects.requireNonNullElse(Xml.text(body, "forwarding-mode"), ""),
        flowAges(body));
  }

  /** Those that can be read; the first of a protocol and port counts. */
  private static List<FlowAge> flowAges(XmlElement body) {
    List<FlowAge> ages = new ArrayList<>();
    for (XmlElement each : Xml.all(body.child("flow-aging-timeout-list"), "flow-aging-timeout")) {
      int protocol = Xml.protocol(Xml.text(each, "protocol"));
      int port = Xml.number(Xml.text(each, "port"), 0);
      int seconds = Xml.number(Xml.text(each, "timeout-in-seconds"), -1);
      if (protocol > 0
          && protocol <= 255
          && port >= 0
          && port <= 65535
          && seconds >= 0
          && ages.stream().noneMatch(age -> age.protocol() == protocol && age.port() == port)) {
        ages.add(new FlowAge(protocol, port, seconds));
      }
    }
    return ages;
  }

  private @Nullable XmlElement readSystem(String type) {
    List<Node> nodes = graph.ofType(type);
    return nodes.isEmpty() ? null : graph.body(nodes.getFirst());
  }

  /** Those that can be read; the first under an address and port counts. */
  private static List<LinkLocal> services(XmlElement body) {
    List<LinkLocal> services = new ArrayList<>();
    XmlElement list = body.child("linklocal-services");
    for (XmlElement each : Xml.all(list, "linklocal-service-entry")) {
      String name = Xml.text(each, "linklocal-service-name");
      int port = Xml.number(Xml.text(each, "linklocal-service-port"), 0);
      int targetPort = Xml.number(Xml.text(each, "ip-fabric-service-port"), 0);
      List<String> hosts = new ArrayList<>();
      for (XmlElement host : each.children("ip-fabric-service-ip")) {
        if (!host.text().isBlank()) {
          hosts.add(host.text().trim());
        }
      }
      String dns = Xml.text(each, "ip-fabric-DNS-service-name");
      if (hosts.isEmpty() && dns != null) {
        hosts.add(dns);
      }
      if (name != null
          && Xml.address(Xml.text(each, "linklocal-service-ip")) instanceof Ipv4Address address
          && LinkLocal.mayBe(address)
          && isPort(port)
          && isPort(targetPort)
          && !hosts.isEmpty()
          && services.stream()
              .noneMatch(other -> other.address().equals(address) && other.port() == port)) {
        services.add(new LinkLocal(name, address, port, hosts, targetPort));
      }
    }
    return services;
  }

  private static boolean isPort(int port) {
    return port > 0 && port <= 65535;
  }

  /** The port's config, or null while anything is missing without which it cannot work. */
  @Nullable PortConfig port(UUID id, @Nullable MacAddress pluggedMac) {
    Node node = graph.port(id);
    XmlElement body = node == null ? null : graph.body(node);
    if (node == null || body == null) {
      return null;
    }
    MacAddress mac = Xml.mac(Xml.text(body, VMI + "-mac-addresses", "mac-address"));
    if (mac == null) {
      mac = pluggedMac;
    }
    Network network = networkOf(node);
    if (mac == null || network == null) {
      return null;
    }
    List<IpAddress> addresses = addresses(node);
    return new PortConfig(
        id,
        node.name(),
        mac,
        addresses,
        pairs(body, true),
        pairs(body, false),
        interfaceRoutes(node),
        network,
        groups(node),
        !Xml.isTrue(Xml.text(body, VMI + "-disable-policy")),
        flows.of(node, body),
        bgp.port(node, network.vrf()),
        floating.of(node, addresses),
        project(node),
        Xml.routes(body.child(VMI + "-host-routes")),
        Xml.options(body.child(VMI + "-dhcp-option-list")),
        health.of(node));
  }

  /** The sub-interfaces of a port, by their VLANs; a sub-interface has none itself. */
  SortedMap<Integer, UUID> subInterfaces(UUID port) {
    SortedMap<Integer, UUID> found = new TreeMap<>();
    Node node = graph.port(port);
    if (node != null && vlan(node) == 0) {
      for (Node sub : graph.neighbours(node, VMI + "-sub-interface", VMI)) {
        XmlElement body = graph.body(sub);
        UUID id = body == null ? null : ConfigGraph.uuid(body);
        if (id != null && vlan(sub) != 0) {
          found.putIfAbsent(vlan(sub), id);
        }
      }
    }
    return found;
  }

  private int vlan(Node port) {
    String text = Xml.text(graph.body(port), VMI + "-properties", "sub-interface-vlan-tag");
    int vlan = Xml.number(text, 0);
    return vlan < 0 || vlan > Vif.LAST_VLAN ? 0 : vlan;
  }

  private @Nullable UUID project(Node port) {
    for (Node project : graph.neighbours(port, "project-" + VMI, "project")) {
      XmlElement body = graph.body(project);
      return body == null ? null : ConfigGraph.uuid(body);
    }
    return null;
  }

  private List<IpAddress> addresses(Node port) {
    record Ranked(int rank, IpAddress address) {}
    List<Ranked> ranked = new ArrayList<>();
    for (Node node : graph.neighbours(port, "instance-ip-" + VMI, "instance-ip")) {
      XmlElement body = graph.body(node);
      IpAddress address = Xml.address(Xml.text(body, "instance-ip-address"));
      if (address != null) {
        boolean secondary = Xml.isTrue(Xml.text(body, "instance-ip-secondary"));
        ranked.add(new Ranked((address.isV4() ? 0 : 2) + (secondary ? 1 : 0), address));
      }
    }
    ranked.sort(Comparator.comparingInt(Ranked::rank).thenComparing(Ranked::address));
    return ranked.stream().map(Ranked::address).distinct().toList();
  }

  /**
   * @param all also those that several ports have at once
   */
  private static List<IpPrefix> pairs(XmlElement port, boolean all) {
    List<IpPrefix> pairs = new ArrayList<>();
    XmlElement list = port.child(VMI + "-allowed-address-pairs");
    for (XmlElement pair : Xml.all(list, "allowed-address-pair")) {
      IpPrefix prefix = Xml.subnet(pair.child("ip"));
      boolean shared = "active-active".equals(Xml.text(pair, "address-mode"));
      if (prefix != null && (all || !shared)) {
        pairs.add(prefix);
      }
    }
    pairs.sort(Comparator.naturalOrder());
    return pairs;
  }

  /** Those of all route tables of the port, each prefix once. */
  private List<InterfaceRoute> interfaceRoutes(Node port) {
    SortedMap<IpPrefix, InterfaceRoute> routes = new TreeMap<>();
    for (Node table : graph.neighbours(port, VMI + "-route-table", "interface-route-table")) {
      XmlElement list = Xml.path(graph.body(table), "interface-route-table-routes");
      for (XmlElement route : Xml.all(list, "route")) {
        IpPrefix prefix = Xml.prefix(Xml.text(route, "prefix"));
        if (prefix != null) {
          List<String> communities =
              Xml.all(route.child("community-attributes"), "community-attribute").stream()
                  .map(XmlElement::text)
                  .toList();
          routes.put(prefix, new InterfaceRoute(prefix, communities));
        }
      }
    }
    return List.copyOf(routes.values());
  }

  private @Nullable Network networkOf(Node port) {
    for (Node node : graph.neighbours(port, VMI + "-" + VN, VN)) {
      Network network = networks.of(node);
      if (network != null) {
        return network;
      }
    }
    return null;
  }

  private @Nullable Network readNetwork(Node node) {
    Network found = unrouted.of(node);
    Node hidden = found == null ? null : routers.hiddenNetwork(node);
    Network router = hidden == null ? null : unrouted.of(hidden);
    return router == null ? found : readNetwork(node, router);
  }

  private @Nullable Network readNetwork(Node node, @Nullable Network router) {
    XmlElement body = graph.body(node);
    String vrf = routingInstance(node);
    if (body == null || vrf == null) {
      return null;
    }
    XmlElement properties = body.child(VN + "-properties");
    String own = Xml.text(properties, "forwarding-mode");
    String mode = own == null ? global().forwardingMode() : own;
    int mtu = Xml.number(Xml.text(body, "mtu"), 0);
    return new Network(
        node.name(),
        vrf,
        vni(body, properties, global()),
        !"l3".equals(mode),
        !"l2".equals(mode),
        subnets(node),
        networkAcl(node),
        mtu == 0 ? Xml.number(Xml.text(properties, "mtu"), 0) : mtu,
        Xml.isTrue(Xml.text(body, "fabric-snat")),
        router,
        MacRules.of(body, system.of(SYSTEM)),
        "disable".equals(Xml.text(properties, "rpf")));
  }

  private static int vni(XmlElement body, @Nullable XmlElement properties, Global global) {
    int vni =
        global.configuredVni()
            ? Xml.number(Xml.text(properties, "vxlan-network-identifier"), 0)
            : Xml.number(Xml.text(body, VN + "-network-id"), 0);
    if (vni == 0 && !global.configuredVni()) {
      vni = Xml.number(Xml.text(properties, "network-id"), 0);
    }
    return vni < 0 || vni > Vni.MAX ? 0 : vni;
  }

  /** The network's own instance, which repeats its last name; any other has come from services. */
  private @Nullable String routingInstance(Node network) {
    List<Node> instances = graph.neighbours(network, VN + "-routing-instance", "routing-instance");
    String own = network.name() + network.name().substring(network.name().lastIndexOf(':'));
    String first = null;
    for (Node instance : instances) {
      XmlElement body = graph.body(instance);
      if (body == null) {
        continue;
      }
      if (instance.name().equals(own)) {
        return own;
      }
      if (first == null || Xml.isTrue(Xml.text(body, "routing-instance-is-default"))) {
        first = instance.name();
      }
    }
    return first;
  }

  private List<Subnet> subnets(Node network) {
    String attribute = VN + "-network-ipam";
    List<Subnet> subnets = new ArrayList<>();
    for (Node link : graph.neighbours(network, attribute, attribute)) {
      XmlElement value = Xml.path(graph.body(link), "value");
      XmlElement management = null;
      for (Node ipam : graph.neighbours(link, attribute, "network-ipam")) {
        management = Xml.path(graph.body(ipam), "network-ipam-mgmt");
      }
      for (XmlElement each : Xml.all(value, "ipam-subnets")) {
        IpPrefix prefix = Xml.subnet(each.child("subnet"));
        if (prefix != null) {
          subnets.add(subnet(prefix, each, value, management));
        }
      }
    }
    subnets.sort(Comparator.comparing(Subnet::prefix));
    return subnets;
  }

  private Subnet subnet(
      IpPrefix prefix,
      XmlElement subnet,
      @Nullable XmlElement network,
      @Nullable XmlElement management) {
    IpAddress gateway = usable(Xml.address(Xml.text(subnet, "default-gateway")));
    IpAddress service = usable(Xml.address(Xml.text(subnet, "dns-server-address")));
    List<HostRoute> routes = new ArrayList<>(Xml.routes(subnet.child("host-routes")));
    if (routes.isEmpty()) {
      routes.addAll(Xml.routes(Xml.path(network, "host-routes")));
    }
    if (routes.isEmpty()) {
      routes.addAll(Xml.routes(Xml.path(management, "host-routes")));
    }
    List<DhcpOption> options = new ArrayList<>(Xml.options(subnet.child("dhcp-option-list")));
    options.addAll(Xml.options(Xml.path(management, "dhcp-option-list")));
    Dns dns = ZoneReader.method(management);
    String domain = dns instanceof Dns.Virtual(String name) ? zones.domain(name) : null;
    if (domain != null) {
      options.add(new DhcpOption("domain-name", domain));
    }
    boolean dhcp = !"false".equals(Xml.text(subnet, "enable-dhcp"));
    return new Subnet(
        prefix,
        gateway,
        service == null ? gateway : service,
        dhcp,
        AddressMode.of(dhcp, options),
        nameServers(subnet, management, service == null ? gateway : service),
        dns,
        routes,
        options);
  }

  private static @Nullable IpAddress usable(@Nullable IpAddress address) {
    return Ipv4Address.ANY.equals(address) || Ipv6Address.ANY.equals(address) ? null : address;
  }

  private static List<IpAddress> nameServers(
      XmlElement subnet, @Nullable XmlElement management, @Nullable IpAddress service) {
    List<IpAddress> servers = new ArrayList<>();
    for (XmlElement each : subnet.children("dns-nameservers")) {
      IpAddress address = Xml.address(each.text().trim());
      if (address != null) {
        servers.add(address);
      }
    }
    String method = Xml.text(management, "ipam-dns-method");
    if (!servers.isEmpty() || "none".equals(method)) {
      return servers;
    }
    if ("tenant-dns-server".equals(method)) {
      XmlElement list = Xml.path(management, "ipam-dns-server", "tenant-dns-server-address");
      for (XmlElement each : Xml.all(list, "ip-address")) {
        IpAddress address = Xml.address(each.text().trim());
        if (address != null) {
          servers.add(address);
        }
      }
      return servers;
    }
    return service == null ? List.of() : List.of(service);
  }

  private @Nullable XmlElement networkAcl(Node network) {
    for (Node acl : graph.neighbours(network, VN + "-" + ACL, ACL)) {
      XmlElement entries = Xml.path(graph.body(acl), ACL + "-entries");
      if (entries != null) {
        return entries;
      }
    }
    return null;
  }

  private SortedMap<String, Group> groups(Node port) {
    SortedMap<String, Group> found = new TreeMap<>();
    for (Node node : graph.neighbours(port, VMI + "-security-group", "security-group")) {
      Group group = groups.of(node);
      if (group != null) {
        found.put(node.name(), group);
      }
    }
    return found;
  }

  private Group readGroup(Node node) {
    XmlElement ingress = null;
    XmlElement egress = null;
    for (Node acl : graph.neighbours(node, "security-group-" + ACL, ACL)) {
      XmlElement entries = Xml.path(graph.body(acl), ACL + "-entries");
      if (acl.name().endsWith(":ingress-" + ACL)) {
        ingress = entries;
      } else if (acl.name().endsWith(":egress-" + ACL)) {
        egress = entries;
      }
    }
    return new Group(
        Xml.number(Xml.text(graph.body(node), "security-group-id"), 0), ingress, egress);
  }
}
