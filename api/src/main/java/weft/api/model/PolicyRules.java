package weft.api.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;

/** The rules of network policies and security groups: each has a uuid of its own. */
final class PolicyRules {
  private static final List<String> CRITERIA =
      List.of(
          "direction",
          "protocol",
          "src_addresses",
          "src_ports",
          "dst_addresses",
          "dst_ports",
          "ethertype");

  private PolicyRules() {}

  static void complete(Draft draft, String property) {
    for (JsonNode node : draft.body().path(property).path("policy_rule")) {
      if (node instanceof ObjectNode rule && !rule.hasNonNull("rule_uuid")) {
        rule.put("rule_uuid", draft.edit().newUuid().toString());
      }
    }
  }

  /** Refuses two rules that say the same. */
  static void checkDistinct(Draft draft, String property) {
    Set<List<JsonNode>> seen = new HashSet<>();
    for (JsonNode rule : draft.body().path(property).path("policy_rule")) {
      List<JsonNode> criteria = CRITERIA.stream().map(rule::path).toList();
      if (!seen.add(criteria)) {
        throw HttpError.conflict("Rule already exists : " + rule.path("rule_uuid").asString(""));
      }
    }
  }
}
