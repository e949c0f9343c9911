package weft.neutron;

import java.util.List;
import java.util.stream.Stream;
import tools.jackson.databind.node.ObjectNode;

/**
 * A kind of resource of which there are none: lists are empty, nothing is found by an id, and none
 * can be made.
 *
 * @param missing Neutron's exception for an id that nothing has
 * @param argument the name of that exception's argument
 */
record Unsupported(String name, String missing, String argument) implements Resource {
  static List<Resource> all() {
    return List.of(
        new Unsupported("firewall_group", "FirewallGroupNotFound", "firewall_id"),
        new Unsupported("firewall_policy", "FirewallPolicyNotFound", "firewall_policy_id"),
        new Unsupported("firewall_rule", "FirewallRuleNotFound", "firewall_rule_id"));
  }

  @Override
  public String create(Sent sent, Change change) {
    throw NeutronException.badRequest(name, name + " is not supported");
  }

  @Override
  public ObjectNode read(String id, View view) {
    throw notFound(id);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return Stream.of();
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    throw notFound(id);
  }

  @Override
  public void delete(String id, Change change) {
    throw notFound(id);
  }

  private NeutronException notFound(String id) {
    return NeutronException.of(missing, argument, id);
  }
}
