package weft.neutron;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpAddress;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/** Interfaces of routers: ports with the address of a subnet's gateway. */
final class RouterInterfaces {
  private static final String ROUTER = "router";

  private final Subnets subnets;
  private final Ports ports;

  RouterInterfaces(Subnets subnets, Ports ports) {
    this.subnets = subnets;
    this.ports = ports;
  }

  JsonNode add(ConfigObject router, Sent sent, Change change) {
    String subnet = sent.string("subnet_id");
    String port = sent.string("port_id");
    if (subnet.isEmpty() == port.isEmpty()) {
      throw NeutronException.badRequest(
          ROUTER,
          subnet.isEmpty()
              ? "Either subnet_id or port_id must be specified"
              : "Cannot specify both subnet-id and port-id");
    }
    for (String id : List.of(subnet, port)) {
      if (!id.isEmpty() && Ids.parse(id) == null) {
        throw NeutronException.badRequest(ROUTER, "'" + id + "' is not a valid UUID");
      }
    }
    return port.isEmpty()
        ? addSubnet(router, subnets.usable(subnet, change), change)
        : addPort(router, Ports.usable(port, change), change);
  }

  private ObjectNode addSubnet(ConfigObject router, SubnetEntry subnet, Change change) {
    check(router, List.of(subnet), change);
    IpAddress gateway = subnet.gateway();
    if (gateway == null) {
      throw NeutronException.badRequest(
          ROUTER, "Subnet for router interface must have a gateway IP");
    }
    ConfigObject project = change.project(Networks.projectOf(router));
    ObjectNode port = Json.object();
    port.put("device_owner", Routers.INTERFACE);
    port.put("port_security_enabled", false);
    port.putArray("fixed_ips")
        .addObject()
        .put("subnet_id", subnet.id())
        .put("ip_address", gateway.toString());
    UUID uuid = ports.create(new Sent("port", port), subnet.network(), project, change);
    attach(router, uuid, change);
    return answer(router, uuid, subnet.network().uuid().toString(), List.of(subnet.id()));
  }

  private ObjectNode addPort(ConfigObject router, ConfigObject port, Change change) {
    String device = Routers.serves(port) ? Routers.of(port, change) : Devices.id(port.body());
    if (!device.isEmpty()) {
      throw NeutronException.of(
          "PortInUse",
          "net_id",
          Ports.network(port),
          "port_id",
          port.uuid().toString(),
          "device_id",
          device);
    }
    Trunks.checkUnused(port, change);
    List<String> ids = List.copyOf(Routers.subnets(port, change));
    if (ids.isEmpty()) {
      throw NeutronException.badRequest(ROUTER, "Router port must have at least one fixed IP");
    }
    List<SubnetEntry> entries = ids.stream().map(id -> subnets.usable(id, change)).toList();
    if (entries.stream().filter(entry -> entry.prefix().isV4()).count() > 1) {
      throw NeutronException.badRequest(ROUTER, "Cannot have multiple IPv4 subnets on router port");
    }
    check(router, entries, change);
    ObjectNode request = Json.object().put(Ports.OWNER, Routers.INTERFACE);
    request.put("port_security_enabled", false);
    request.putArray("security_group_refs");
    if (port.body().hasNonNull(PortOptions.PAIRS)) {
      request.putNull(PortOptions.PAIRS);
    }
    change.update(port, request);
    attach(router, port.uuid(), change);
    return answer(router, port.uuid(), Ports.network(port), ids);
  }

  private static void attach(ConfigObject router, UUID port, Change change) {
    ArrayNode refs = Routers.interfaceRefs(router);
    refs.addObject().put("uuid", port.toString());
    ObjectNode request = Json.object();
    request.set("virtual_machine_interface_refs", refs);
    change.update(router, request);
  }

  /** The subnets are not attached yet, and overlap with none that is. */
  private void check(ConfigObject router, List<SubnetEntry> wanted, Change change) {
    for (Ref gateway : router.refs(Lookup.NETWORK)) {
      for (SubnetEntry subnet : wanted) {
        if (subnet.network().uuid().equals(gateway.uuid())) {
          throw NeutronException.badRequest(
              ROUTER,
              "Subnet " + subnet.id() + " is on the external network of the router's gateway");
        }
      }
    }
    for (ConfigObject port : Routers.interfaces(router, change)) {
      ConfigObject network = change.object(Lookup.NETWORK, Ports.network(port));
      if (network == null) {
        continue;
      }
      Set<String> attached = Routers.subnets(port, change);
      for (SubnetEntry there : SubnetEntry.of(network)) {
        if (attached.contains(there.id())) {
          wanted.forEach(subnet -> check(router, subnet, there));
        }
      }
    }
  }

