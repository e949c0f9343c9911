package weft.routing;

import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;

/** Short names for what the tests are made of. */
final class Samples {
  private Samples() {}

  static Peer agent(int n) {
    Ipv4Address address = address(n);
    return new Peer("agent" + n, Peer.Kind.AGENT, address, address.bits());
  }

  static Peer bgp(int n, Peer.Kind kind) {
    Ipv4Address address = new Ipv4Address(0x0a00_0900 + n);
    return new Peer("bgp" + n, kind, address, address.bits());
  }

  static Ipv4Address address(int agent) {
    return new Ipv4Address(0xac1f_0000 + agent);
  }

  static RouteTarget target(int n) {
    return RouteTarget.ofAs2(64512, 8_000_000L + n);
  }

  static RouteKey.Inet inet(String prefix) {
    return new RouteKey.Inet(IpPrefix.parse(prefix));
  }

  static RouteKey.Mac mac(int n, String address) {
    return new RouteKey.Mac(0, new MacAddress(0x0200_0000_0000L + n), IpPrefix.parse(address));
  }

  static RouteAttributes via(Peer agent, int label) {
    return RouteAttributes.of(
        NextHop.of(agent.address(), label, Encapsulation.MPLS_O_GRE, Encapsulation.MPLS_O_UDP));
  }

  /** The same with these route targets and that network. */
  static RouteAttributes born(
      RouteAttributes attributes, Set<RouteTarget> targets, @Nullable OriginVn origin) {
    return attributes.with(attributes.membership().with(new TreeSet<>(targets), origin));
  }

  static RouteDistinguisher rd(Peer agent, int instanceId) {
    return RouteDistinguisher.ofAddress((Ipv4Address) agent.address(), instanceId);
  }

  static InstanceConfig instance(
      String name, int networkId, Set<RouteTarget> imports, Set<RouteTarget> exports) {
    return new InstanceConfig(
        name, "net-" + name, new OriginVn(64512, networkId), imports, exports);
  }

  /** An instance with one target of its own. */
  static InstanceConfig instance(String name, int n) {
    return instance(name, n, Set.of(target(n)), Set.of(target(n)));
  }

  static TableId inetTable(String instance) {
    return new TableId(instance, Family.INET);
  }

  static TableId evpnTable(String instance) {
    return new TableId(instance, Family.EVPN);
  }

  /** The table of an instance that a key belongs in. */
  static Family family(RouteKey key) {
    return switch (key) {
      case RouteKey.Inet _ -> Family.INET;
      case RouteKey.Group _, RouteKey.Tree _ -> Family.ERMVPN;
      default -> Family.EVPN;
    };
  }

  static RoutingEvent.Announce announce(
      Peer agent, String instance, RouteKey key, RouteAttributes attributes, int instanceId) {
    Family family = family(key);
    return new RoutingEvent.Announce(
        agent.name(),
        new TableId(instance, family),
        key,
        0,
        attributes,
        rd(agent, instanceId),
        true);
  }
}
