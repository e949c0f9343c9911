package weft.api.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * A stored subnet, and the order in which it gives out addresses.
 *
 * @param holder the object whose addresses these are: a network, or an IPAM with flat subnets
 * @param gateway null if there is none; it may lie outside
 * @param dns the address of the DNS service; it may lie outside
 * @param fromStart whether addresses are given out upwards; else downwards
 * @param unit how many addresses are given out together, by the name of the first: a power of two
 * @param pools the ranges to give out from; null for all but the ends of the prefix
 */
record Subnet(
    UUID holder,
    UUID uuid,
    IpPrefix prefix,
    @Nullable IpAddress gateway,
    @Nullable IpAddress dns,
    boolean fromStart,
    int unit,
    @Nullable List<Range> pools) {

  /** Addresses from `first` to `last`, both included. */
  record Range(IpAddress first, IpAddress last) {
    static Range of(JsonNode pool) {
      return new Range(
          IpAddress.parse(pool.path("start").asString()),
          IpAddress.parse(pool.path("end").asString()));
    }

    boolean contains(IpAddress address) {
      return first.compareTo(address) <= 0 && address.compareTo(last) <= 0;
    }
  }

  /** Reads one of the stored `ipam_subnets`; it was completed by {@link Subnets}. */
  static Subnet of(UUID holder, JsonNode node) {
    JsonNode prefix = node.path("subnet");
    List<Range> pools = new ArrayList<>();
    node.path("allocation_pools")
        .forEach(pool -> {
          // What is set apart for single hosts is given out for them alone, see VirtualRouters.
          if (!pool.path("vrouter_specific_pool").asBoolean(false)) {
            pools.add(Range.of(pool));
          }
        });
    pools.sort(Comparator.comparing(Range::first));
    return new Subnet(
        holder,
        UUID.fromString(node.path("subnet_uuid").asString()),
        new IpPrefix(
            IpAddress.parse(prefix.path("ip_prefix").asString()),
            prefix.path("ip_prefix_len").asInt()),
        optional(node.path("default_gateway")),
        optional(node.path("dns_server_address")),
        node.path("addr_from_start").asBoolean(false),
        Math.max(1, node.path("alloc_unit").asInt(1)),
        node.path("allocation_pools").isEmpty() ? null : List.copyOf(pools));
  }

  private static @Nullable IpAddress optional(JsonNode text) {
    return text.isString() && !text.stringValue().isEmpty()
        ? IpAddress.parse(text.stringValue())
        : null;
  }

  /** The same with addresses given out from its other end. */
  Subnet reversed() {
    return new Subnet(holder, uuid, prefix, gateway, dns, !fromStart, unit, pools);
  }

  /** The name of the pool of addresses that have an owner. */
  String pool() {
    return pool(holder, uuid);
  }

  static String pool(UUID holder, UUID subnet) {
    return "ip/" + holder + "/" + subnet;
  }

  AllocationKey key(IpAddress address) {
    return new AllocationKey(pool(), address.toString());
  }

  /** True for the addresses that are the subnet's own and never given out. */
  boolean reserved(IpAddress address) {
    return address.equals(gateway) || address.equals(dns);
  }

  /** The addresses that hosts may have: all but first and last, where there are more than two. */
  static Range hosts(IpPrefix prefix) {
    IpAddress first = prefix.address();
    IpAddress last = last(prefix);
    boolean small = prefix.length() >= first.width() - 1;
    return small ? new Range(first, last) : new Range(first.plus(1), last.plus(-1));
  }

  /** The first address of the unit that an address belongs to. */
  IpAddress block(IpAddress address) {
    return address.masked(address.width() - Integer.numberOfTrailingZeros(unit));
  }

  /** True for the first address of a unit that holds none of the subnet's own. */
  private boolean givable(IpAddress address) {
    if (unit == 1) {
      return !reserved(address);
    }
    if (!block(address).equals(address) || address.equals(prefix.address())) {
      return false;
    }
    return !address.equals(block(last(prefix)))
        && !(gateway != null && address.equals(block(gateway)))
        && !(dns != null && address.equals(block(dns)));
  }

  /**
   * The next address to give out that has no owner in `image` and is acceptable; null if there is
   * none.
   */
  @Nullable IpAddress next(ConfigImage image, Predicate<IpAddress> acceptable) {
    return next(image, pools == null ? List.of(hosts(prefix)) : pools, acceptable);
  }

  /** As the other, out of the ranges given. */
  @Nullable IpAddress next(ConfigImage image, List<Range> ranges, Predicate<IpAddress> acceptable) {
    Predicate<IpAddress> avoid = address -> !givable(address) || !acceptable.test(address);
    for (Range range : fromStart ? ranges : ranges.reversed()) {
      IpAddress found =
          fromStart
              ? image.lowestFreeAddress(pool(), range.first(), range.last(), avoid)
              : image.highestFreeAddress(pool(), range.first(), range.last(), avoid);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private static IpAddress last(IpPrefix prefix) {
    byte[] bytes = prefix.address().toBytes();
    for (int bit = prefix.length(); bit < prefix.address().width(); bit++) {
      bytes[bit / 8] |= (byte) (0x80 >> bit % 8);
    }
    return IpAddress.of(bytes);
  }
}
