package weft.api.model;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;

/**
 * A stored subnet, and the order in which it gives out addresses.
 *
 * @param holder the object whose addresses these are: a network, or an IPAM with flat subnets
 * @param gateway null if there is none; it may lie outside
 * @param dns the address of the DNS service; it may lie outside
 * @param fromStart whether addresses are given out upwards; else downwards
 * @param pools the ranges to give out from; if empty, all but the ends of the prefix
 */
record Subnet(
    UUID holder,
    UUID uuid,
    IpPrefix prefix,
    @Nullable IpAddress gateway,
    @Nullable IpAddress dns,
    boolean fromStart,
    List<Range> pools) {

  /** Addresses from `first` to `last`, both included. */
  record Range(IpAddress first, IpAddress last) {
    boolean contains(IpAddress address) {
      return first.compareTo(address) <= 0 && address.compareTo(last) <= 0;
    }
  }

  /** Reads one of the stored `ipam_subnets`; it was completed by {@link Subnets}. */
  static Subnet of(UUID holder, JsonNode node) {
    JsonNode prefix = node.path("subnet");
    List<Range> pools = new ArrayList<>();
    node.path("allocation_pools")
        .forEach(pool ->
            pools.add(
                new Range(
                    IpAddress.parse(pool.path("start").asString()),
                    IpAddress.parse(pool.path("end").asString()))));
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
        List.copyOf(pools));
  }

  private static @Nullable IpAddress optional(JsonNode text) {
    return text.isString() && !text.stringValue().isEmpty()
        ? IpAddress.parse(text.stringValue())
        : null;
  }

  /** The same with addresses given out from its other end. */
  Subnet reversed() {
    return new Subnet(holder, uuid, prefix, gateway, dns, !fromStart, pools);
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

  /**
   * The next address to give out that has no owner in `image` and is acceptable; null if there is
   * none.
   */
  @Nullable IpAddress next(ConfigImage image, Predicate<IpAddress> acceptable) {
    if (!prefix.isV4()) {
      return next(acceptable); // Address by address: IPv6 subnets are not filled up.
    }
    LongPredicate avoid =
        number -> {
          IpAddress address = new Ipv4Address((int) number);
          return reserved(address) || !acceptable.test(address);
        };
    List<Range> ranges = pools.isEmpty() ? List.of(hosts(prefix)) : pools;
    for (Range range : fromStart ? ranges : ranges.reversed()) {
      long first = number(range.first());
      long last = number(range.last());
      OptionalLong found =
          fromStart
              ? image.lowestFreeAddress(pool(), first, last, avoid)
              : image.highestFreeAddress(pool(), first, last, avoid);
      if (found.isPresent()) {
        return new Ipv4Address((int) found.getAsLong());
      }
    }
    return null;
  }

  private static long number(IpAddress address) {
    return switch (address) {
      case Ipv4Address v4 -> Integer.toUnsignedLong(v4.bits());
      case Ipv6Address v6 -> throw new IllegalArgumentException(v6 + " is not an IPv4 address");
    };
  }

  /** The next address to give out that is acceptable; null if there is none. */
  @Nullable IpAddress next(Predicate<IpAddress> acceptable) {
    List<Range> ranges = pools.isEmpty() ? List.of(hosts(prefix)) : pools;
    for (Range range : fromStart ? ranges : ranges.reversed()) {
      IpAddress end = fromStart ? range.last() : range.first();
      IpAddress address = fromStart ? range.first() : range.last();
      while (true) {
        if (!reserved(address) && acceptable.test(address)) {
          return address;
        }
        if (address.equals(end)) {
          break;
        }
        address = address.plus(fromStart ? 1 : -1);
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
