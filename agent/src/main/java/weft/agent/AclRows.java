package weft.agent;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.vrouter.Acl;

/**
 * Access-control lists as JSON rows.
 *
 * @param networks their names
 */
record AclRows(Map<Integer, Acl> acls, IntFunction<String> networks) {

  /** A row a rule; a list without rules has one row, which denies. */
  List<ObjectNode> all() {
    List<ObjectNode> rows = new ArrayList<>();
    acls.forEach((id, acl) -> {
      int index = 0;
      for (Acl.Rule rule : acl.rules()) {
        rows.add(
            rule(Json.object().put("acl", id).put("name", acl.name()).put("rule", index++), rule));
      }
      if (acl.rules().isEmpty()) {
        rows.add(
            Json.object()
                .put("acl", id)
                .put("name", acl.name())
                .put("rule", "")
                .put("action", "deny"));
      }
    });
    return rows;
  }

  private ObjectNode rule(ObjectNode row, Acl.Rule rule) {
    return row.put("action", rule.action().name().toLowerCase(java.util.Locale.ROOT))
        .put("family", rule.family().name().toLowerCase(java.util.Locale.ROOT))
        .put("protocol", TableViews.protocol(rule.protocol()))
        .put("source", endpoint(rule.source()))
        .put("source_ports", ports(rule.sourcePorts()))
        .put("destination", endpoint(rule.destination()))
        .put("destination_ports", ports(rule.destinationPorts()))
        .put("id", rule.id().toString());
  }

  private String endpoint(Acl.Endpoint endpoint) {
    return switch (endpoint) {
      case Acl.Endpoint.Any _ -> "any";
      case Acl.Endpoint.Subnet(var prefix) -> prefix.toString();
      case Acl.Endpoint.Group(int id) -> "group " + id;
      case Acl.Endpoint.Network(int id) -> "network " + networks.apply(id);
    };
  }

  private static String ports(Acl.PortRange range) {
    if (range.equals(Acl.PortRange.ANY)) {
      return "any";
    }
    return range.low() == range.high() ? "" + range.low() : range.low() + "-" + range.high();
  }
}
