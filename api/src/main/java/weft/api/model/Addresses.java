package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.schema.ConfigObject;
import weft.schema.PythonText;
import weft.schema.Ref;

/** Gives out the addresses of a network's subnets. */
final class Addresses {
  private Addresses() {}

  /**
   * What is asked for.
   *
   * @param subnets the uuids of the only subnets wanted; empty for all
   */
  record Wish(@Nullable IpAddress address, boolean v6, List<String> subnets) {
    boolean accepts(Subnet subnet) {
      boolean family = subnet.prefix().isV4() != v6;
      return family && (subnets.isEmpty() || subnets.contains(subnet.uuid().toString()));
    }
  }

  /** An address given. */
  record Given(IpAddress address, Subnet subnet) {}

  /**
   * Takes an address for `owner`.
   *
   * <p>A subnet's own gateway or DNS address is given to whoever asks for it by name, and not
   * recorded: interfaces of routers bear it.
   */
  static Given take(
      ConfigObject network, List<Subnet> subnets, Wish wish, String owner, Edit edit) {
    List<Subnet> candidates = subnets.stream().filter(wish::accepts).toList();
    edit.rely(network);
    candidates.stream()
        .map(subnet -> edit.image().object(subnet.holder()))
        .filter(Objects::nonNull)
        .forEach(edit::rely);
    IpAddress wanted = wish.address();
    if (wanted != null) {
      for (Subnet subnet : candidates) {
        if (subnet.prefix().contains(wanted)) {
          return named(network, subnet, wanted, owner, edit);
        }
      }
      throw exhausted(network, List.of());
    }
    List<String> tried = new ArrayList<>();
    for (Subnet subnet : candidates) {
      IpAddress next =
          subnet.next(edit.image(), address -> edit.allocate(subnet.key(address), owner));
      if (next != null) {
        return new Given(next, subnet);
      }
      tried.add(subnet.prefix().toString());
    }
    throw exhausted(network, tried);
  }

  private static Given named(
      ConfigObject network, Subnet subnet, IpAddress wanted, String owner, Edit edit) {
    if (!subnet.reserved(wanted)) {
      if (!Subnet.hosts(subnet.prefix()).contains(wanted)) {
        throw HttpError.badRequest(
            "IP address " + wanted + " is not a host address of subnet " + subnet.prefix());
      }
      if (!subnet.block(wanted).equals(wanted)) {
        throw HttpError.badRequest(
            PythonText.of(network.fqName())
                + " has invalid alloc_unit("
                + subnet.unit()
                + ") in subnet("
                + subnet.prefix()
                + ") reason: IP address "
                + wanted
                + " not aligned");
      }
      if (!edit.allocate(subnet.key(wanted), owner)) {
        throw HttpError.conflict("IP address already in use");
      }
    }
    return new Given(wanted, subnet);
  }

  static HttpError exhausted(ConfigObject network, List<String> tried) {
    return HttpError.badRequest(
        "Virtual-Network("
            + PythonText.of(network.fqName())
            + ") has exhausted subnet("
            + PythonText.of(tried)
            + ")");
  }

  /** Gives back what `owner` holds of an address, in whichever subnet of the network. */
  static void release(List<Subnet> subnets, String address, String owner, Edit edit) {
    IpAddress parsed = address.isEmpty() ? null : Subnets.parse(address, "address");
    for (Subnet subnet : subnets) {
      if (parsed != null && owner.equals(edit.image().owner(subnet.key(parsed)))) {
        edit.free(subnet.key(parsed));
      }
    }
  }

  /** What the bearer of an address holds: the address in one of the subnets that have it. */
  static void bears(List<Subnet> subnets, String address, Audit.Bearing bearing) {
    IpAddress parsed = Subnets.parse(address, "address");
    List<AllocationKey> keys = new ArrayList<>();
    boolean reserved = false;
    for (Subnet subnet : subnets) {
      if (subnet.prefix().contains(parsed)) {
        keys.add(subnet.key(parsed));
        reserved |= subnet.reserved(parsed);
      }
    }
    if (reserved) {
      bearing.anyOf(keys);
    } else {
      bearing.oneOf(keys);
    }
  }

  /** The subnets of a network, in the order in which addresses are taken from them. */
  static List<Subnet> subnets(ConfigObject network, ConfigImage image) {
    List<Subnet> own = new ArrayList<>();
    List<Subnet> flat = new ArrayList<>();
    for (Ref ref : network.refs("network-ipam")) {
      JsonNode attr = ref.attr();
      if (attr != null) {
        own.addAll(Subnets.read(network.uuid(), attr.path("ipam_subnets")));
      }
      ConfigObject ipam = image.object(ref.uuid());
      if (ipam != null) {
        flat.addAll(flatSubnets(ipam));
      }
    }
    JsonNode mode = network.property("address_allocation_mode");
    List<Subnet> ordered = new ArrayList<>();
    switch (mode == null ? "" : mode.asString("")) {
      case "user-defined-subnet-only" -> ordered.addAll(own);
      case "flat-subnet-only" -> ordered.addAll(flat);
      case "flat-subnet-preferred" -> {
        ordered.addAll(flat);
        ordered.addAll(own);
      }
      default -> {
        ordered.addAll(own);
        ordered.addAll(flat);
      }
    }
    return ordered;
  }

  /** The subnets that stand on an IPAM itself. */
  static List<Subnet> flatSubnets(ConfigObject ipam) {
    return flatSubnets(ipam.uuid(), ipam.property("ipam_subnets"));
  }

  static List<Subnet> flatSubnets(UUID ipam, @Nullable JsonNode ipamSubnets) {
    return ipamSubnets == null ? List.of() : Subnets.read(ipam, ipamSubnets.path("subnets"));
  }
}
