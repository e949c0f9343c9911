package weft.api.model;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;

/** Instance-ips: an address out of the subnets of the network, or of an IPAM's flat subnets. */
final class InstanceIps implements Behaviour {
  private static final String ADDRESS = "instance_ip_address";
  private static final String SUBNET = "subnet_uuid";

  /** Networks whose addresses are none of our business. */
  private static final Set<FqName> UNMANAGED =
      Set.of(
          FqName.of("default-domain", "default-project", "ip-fabric"),
          FqName.of("default-domain", "default-project", "__link_local__"));

  @Override
  public void onCreate(Draft draft) {
    if (!draft.refs("virtual-router").isEmpty()) {
      takeForRouter(draft);
      return;
    }
    ConfigObject holder =
        holder(draft.refs("virtual-network"), draft.refs("network-ipam"), draft.image());
    if (holder == null) {
      throw HttpError.badRequest(
          "Bad Request, no virtual_network_refs or network_ipam_refs in POST body");
    }
    if (UNMANAGED.contains(holder.fqName())) {
      return;
    }
    String asked = draft.text(ADDRESS);
    IpAddress address = asked == null || asked.isEmpty() ? null : Subnets.parse(asked, ADDRESS);
    if (address != null && holder.type().name().equals("network-ipam")) {
      throw HttpError.badRequest(
          "allocation for requested IP from a network_ipam is not supported");
    }
    String subnet = draft.text(SUBNET);
    boolean v6 = address == null ? "v6".equals(draft.text("instance_ip_family")) : !address.isV4();
    Addresses.Given given =
        Addresses.take(
            holder,
            subnets(holder, draft.image()),
            new Addresses.Wish(address, v6, subnet == null ? List.of() : List.of(subnet)),
            draft.owner(),
            draft.edit());
    if (given.address().equals(given.subnet().gateway())) {
      checkGateway(draft);
    }
    draft.body().put(ADDRESS, given.address().toString());
    draft.body().put(SUBNET, given.subnet().uuid().toString());
  }

  private static void takeForRouter(Draft draft) {
    List<Ref> routers = draft.refs("virtual-router");
    if (!draft.refs("network-ipam").isEmpty()) {
      throw HttpError.badRequest("virtual_router_refs and ipam_refs are not allowed");
    }
    if (!draft.refs("virtual-network").isEmpty()) {
      throw HttpError.badRequest("router_refs and network_refs are not allowed");
    }
    if (routers.size() > 1) {
      throw HttpError.badRequest("Instance IP cannot refer to multiple vrouters");
    }
    if (draft.property(SUBNET) != null) {
      throw HttpError.badRequest("subnet uuid based allocation not supported with vrouter");
    }
    if (draft.property(ADDRESS) != null) {
      throw HttpError.badRequest(
          "allocation for requested IP from a network_ipam is not supported");
    }
    ConfigObject router = draft.image().object(routers.getFirst().uuid());
    if (router != null) {
      Addresses.Given given = VirtualRouters.take(router, draft.owner(), draft.edit());
      draft.body().put(ADDRESS, given.address().toString());
      draft.body().put(SUBNET, given.subnet().uuid().toString());
    }
  }

  /** The gateway's address is for ports of routers. */
  private static void checkGateway(Draft draft) {
    for (Ref ref : draft.refs("virtual-machine-interface")) {
      ConfigObject port = draft.image().object(ref.uuid());
      if (port != null && !port.refs("virtual-machine").isEmpty()) {
        throw HttpError.badRequest("Gateway IP cannot be used by VM port");
      }
    }
  }

  private static boolean isGateway(JsonNode address, ConfigObject object, ConfigImage image) {
    ConfigObject holder = holder(object, image);
    return holder != null
        && subnets(holder, image).stream()
            .anyMatch(subnet ->
                subnet.gateway() != null
                    && subnet.gateway().toString().equals(address.asString("")));
  }

  @Override
  public void onUpdate(Draft draft) {
    ConfigObject before = draft.stored();
    JsonNode old = before.property(ADDRESS);
    if (draft.requested(ADDRESS) && old != null && !same(old, draft.body().path(ADDRESS))) {
      throw HttpError.badRequest("Instance IP Address can not be changed");
    }
    if (old != null) {
      draft.body().set(ADDRESS, old);
    }
    if (old != null
        && draft.requested("virtual_machine_interface_refs")
        && isGateway(old, before, draft.image())) {
      checkGateway(draft);
    }
    if (!targets(before.refs("virtual-router")).equals(targets(draft.refs("virtual-router")))) {
      throw HttpError.badRequest("Instance IP can not be moved to another virtual router");
    }
    if (!targets(before.refs("virtual-network")).equals(targets(draft.refs("virtual-network")))) {
      throw HttpError.badRequest("Instance IP can not be moved to another virtual network");
    }
  }

  private static boolean same(JsonNode old, JsonNode now) {
    return Subnets.parse(now.asString(""), ADDRESS).toString().equals(old.asString(""));
  }

  private static Set<java.util.UUID> targets(List<Ref> refs) {
    return refs.stream().map(Ref::uuid).collect(Collectors.toSet());
  }

  @Override
  public void onDelete(ConfigObject object, Edit edit) {
    JsonNode address = object.property(ADDRESS);
    ConfigObject holder = holder(object, edit.image());
    if (address != null && holder != null) {
      Addresses.release(
          subnets(holder, edit.image()), address.asString(""), object.uuid().toString(), edit);
    }
  }

  @Override
  public void bears(ConfigObject object, ConfigImage image, Audit.Bearing bearing) {
    JsonNode address = object.property(ADDRESS);
    ConfigObject holder = holder(object, image);
    if (address != null && holder != null && !UNMANAGED.contains(holder.fqName())) {
      Addresses.bears(subnets(holder, image), address.asString(""), bearing);
    }
  }

  private static @Nullable ConfigObject holder(ConfigObject object, ConfigImage image) {
    List<Ref> routers = object.refs("virtual-router");
    return routers.isEmpty()
        ? holder(object.refs("virtual-network"), object.refs("network-ipam"), image)
        : image.object(routers.getFirst().uuid());
  }

  private static @Nullable ConfigObject holder(
      List<Ref> networks, List<Ref> ipams, ConfigImage image) {
    List<Ref> refs = networks.isEmpty() ? ipams : networks;
    return refs.isEmpty() ? null : image.object(refs.getFirst().uuid());
  }

  private static List<Subnet> subnets(ConfigObject holder, ConfigImage image) {
    return switch (holder.type().name()) {
      case "network-ipam" -> Addresses.flatSubnets(holder);
      case "virtual-router" -> VirtualRouters.subnets(holder, image);
      default -> Addresses.subnets(holder, image);
    };
  }
}
