package weft.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.net.IpProtocol;

/**
 * A rule of a network policy or of a security group, as a user wrote it.
 *
 * @param uuid null if it has none
 * @param actions without what is unset; null if the rule has none
 * @param ethertype null if unset
 */
record PolicyRule(
    @Nullable String uuid,
    boolean bothWays,
    String protocol,
    List<Address> sources,
    List<Ports> sourcePorts,
    List<Address> destinations,
    List<Ports> destinationPorts,
    @Nullable ObjectNode actions,
    @Nullable String ethertype) {

  /** Reads the rules out of a PolicyEntriesType; one that makes no sense is left out. */
  static List<PolicyRule> list(@Nullable JsonNode entries) {
    List<PolicyRule> rules = new ArrayList<>();
    if (entries != null) {
      entries.path("policy_rule").forEach(rule -> read(rule).ifPresent(rules::add));
    }
    return List.copyOf(rules);
  }

  /** Empty for a prefix that is none: the user sees that nothing comes of the rule. */
  private static Optional<PolicyRule> read(JsonNode node) {
    try {
      return Optional.of(of(node));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  static PolicyRule of(JsonNode node) {
    return new PolicyRule(
        text(node, "rule_uuid"),
        "<>".equals(text(node, "direction")),
        node.path("protocol").asString("any"),
        Address.list(node.path("src_addresses")),
        Ports.list(node.path("src_ports")),
        Address.list(node.path("dst_addresses")),
        Ports.list(node.path("dst_ports")),
        node.path("action_list") instanceof ObjectNode actions ? withoutUnset(actions) : null,
        text(node, "ethertype"));
  }

  static @Nullable String text(JsonNode node, String name) {
    JsonNode value = node.path(name);
    return value.isString() && !value.asString().isEmpty() ? value.asString() : null;
  }

  private static ObjectNode withoutUnset(ObjectNode node) {
    ObjectNode copy = JsonNodeFactory.instance.objectNode();
    node.forEachEntry((name, value) -> {
      if (!value.isNull() && !(value.isArray() && value.isEmpty())) {
        copy.set(name, value);
      }
    });
    return copy;
  }

  /** The protocol as its number in text, or `any`; null if it is not known. */
  @Nullable String protocolNumber() {
    if (protocol.equalsIgnoreCase("any")) {
      return "any";
    }
    if (protocol.equalsIgnoreCase("icmp") && "IPv6".equals(ethertype)) {
      return "58";
    }
    OptionalInt number = IpProtocol.number(protocol);
    return number.isEmpty() ? null : Integer.toString(number.getAsInt());
  }
}
