package weft.neutron;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.model.NetworkAddresses;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/**
 * Gateways of routers: the router refers to the external network, and has a port there.
 *
 * <p>The port's address is taken from the end of its subnet, so that floating addresses count up
 * from the start.
 */
final class RouterGateways {
  private static final String PORT_NOTE = "gw_port_id";
  private static final String SNAT = "enable_snat";
  private static final String INFO = "external_gateway_info";

  private final Ports ports;

  RouterGateways(Ports ports) {
    this.ports = ports;
  }

  /** The gateway's port; null if there is none. */
  static @Nullable ConfigObject port(ConfigObject router, Lookup lookup) {
    if (router.body().path("virtual_network_refs").isEmpty()) {
      return null;
    }
    String id = Extras.text(Extras.of(router.body()), PORT_NOTE);
    return id == null ? null : lookup.object(Lookup.PORT, id);
  }

  static JsonNode info(ConfigObject router, @Nullable ConfigObject port, Lookup lookup) {
    List<Ref> networks = router.refs(Lookup.NETWORK);
    if (networks.isEmpty()) {
      return NullNode.instance;
    }
    ObjectNode info = Json.object();
    info.put("network_id", networks.getFirst().uuid().toString());
    info.put(SNAT, Extras.of(router.body()).path(SNAT).asBoolean(true));
    ArrayNode addresses = info.putArray("external_fixed_ips");
    if (port != null) {
      for (ConfigObject address : lookup.referrers(port.uuid(), Lookup.ADDRESS)) {
        addresses
            .addObject()
            .put("subnet_id", address.body().path("subnet_uuid").asString(""))
            .put("ip_address", address.body().path("instance_ip_address").asString(""));
      }
    }
    return info;
  }

  /** Gives a new router, or one without gateway, the gateway that is sent. */
  void set(
      UUID router,
      ConfigObject project,
      Sent sent,
      ObjectNode request,
      ObjectNode before,
      Change change) {
    Sent info = info(sent);
    ConfigObject network = Networks.usable(info.string("network_id"), change);
    if (!Networks.external(network)) {
      throw NeutronException.badRequest(
          "router", "Network " + network.uuid() + " is not an external network");
    }
    ObjectNode port = Json.object();
    port.put("device_owner", Routers.GATEWAY).put("device_id", router.toString());
    port.put("port_security_enabled", false);
    port.set("fixed_ips", addresses(info, network, change));
    UUID uuid = ports.create(new Sent("port", port), network, project, change);
    ObjectNode extras = Extras.of(before).deepCopy();
    extras.put(PORT_NOTE, uuid.toString());
    extras.remove(SNAT);
    if (!info.flag(SNAT, true)) {
      extras.put(SNAT, false);
    }
    Extras.put(request, before, extras);
    request.putArray("virtual_network_refs").add(Change.ref(network));
  }

  /** Whether a network is sent; without, the router has no gateway. */
  static boolean named(Sent sent) {
    return sent.set(INFO) && info(sent).set("network_id");
  }

  private static Sent info(Sent sent) {
    if (!(sent.get(INFO) instanceof ObjectNode info)) {
      throw NeutronException.badRequest("router", "external_gateway_info is not an object");
    }
    return new Sent("router", info);
  }

  /** Those that are asked for, else the last free one of each family. */
  private static ArrayNode addresses(Sent info, ConfigObject network, Change change) {
    ArrayNode fixed = Json.array();
    if (info.set("external_fixed_ips")) {
      for (Sent each : info.objects("external_fixed_ips")) {
        fixed.add(each.node());
      }
      if (!fixed.isEmpty()) {
        return fixed;
      }
    }
    for (boolean v4 : List.of(true, false)) {
      for (SubnetEntry subnet : SubnetEntry.of(network)) {
        if (subnet.prefix().isV4() != v4 || subnet.automatic()) {
          continue;
        }
        String address = NetworkAddresses.lastFree(network, subnet.id(), change.edit());
        if (address != null) {
          fixed.addObject().put("subnet_id", subnet.id()).put("ip_address", address);
          break;
        }
      }
    }
    if (fixed.isEmpty() && !SubnetEntry.of(network).isEmpty()) {
      throw NeutronException.of("IpAddressGenerationFailure", "net_id", network.uuid().toString());
    }
    return fixed;
  }

  /** Makes the gateway of a router what is sent: another, the same with changes, or none. */
  void change(
      ConfigObject router, ConfigObject project, Sent sent, ObjectNode request, Change change) {
    List<Ref> before = router.refs(Lookup.NETWORK);
    if (!named(sent)) {
      if (!before.isEmpty()) {
        checkFloating(router, before.getFirst().uuid(), change);
        release(router, change);
        ObjectNode extras = Extras.of(router.body()).deepCopy();
        extras.remove(List.of(PORT_NOTE, SNAT));
        Extras.put(request, router.body(), extras);
        request.putArray("virtual_network_refs");
      }
      return;
    }
    Sent info = info(sent);
    String network = info.string("network_id");
    boolean same = !before.isEmpty() && before.getFirst().uuid().toString().equals(network);
    if (!same) {
      if (!before.isEmpty()) {
        checkFloating(router, before.getFirst().uuid(), change);
        release(router, change);
      }
      set(router.uuid(), project, sent, request, router.body(), change);
      return;
    }
    if (info.has(SNAT)) {
      ObjectNode extras = Extras.of(router.body()).deepCopy();
      extras.remove(SNAT);
      if (!info.flag(SNAT, true)) {
        extras.put(SNAT, false);
      }
      Extras.put(request, router.body(), extras);
    }
    ConfigObject port = port(router, change);
    if (info.set("external_fixed_ips") && port != null) {
      ObjectNode fixed = Json.object();
      fixed.set("fixed_ips", info.get("external_fixed_ips"));
      ports.update(port.uuid().toString(), new Sent("port", fixed), change);
    }
  }

  private static void checkFloating(ConfigObject router, UUID network, Change change) {
    for (ConfigObject pool : change.children(network, Lookup.POOL)) {
      for (ConfigObject floating : change.children(pool.uuid(), Lookup.FLOATING)) {
        if (router.uuid().toString().equals(FloatingIps.router(floating, change))) {
          throw NeutronException.of(
              "RouterExternalGatewayInUseByFloatingIp",
              "router_id",
              router.uuid().toString(),
              "net_id",
              network.toString());
        }
      }
    }
  }

  /** Deletes the gateway's port. */
  void release(ConfigObject router, Change change) {
    ConfigObject port = port(router, change);
    if (port != null) {
      Ports.remove(port, change);
    }
  }
}
