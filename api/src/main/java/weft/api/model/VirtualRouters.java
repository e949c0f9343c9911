package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/** vRouters: the pools of addresses of flat subnets that are set apart for one of them. */
final class VirtualRouters implements Behaviour {
  private static final String IPAMS = "network_ipam_refs";
  private static final String POOLS = "allocation_pools";
  private static final List<Subnet.Range> NONE = List.of();

  @Override
  public void onCreate(Draft draft) {
    check(draft);
  }

  @Override
  public void onUpdate(Draft draft) {
    if (draft.requested(IPAMS)) {
      check(draft);
      checkUsed(draft);
    }
  }

  private static void check(Draft draft) {
    for (Ref ref : draft.refs("network-ipam")) {
      ConfigObject ipam = draft.image().object(ref.uuid());
      if (ipam == null) {
        continue;
      }
      if (!NetworkIpams.isFlat(ipam)) {
        throw HttpError.badRequest("Only flat-subnet ipam can be attached to vrouter");
      }
      List<Subnet.Range> pools = ranges(ref);
      if (pools.isEmpty()) {
        throw HttpError.badRequest("No allocation-pools for this vrouter");
      }
      List<Subnet.Range> offered = offered(ipam);
      for (Subnet.Range pool : pools) {
        if (!offered.contains(pool)) {
          throw HttpError.badRequest(text(pool) + " not in ipam");
        }
      }
      checkOthers(draft, ipam, pools);
    }
  }

  private static void checkOthers(Draft draft, ConfigObject ipam, List<Subnet.Range> pools) {
    for (ConfigObject other : draft.image().referrers(ipam.uuid(), "virtual-router")) {
      if (other.uuid().equals(draft.uuid())) {
        continue;
      }
      for (Ref ref : other.refs("network-ipam")) {
        for (Subnet.Range pool : ref.uuid().equals(ipam.uuid()) ? ranges(ref) : NONE) {
          if (pools.contains(pool)) {
            throw HttpError.badRequest(text(pool) + " is used in other vrouter:" + other.uuid());
          }
        }
      }
    }
    draft.edit().demandUndisturbed(ipam);
  }

  /** Refuses to give up pools of which an address is in use. */
  private static void checkUsed(Draft draft) {
    List<Subnet.Range> kept = new ArrayList<>();
    draft.refs("network-ipam").forEach(ref -> kept.addAll(ranges(ref)));
    for (ConfigObject ip : draft.image().referrers(draft.uuid(), "instance-ip")) {
      JsonNode address = ip.property("instance_ip_address");
      IpAddress parsed =
          address == null ? null : Subnets.parse(address.asString(""), "instance_ip_address");
      if (parsed != null && kept.stream().noneMatch(pool -> pool.contains(parsed))) {
        throw HttpError.badRequest("Cannot Delete allocation pool, " + parsed + " in use");
      }
    }
    draft.edit().demandUndisturbed(draft.stored());
  }

  private static List<Subnet.Range> ranges(Ref ref) {
    JsonNode attr = ref.attr();
    List<Subnet.Range> ranges = new ArrayList<>();
    if (attr != null) {
      for (JsonNode pool : attr.path(POOLS)) {
        IpAddress first = Subnets.parse(pool.path("start").asString(""), POOLS);
        ranges.add(new Subnet.Range(first, Subnets.parse(pool.path("end").asString(""), POOLS)));
      }
    }
    return ranges;
  }

  private static List<Subnet.Range> offered(ConfigObject ipam) {
    List<Subnet.Range> offered = new ArrayList<>();
    for (JsonNode subnet : ipam.body().path("ipam_subnets").path("subnets")) {
      for (JsonNode pool : subnet.path(POOLS)) {
        if (pool.path("vrouter_specific_pool").asBoolean(false)) {
          offered.add(Subnet.Range.of(pool));
        }
      }
    }
    return offered;
  }

  private static String text(Subnet.Range pool) {
    return "vrouter allocation-pool start:" + pool.first() + ", end:" + pool.last();
  }

  /** Takes an address out of a vRouter's pools. */
  static Addresses.Given take(ConfigObject router, String owner, Edit edit) {
    edit.rely(router);
    List<String> tried = new ArrayList<>();
    for (Ref ref : router.refs("network-ipam")) {
      ConfigObject ipam = edit.image().object(ref.uuid());
      if (ipam == null) {
        continue;
      }
      edit.rely(ipam);
      for (Subnet subnet : Addresses.flatSubnets(ipam)) {
        List<Subnet.Range> pools =
            ranges(ref).stream().filter(pool -> subnet.prefix().contains(pool.first())).toList();
        @Nullable IpAddress next =
            subnet.next(edit.image(), pools, address -> edit.allocate(subnet.key(address), owner));
        if (next != null) {
          return new Addresses.Given(next, subnet);
        }
        tried.add(subnet.prefix().toString());
      }
    }
    throw Addresses.exhausted(router, tried);
  }

  /** The subnets of which a vRouter has pools. */
  static List<Subnet> subnets(ConfigObject router, ConfigImage image) {
    List<Subnet> subnets = new ArrayList<>();
    for (Ref ref : router.refs("network-ipam")) {
      ConfigObject ipam = image.object(ref.uuid());
      if (ipam != null) {
        subnets.addAll(Addresses.flatSubnets(ipam));
      }
    }
    return subnets;
  }
}
