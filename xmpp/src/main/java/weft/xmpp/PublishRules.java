package weft.xmpp;

import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;

/** What an agent's route must keep beyond its grammar. */
final class PublishRules {
  static final String MASTER_INSTANCE = "default-domain:default-project:ip-fabric:__default__";
  private static final int MAX_LABEL = (1 << 24) - 1;

  private PublishRules() {}

  /** Says which rule a request breaks, or null. A withdrawal needs no next hop. */
  static @Nullable String broken(RouteRequest request) {
    boolean master = request.instance().equals(MASTER_INSTANCE);
    return switch (request.item()) {
      case InetItem item -> inet(item, master, request.withdraw());
      case EvpnItem item -> evpn(item, request.withdraw());
      case MulticastItem item -> multicast(item, request.withdraw());
    };
  }

  private static @Nullable String inet(InetItem item, boolean master, boolean withdraw) {
    if (withdraw) {
      return null;
    }
    if (item.nextHops().size() != 1) {
      return "exactly one next hop expected, not " + item.nextHops().size();
    }
    InetItem.NextHop nextHop = item.nextHops().getFirst();
    String address = unusable(nextHop.address());
    if (address != null) {
      return address;
    }
    boolean labelNeeded = !master || item.safi() == InetItem.LABELED;
    if (labelNeeded && (nextHop.label() == 0 || nextHop.label() > MAX_LABEL)) {
      return "label " + nextHop.label() + " is not in 1.." + MAX_LABEL;
    }
    return !labelNeeded && nextHop.label() != 0
        ? "label " + nextHop.label() + " in the fabric's own instance"
        : null;
  }

  private static @Nullable String evpn(EvpnItem item, boolean withdraw) {
    boolean hostRoute = item.nlri().publishedType() == 2;
    if (hostRoute && !item.nlri().address().isHost() && item.nlri().address().length() != 0) {
      return item.nlri().address() + " is not the address of a host";
    }
    if (withdraw) {
      return null;
    }
    if (item.nextHops().size() != 1) {
      return "exactly one next hop expected, not " + item.nextHops().size();
    }
    IpAddress replicator = item.replication().replicator();
    String replicated = replicator == null ? null : unusable(replicator);
    return replicated != null ? replicated : unusable(item.nextHops().getFirst().address());
  }

  private static @Nullable String multicast(MulticastItem item, boolean withdraw) {
    if (withdraw) {
      return null;
    }
    if (item.nextHops().size() != 1) {
      return "exactly one next hop expected, not " + item.nextHops().size();
    }
    MulticastItem.NextHop nextHop = item.nextHops().getFirst();
    if (nextHop.first() == 0 || nextHop.last() < nextHop.first()) {
      return "label range " + nextHop.first() + "-" + nextHop.last();
    }
    return unusable(nextHop.address());
  }

  private static @Nullable String unusable(IpAddress address) {
    return address.masked(0).equals(address) ? "address " + address + " cannot be reached" : null;
  }
}
