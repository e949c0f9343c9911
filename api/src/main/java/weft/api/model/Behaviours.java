package weft.api.model;

import java.util.List;
import java.util.Map;
import weft.schema.ObjectType;

/** Which type has which behaviour. */
final class Behaviours {
  private static final Map<String, Behaviour> BY_TYPE =
      Map.ofEntries(
          Map.entry("virtual-network", new VirtualNetworks()),
          Map.entry("network-ipam", new NetworkIpams()),
          Map.entry("virtual-machine-interface", new VirtualMachineInterfaces()),
          Map.entry("instance-ip", new InstanceIps()),
          Map.entry("floating-ip", new PoolAddresses("floating_ip")),
          Map.entry("alias-ip", new PoolAddresses("alias_ip")),
          Map.entry("security-group", new SecurityGroups()),
          Map.entry("network-policy", new NetworkPolicies()),
          Map.entry("logical-router", new LogicalRouters()),
          Map.entry("route-target", new RouteTargets()),
          Map.entry("tag", new Tags()),
          Map.entry("tag-type", new TagTypes()));

  /** How the pools begin whose values only objects of these types have. */
  static final List<String> POOLS =
      List.of("virtual-network-id", "security-group-id", "tag-type-id", "tag-value-id/");

  private Behaviours() {}

  static Behaviour of(ObjectType type) {
    return BY_TYPE.getOrDefault(type.name(), Behaviour.PLAIN);
  }
}
