package weft.compiler;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The ordered rules of an access list; a rule that an earlier one hides is left out. */
final class AccessList {
  /** The uuid of rules that no user wrote and that let pass. */
  static final String IMPLICIT_PASS = "00000000-0000-0000-0000-100000000001";

  /** The uuid of rules that no user wrote and that deny. */
  static final String IMPLICIT_DENY = "00000000-0000-0000-0000-100000000002";

  /** What a rule looks at. */
  record Match(
      String protocol,
      Address source,
      Ports sourcePorts,
      Address destination,
      Ports destinationPorts,
      @Nullable String ethertype) {

    static Match anyProtocol(Address source, Address destination) {
      return new Match("any", source, Ports.ANY, destination, Ports.ANY, null);
    }

    Match reversed() {
      return new Match(protocol, destination, destinationPorts, source, sourcePorts, ethertype);
    }

    boolean within(Match other) {
      return (other.protocol.equals("any") || other.protocol.equals(protocol))
          && sourcePorts.within(other.sourcePorts)
          && destinationPorts.within(other.destinationPorts)
          && source.within(other.source)
          && destination.within(other.destination)
          && (other.ethertype == null || other.ethertype.equals(ethertype));
    }

    ObjectNode toJson() {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.put("protocol", protocol);
      node.set("src_address", source.toJson());
      node.set("src_port", sourcePorts.toJson());
      node.set("dst_address", destination.toJson());
      node.set("dst_port", destinationPorts.toJson());
      if (ethertype != null) {
        node.put("ethertype", ethertype);
      }
      return node;
    }
  }

  /**
   * @param uuid of the rule that a user wrote, or one of the implicit ones
   * @param direction null for none
   */
  record Rule(Match match, ObjectNode actions, @Nullable String uuid, @Nullable String direction) {
    ObjectNode toJson() {
      ObjectNode node = JsonNodeFactory.instance.objectNode();
      node.set("match_condition", match.toJson());
      node.set("action_list", actions);
      if (uuid != null) {
        node.put("rule_uuid", uuid);
      }
      if (direction != null) {
        node.put("direction", direction);
      }
      return node;
    }
  }

  static final ObjectNode PASS = JsonNodeFactory.instance.objectNode().put("simple_action", "pass");
  static final ObjectNode DENY = JsonNodeFactory.instance.objectNode().put("simple_action", "deny");

  private final List<Rule> rules = new ArrayList<>();

  void add(Rule rule) {
    for (Rule earlier : rules) {
      if (rule.match().within(earlier.match())) {
        return;
      }
    }
    rules.add(rule);
  }

  /** Adds a rule without looking for one that hides it: where all rules do the same. */
  void append(Rule rule) {
    rules.add(rule);
  }

  List<Rule> rules() {
    return List.copyOf(rules);
  }

  /** An AclEntriesType. */
  ObjectNode toJson() {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("dynamic", false);
    ArrayNode array = node.putArray("acl_rule");
    rules.forEach(rule -> array.add(rule.toJson()));
    return node;
  }
}
