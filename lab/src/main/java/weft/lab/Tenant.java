package weft.lab;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * One project with a network, a security group and guests, made through the public REST API only.
 */
public final class Tenant {
  private static final String SYSTEM = "default-global-system-config";

  private final ApiClient api;
  private final String project;
  private final Network network;
  private final String securityGroup;
  private final Map<String, Port> ports = new LinkedHashMap<>();

  /** A guest and the objects it stands on. */
  public record Port(
      String interfaceId,
      String machineId,
      String addressId,
      String address,
      Guest guest,
      ComputeHost host) {}

  /** A virtual machine that is on. */
  public record Running(String machineId, String address, VirtualMachine machine) {}

  /**
   * A virtual network.
   *
   * @param name its fq_name
   * @param subnet such as `10.1.1.0/24`
   * @param ownAddresses whether IPv6 guests make their addresses themselves
   */
  public record Network(String id, String name, String subnet, boolean ownAddresses) {
    /** The VRF of the network: its default routing instance. */
    public String vrf() {
      return name + name.substring(name.lastIndexOf(':'));
    }
  }

  private Tenant(ApiClient api, String project, Network network, String securityGroup) {
    this.api = api;
    this.project = project;
    this.network = network;
    this.securityGroup = securityGroup;
  }

  /** Tells the API of the compute hosts, as a deployment does once. */
  public static void registerHosts(ApiClient api, List<ComputeHost> hosts) {
    for (ComputeHost host : hosts) {
      api.create(
          "virtual-router",
          "global-system-config",
          SYSTEM + ":" + host.name(),
          Map.of("virtual_router_ip_address", ApiClient.json("'" + host.address() + "'")));
    }
  }

  /**
   * Makes project, network and security group.
   *
   * @param name of the project; network and group are called after it
   * @param subnet such as `10.1.1.0/24`
   */
  public static Tenant create(ApiClient api, String name, String subnet) {
    String project = "default-domain:" + name;
    api.create("project", "domain", project, Map.of());
    Network network = createNetwork(api, project + ":net-" + name, subnet, false);
    String group =
        api.create(
            "security-group",
            "project",
            project + ":sg-" + name,
            Map.of("security_group_entries", groupEntries(true)));
    return new Tenant(api, project, network, group);
  }

  private static Network createNetwork(
      ApiClient api, String name, String subnet, boolean ownAddresses) {
    String[] prefix = subnet.split("/");
    String mode =
        ownAddresses
            ? ",'dhcp_option_list':{'dhcp_option':["
                + "{'dhcp_option_name':'ipv6-ra-mode','dhcp_option_value':'slaac'}]}"
            : "";
    JsonNode ipam =
        ApiClient.json(
            """
            [{'to':['default-domain','default-project','default-network-ipam'],'attr':{'ipam_subnets':[{
              'subnet':{'ip_prefix':'%s','ip_prefix_len':%s},'addr_from_start':true,'enable_dhcp':true%s}]}}]
            """
                .formatted(prefix[0], prefix[1], mode));
    String id = api.create("virtual-network", "project", name, Map.of("network_ipam_refs", ipam));
    return new Network(id, name, subnet, ownAddresses);
  }

  /** Makes a further network in the project. */
  public Network addNetwork(String name, String subnet) {
    return createNetwork(api, project + ":" + name, subnet, false);
  }

  /** One of IPv6 whose guests make their addresses themselves. */
  public Network addNetworkOfOwnAddresses(String name, String subnet) {
    return createNetwork(api, project + ":" + name, subnet, true);
  }

  /** Lets everything pass between two networks, by a policy attached to both. */
  public void join(Network left, Network right) {
    JsonNode entries =
        ApiClient.json(
            """
            {'policy_rule':[{'rule_uuid':'%s','direction':'<>','protocol':'any',
              'src_addresses':[{'virtual_network':'%s'}],'src_ports':[{'start_port':-1,'end_port':-1}],
              'dst_addresses':[{'virtual_network':'%s'}],'dst_ports':[{'start_port':-1,'end_port':-1}],
              'action_list':{'simple_action':'pass'}}]}
            """
                .formatted(UUID.randomUUID(), left.name(), right.name()));
    String policy =
        api.create(
            "network-policy",
            "project",
            project + ":join",
            Map.of("network_policy_entries", entries));
    JsonNode reference =
        ApiClient.json("[{'uuid':'" + policy + "','attr':{'sequence':{'major':0,'minor':0}}}]");
    for (Network network : List.of(left, right)) {
      api.update("virtual-network", network.id(), Map.of("network_policy_refs", reference));
    }
  }