  private static void check(ConfigObject router, SubnetEntry wanted, SubnetEntry there) {
    if (wanted.id().equals(there.id())) {
      throw NeutronException.badRequest(
          ROUTER, "Router " + router.uuid() + " already has a port on subnet " + wanted.id());
    }
    if (wanted.prefix().overlaps(there.prefix())) {
      throw NeutronException.badRequest(
          ROUTER,
          "Cidr "
              + wanted.prefix()
              + " of subnet "
              + wanted.id()
              + " overlaps with cidr "
              + there.prefix()
              + " of subnet "
              + there.id());
    }
  }

  private static ObjectNode answer(
      ConfigObject router, UUID port, String network, List<String> subnets) {
    ObjectNode answer = Json.object();
    answer.put("id", router.uuid().toString());
    answer.put("tenant_id", Ids.undashed(Networks.projectOf(router)));
    answer.put("port_id", port.toString());
    answer.put("subnet_id", subnets.getFirst());
    answer.put("network_id", network);
    subnets.forEach(answer.putArray("subnet_ids")::add);
    return answer;
  }

  JsonNode remove(ConfigObject router, Sent sent, Change change) {
    String subnet = sent.string("subnet_id");
    String id = sent.string("port_id");
    if (subnet.isEmpty() && id.isEmpty()) {
      throw NeutronException.badRequest(ROUTER, "Either subnet_id or port_id must be specified");
    }
    for (ConfigObject port : Routers.interfaces(router, change)) {
      Set<String> attached = Routers.subnets(port, change);
      boolean named = id.isEmpty() || port.uuid().toString().equals(id);
      boolean there = subnet.isEmpty() || attached.contains(subnet);
      if (named && there) {
        return detach(router, port, List.copyOf(attached), change);
      }
      if (named && !id.isEmpty()) {
        throw NeutronException.of("SubnetMismatchForPort", "port_id", id, "subnet_id", subnet);
      }
    }
    throw id.isEmpty()
        ? NeutronException.of(
            "RouterInterfaceNotFoundForSubnet",
            "router_id",
            router.uuid().toString(),
            "subnet_id",
            subnet)
        : NeutronException.of(
            "RouterInterfaceNotFound", "router_id", router.uuid().toString(), "port_id", id);
  }

  private ObjectNode detach(
      ConfigObject router, ConfigObject port, List<String> attached, Change change) {
    for (String subnet : attached) {
      checkUnused(router, port, subnet, change);
    }
    ArrayNode refs = Json.array();
    for (Ref ref : router.refs(Lookup.PORT)) {
      if (!ref.uuid().equals(port.uuid())) {
        refs.addObject().put("uuid", ref.uuid().toString());
      }
    }
    ObjectNode request = Json.object();
    request.set("virtual_machine_interface_refs", refs);
    change.update(router, request);
    Ports.remove(port, change);
    return answer(
        router, port.uuid(), Ports.network(port), attached.isEmpty() ? List.of("") : attached);
  }

  /** No floating address leads through the interface, and no route of the router. */
  private void checkUnused(ConfigObject router, ConfigObject port, String subnet, Change change) {
    UUID network = Ids.parse(Ports.network(port));
    if (network == null) {
      return;
    }
    for (ConfigObject other : change.referrers(network, Lookup.PORT)) {
      for (ConfigObject floating : change.referrers(other.uuid(), Lookup.FLOATING)) {
        String fixed = floating.body().path("floating_ip_fixed_ip_address").asString("");
        boolean through = FloatingIps.subnet(other, fixed, change).equals(subnet);
        if (through && router.uuid().toString().equals(FloatingIps.router(floating, change))) {
          throw NeutronException.of(
              "RouterInterfaceInUseByFloatingIP",
              "router_id",
              router.uuid().toString(),
              "subnet_id",
              subnet);
        }
      }
    }
    SubnetEntry entry = subnets.usable(subnet, change);
    for (JsonNode route : RouterRoutes.shown(router, change)) {
      if (entry.prefix().contains(IpAddress.parse(route.path("nexthop").asString("::")))) {
        throw NeutronException.of(
            "RouterInterfaceInUseByRoute",
            "router_id",
            router.uuid().toString(),
            "subnet_id",
            subnet);
      }
    }
  }
}
