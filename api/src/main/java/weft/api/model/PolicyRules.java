package weft.api.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.IpProtocol;

/** The rules of network policies and security groups: each has a uuid of its own. */
final class PolicyRules {
  private static final List<String> INCIDENTAL = List.of("rule_uuid", "created", "last_modified");

  private PolicyRules() {}

  /** The rules of a network policy. */
  static void ofPolicy(Draft draft, String property) {
    each(
        draft,
        property,
        rule -> {
          if (!rule.hasNonNull("action_list")) {
            throw HttpError.badRequest("Action is required");
          }
          if (names(rule, "src_addresses", "security_group")
              || names(rule, "dst_addresses", "security_group")) {
            throw HttpError.badRequest(
                "Config Error: policy rule refering to security group is not allowed");
          }
        });
  }

  /** The rules of a security group: one side of each is the port itself. */
  static void ofGroup(Draft draft, String property) {
    each(
        draft,
        property,
        rule -> {
          checkEthertype(rule, "src_addresses");
          checkEthertype(rule, "dst_addresses");
          if (!isLocal(rule, "src_addresses") && !isLocal(rule, "dst_addresses")) {
            throw HttpError.badRequest(
                "At least one of source or destination addresses must be 'local'");
          }
        });
  }

  private static void each(Draft draft, String property, Consumer<ObjectNode> check) {
    if (!draft.requested(property)) {
      return;
    }
    Set<ObjectNode> seen = new HashSet<>();
    for (JsonNode node : draft.body().path(property).path("policy_rule")) {
      if (!(node instanceof ObjectNode rule)) {
        continue;
      }
      ObjectNode criteria = rule.deepCopy();
      criteria.remove(INCIDENTAL);
      if (!seen.add(criteria)) {
        throw HttpError.conflict(
            "Rule already exists : " + rule.path("rule_uuid").asString("None"));
      }
      if (!rule.hasNonNull("rule_uuid")) {
        rule.put("rule_uuid", draft.edit().newUuid().toString());
      }
      checkProtocol(rule.path("protocol").asString(""));
      check.accept(rule);
    }
  }

  private static void checkProtocol(String protocol) {
    if (!protocol.equalsIgnoreCase("any") && IpProtocol.number(protocol).isEmpty()) {
      throw HttpError.badRequest("Rule with invalid protocol : " + protocol);
    }
  }

  private static boolean names(JsonNode rule, String side, String kind) {
    for (JsonNode address : rule.path(side)) {
      if (address.hasNonNull(kind)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isLocal(JsonNode rule, String side) {
    for (JsonNode address : rule.path(side)) {
      if (address.path("security_group").asString("").equals("local")) {
        return true;
      }
    }
    return false;
  }

  private static void checkEthertype(JsonNode rule, String side) {
    JsonNode ethertype = rule.path("ethertype");
    for (JsonNode address : rule.path(side)) {
      JsonNode subnet = address.path("subnet");
      if (!subnet.isObject() || ethertype.isMissingNode() || ethertype.isNull()) {
        continue;
      }
      String text =
          subnet.path("ip_prefix").asString("") + "/" + subnet.path("ip_prefix_len").asString("");
      boolean v4;
      try {
        v4 =
            new IpPrefix(
                    IpAddress.parse(subnet.path("ip_prefix").asString("")),
                    Integer.parseInt(subnet.path("ip_prefix_len").asString("")))
                .isV4();
      } catch (IllegalArgumentException _) {
        throw HttpError.badRequest("Rule with invalid subnet : " + text);
      }
      if (v4 != ethertype.asString("").equals("IPv4")) {
        throw HttpError.badRequest(
            "Rule subnet " + text + " doesn't match ethertype " + ethertype.asString(""));
      }
    }
  }
}