  /** All that leaves, TCP and UDP from anywhere, and ICMP if `icmp`. */
  private static JsonNode groupEntries(boolean icmp) {
    List<String> rules = new ArrayList<>();
    rules.add(rule("any", "{'security_group':'local'}", ANYWHERE));
    rules.add(rule("tcp", ANYWHERE, "{'security_group':'local'}"));
    rules.add(rule("udp", ANYWHERE, "{'security_group':'local'}"));
    if (icmp) {
      rules.add(rule("icmp", ANYWHERE, "{'security_group':'local'}"));
    }
    for (String inward : List.of("'src','dst'", "'dst','src'")) {
      String[] sides = inward.replace("'", "").split(",");
      rules.add(
          """
          {'rule_uuid':'%s','direction':'>','ethertype':'IPv6','protocol':'any',
           '%s_addresses':[{'subnet':{'ip_prefix':'::','ip_prefix_len':0}}],
           '%s_addresses':[{'security_group':'local'}],
           'src_ports':[{'start_port':0,'end_port':65535}],
           'dst_ports':[{'start_port':0,'end_port':65535}]}
          """
              .formatted(UUID.randomUUID(), sides[0], sides[1]));
    }
    return ApiClient.json("{'policy_rule':[" + String.join(",", rules) + "]}");
  }

  private static final String ANYWHERE = "{'subnet':{'ip_prefix':'0.0.0.0','ip_prefix_len':0}}";

  private static String rule(String protocol, String source, String destination) {
    String ports = "[{'start_port':0,'end_port':65535}]";
    return """
    {'rule_uuid':'%s','direction':'>','ethertype':'IPv4','protocol':'%s','src_addresses':[%s],'src_ports':%s,\
    'dst_addresses':[%s],'dst_ports':%s}\
    """
        .formatted(UUID.randomUUID(), protocol, source, ports, destination, ports);
  }

  /**
   * Makes a health check that asks each second and waits two.
   *
   * @param monitor such as `HTTP`
   * @param target a URL for TCP and HTTP, an address for the others
   * @return its UUID
   */
  public String addHealthCheck(String monitor, String target) {
    return api.create(
        "service-health-check",
        "project",
        project + ":check-" + monitor,
        Map.of(
            "service_health_check_properties",
            ApiClient.json(
                """
                {'enabled':true,'health_check_type':'link-local','monitor_type':'%s','delay':1,'delayUsecs':0,
                 'timeout':2,'timeoutUsecs':0,'max_retries':3,'url_path':'%s'}
                """
                    .formatted(monitor, target))));
  }

  /** Makes these the health checks of a port. */
  public void check(Port port, List<String> healthChecks) {
    String list =
        healthChecks.stream()
            .map(check -> "{'uuid':'" + check + "'}")
            .collect(Collectors.joining(",", "[", "]"));
    api.update(
        "virtual-machine-interface",
        port.interfaceId(),
        Map.of("service_health_check_refs", ApiClient.json(list)));
  }

  /** With or without the rule that lets ICMP in. */
  public void allowIcmp(boolean allowed) {
    api.update(
        "security-group", securityGroup, Map.of("security_group_entries", groupEntries(allowed)));
  }

  /**
   * Creates machine, interface and address in the project's first network, and plugs the guest on
   * `host`.
   */
  public Port addGuest(String name, ComputeHost host) {
    return addGuest(name, network, host);
  }

  /** Likewise in another of its networks. */
  public Port addGuest(String name, Network network, ComputeHost host) {
    Objects made = objects(name, network);
    Guest guest =
        host.plug(
            name,
            UUID.fromString(made.port()),
            UUID.fromString(made.machine()),
            UUID.fromString(network.id()),
            made.mac());
    Port port =
        new Port(made.port(), made.machine(), made.addressId(), made.address(), guest, host);
    ports.put(name, port);
    return port;
  }

  /** A virtual machine in the first network, switched on. */
  public Running addMachine(String name, ComputeHost host) {
    Objects made = objects(name, network);
    VirtualMachine machine =
        host.plugMachine(
            name,
            UUID.fromString(made.port()),
            UUID.fromString(made.machine()),
            UUID.fromString(network.id()),
            made.mac());
    return new Running(made.machine(), made.address(), machine);
  }

