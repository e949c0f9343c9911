package weft.api.model;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import weft.schema.ObjectType;

/** Which type has which behaviour. */
final class Behaviours {
  private static final Map<String, Behaviour> BY_TYPE = new HashMap<>(Validators.BY_TYPE);

  static {
    BY_TYPE.put("virtual-network", new VirtualNetworks());
    BY_TYPE.put("network-ipam", new NetworkIpams());
    BY_TYPE.put("virtual-machine-interface", new VirtualMachineInterfaces());
    BY_TYPE.put("instance-ip", new InstanceIps());
    BY_TYPE.put("floating-ip", new PoolAddresses("floating_ip"));
    BY_TYPE.put("floating-ip-pool", new FloatingIpPools());
    BY_TYPE.put("alias-ip", new PoolAddresses("alias_ip"));
    BY_TYPE.put("security-group", new SecurityGroups());
    BY_TYPE.put("network-policy", new NetworkPolicies());
    BY_TYPE.put("logical-router", new LogicalRouters());
    BY_TYPE.put("route-target", new RouteTargets());
    BY_TYPE.put("project", new Projects());
    BY_TYPE.put("sub-cluster", new SubClusters());
    BY_TYPE.put("forwarding-class", new ForwardingClasses());
    BY_TYPE.put("virtual-router", new VirtualRouters());
    BY_TYPE.put(VirtualPortGroups.TYPE, new VirtualPortGroups());
    BY_TYPE.put("tag", new Tags());
    BY_TYPE.put("tag-type", new TagTypes());
  }

  /** How the pools begin whose values only objects of these types have. */
  static final List<String> POOLS =
      List.of(
          "virtual-network-id",
          "security-group-id",
          "sub-cluster-id",
          "virtual-port-group-id",
          "forwarding-class-id",
          "tag-type-id",
          "tag-value-id/");

  private Behaviours() {}

  static Behaviour of(ObjectType type) {
    return BY_TYPE.getOrDefault(type.name(), Behaviour.PLAIN);
  }

  /** The types that have one. */
  static Set<String> types() {
    return Set.copyOf(BY_TYPE.keySet());
  }
}
