package weft.compiler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * One end of what a rule matches; what is unset is not looked at.
 *
 * @param network a network's name, `any` or `local`
 * @param securityGroup a group's name, its number, `any` or `local`
 * @param policy the name of a policy, which stands for all networks that it is attached to
 * @param subnet null if unset
 */
record Address(
    @Nullable String network,
    @Nullable String securityGroup,
    @Nullable String policy,
    @Nullable IpPrefix subnet,
    List<IpPrefix> subnets) {

  static final String ANY = "any";
  static final String LOCAL = "local";
  static final Address UNSET = new Address(null, null, null, null, List.of());

  Address {
    subnets = List.copyOf(subnets);
  }

  static Address network(String name) {
    return new Address(name, null, null, null, List.of());
  }

  static List<Address> list(JsonNode array) {
    List<Address> list = new ArrayList<>();
    array.forEach(node -> list.add(of(node)));
    return List.copyOf(list);
  }

  static Address of(JsonNode node) {
    List<IpPrefix> subnets = new ArrayList<>();
    node.path("subnet_list").forEach(each -> addPrefix(each, subnets));
    List<IpPrefix> single = new ArrayList<>();
    addPrefix(node.path("subnet"), single);
    return new Address(
        PolicyRule.text(node, "virtual_network"),
        PolicyRule.text(node, "security_group"),
        PolicyRule.text(node, "network_policy"),
        single.isEmpty() ? null : single.getFirst(),
        subnets);
  }

  private static void addPrefix(JsonNode node, List<IpPrefix> into) {
    String address = PolicyRule.text(node, "ip_prefix");
    if (address != null) {
      into.add(new IpPrefix(IpAddress.parse(address), node.path("ip_prefix_len").asInt(0)));
    }
  }

  Address withNetwork(@Nullable String name) {
    return new Address(name, securityGroup, null, subnet, subnets);
  }

  Address withSecurityGroup(@Nullable String name) {
    return new Address(network, name, policy, subnet, subnets);
  }

  /** Only what names the other side as a whole: a network if there is one. */
  Address withoutSubnets() {
    return network == null ? this : network(network);
  }

  boolean onlySubnets() {
    return network == null && policy == null && (subnet != null || !subnets.isEmpty());
  }

  private List<IpPrefix> allSubnets() {
    List<IpPrefix> all = new ArrayList<>(subnets);
    if (subnet != null) {
      all.add(subnet);
    }
    return all;
  }

  /** Whether everything that this matches, `other` matches; false if in doubt. */
  boolean within(Address other) {
    boolean sameGroup = java.util.Objects.equals(securityGroup, other.securityGroup);
    boolean networkWithin =
        ANY.equals(other.network) || java.util.Objects.equals(network, other.network);
    List<IpPrefix> wider = other.allSubnets();
    List<IpPrefix> narrower = allSubnets();
    boolean subnetsWithin =
        wider.isEmpty()
            || (!narrower.isEmpty()
                && narrower.stream().allMatch(n -> wider.stream().anyMatch(w -> w.contains(n))));
    return sameGroup && networkWithin && subnetsWithin;
  }

  ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    if (subnet != null) {
      node.set("subnet", json(subnet));
    }
    if (network != null) {
      node.put("virtual_network", network);
    }
    if (securityGroup != null) {
      node.put("security_group", securityGroup);
    }
    if (!subnets.isEmpty()) {
      ArrayNode list = node.putArray("subnet_list");
      subnets.forEach(each -> list.add(json(each)));
    }
    return node;
  }

  private static ObjectNode json(IpPrefix prefix) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("ip_prefix", prefix.address().toString())
        .put("ip_prefix_len", prefix.length());
  }
}