  /** A port of `network` that is a VLAN of a guest's port; returns its id. */
  public String addSubInterface(String name, Network network, Port parent, int vlan) {
    String port =
        createInterface(
            name,
            network,
            Map.of(
                "virtual_machine_interface_refs", reference(parent.interfaceId()),
                "virtual_machine_interface_properties",
                    ApiClient.json("{'sub_interface_vlan_tag':" + vlan + "}")));
    api.create(
        "instance-ip",
        "",
        "ip-" + port,
        Map.of(
            "virtual_network_refs", reference(network.id()),
            "virtual_machine_interface_refs", reference(port)));
    return port;
  }

  private String createInterface(String name, Network network, Map<String, JsonNode> more) {
    Map<String, JsonNode> fields = new LinkedHashMap<>(more);
    fields.put("virtual_network_refs", reference(network.id()));
    fields.put("security_group_refs", reference(securityGroup));
    return api.create("virtual-machine-interface", "project", project + ":port-" + name, fields);
  }

  /** What the API has of a port: interface, machine and address. */
  public record Objects(
      String port, String machine, String addressId, String address, String mac) {}

  /** Makes the objects of a port in the first network, which is plugged nowhere yet. */
  public Objects objects(String name) {
    return objects(name, network);
  }

  private Objects objects(String name, Network network) {
    String machine = UUID.randomUUID().toString();
    api.create(
        "virtual-machine", "", machine, Map.of("uuid", text(machine), "display_name", text(name)));
    String port =
        createInterface(name, network, Map.of("virtual_machine_refs", reference(machine)));
    String mac =
        api.read("virtual-machine-interface", port)
            .path("virtual_machine_interface_mac_addresses")
            .path("mac_address")
            .path(0)
            .asString();
    Map<String, JsonNode> fields = new LinkedHashMap<>();
    fields.put("virtual_network_refs", reference(network.id()));
    fields.put("virtual_machine_interface_refs", reference(port));
    if (network.subnet().contains(":")) {
      fields.put("instance_ip_family", text("v6"));
    }
    if (network.ownAddresses()) {
      fields.put("instance_ip_address", text(ownAddress(network.subnet(), mac)));
    }
    String addressId = api.create("instance-ip", "", "ip-" + port, fields);
    String address = api.read("instance-ip", addressId).path("instance_ip_address").asString();
    return new Objects(port, machine, addressId, address, mac);
  }

  /** Unplugs the guest and deletes its objects. */
  public void removeGuest(String name) {
    Port port = port(name);
    ports.remove(name);
    port.host().unplug(port.guest(), UUID.fromString(port.interfaceId()));
    api.delete("instance-ip", port.addressId());
    api.delete("virtual-machine-interface", port.interfaceId());
    api.delete("virtual-machine", port.machineId());
  }

  /** The address that a guest with this MAC makes in a subnet (RFC 4291, appendix A). */
  private static String ownAddress(String subnet, String mac) {
    String[] m = mac.split(":");
    String first = Integer.toHexString(Integer.parseInt(m[0], 16) ^ 2);
    return "%s%s%s:%sff:fe%s:%s%s"
        .formatted(subnet.split("::")[0] + "::", first, m[1], m[2], m[3], m[4], m[5]);
  }

  private static JsonNode text(String value) {
    return ApiClient.json("'" + value + "'");
  }

  private static JsonNode reference(String uuid) {
    return ApiClient.json("[{'uuid':'" + uuid + "'}]");
  }

  public Port port(String name) {
    Port port = ports.get(name);
    if (port == null) {
      throw new LabException("no guest " + name);
    }
    return port;
  }

  public Guest guest(String name) {
    return port(name).guest();
  }

  public String address(String name) {
    return port(name).address();
  }

  /** The first network. */
  public Network network() {
    return network;
  }

  /** Every guest asks for its address by DHCP. */
  public void configureGuests(Duration limit) {
    ports.values().forEach(port -> port.guest().dhcp(limit));
  }

  /** Sets the order of encapsulations for the whole cloud, such as `VXLAN`, `MPLSoUDP`. */
  public static void encapsulations(ApiClient api, List<String> order) {
    String id = api.idOf("global-vrouter-config", SYSTEM + ":default-global-vrouter-config");
    String words = String.join(",", order.stream().map(word -> "'" + word + "'").toList());
    api.update(
        "global-vrouter-config",
        id,
        Map.of("encapsulation_priorities", ApiClient.json("{'encapsulation':[" + words + "]}")));
  }
}
