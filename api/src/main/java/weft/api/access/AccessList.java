package weft.api.access;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * The rules of one `api-access-list`, ready to be asked.
 *
 * <p>A rule is about an object, or one field of it; `*` stands for every object. Rules about the
 * same join: a role may what any of them grants it.
 */
final class AccessList {
  static final String ANY = "*";

  /** What is granted to roles. */
  private record Grants(Map<String, Integer> bitsByRole) {
    void add(String role, int bits) {
      bitsByRole.merge(role, bits, (one, other) -> one | other);
    }

    int bits(Iterable<String> roles) {
      int bits = bitsByRole.getOrDefault(ANY, 0);
      for (String role : roles) {
        bits |= bitsByRole.getOrDefault(role.toLowerCase(Locale.ROOT), 0);
      }
      return bits;
    }
  }

  private record Subject(String object, String field) {}

  private final Map<Subject, Grants> grants = new HashMap<>();

  private AccessList() {}

  /** Reads `api_access_list_entries`; what is not given in a rule grants nothing. */
  static AccessList of(@Nullable JsonNode entries) {
    AccessList list = new AccessList();
    if (entries != null) {
      entries.path("rbac_rule").forEach(list::add);
    }
    return list;
  }

  private void add(JsonNode rule) {
    String field = rule.path("rule_field").asString("");
    Subject subject =
        new Subject(rule.path("rule_object").asString(""), field.equals(ANY) ? "" : normal(field));
    Grants granted = grants.computeIfAbsent(subject, _ -> new Grants(new HashMap<>()));
    for (JsonNode permission : rule.path("rule_perms")) {
      granted.add(
          permission.path("role_name").asString("").toLowerCase(Locale.ROOT),
          Right.bits(permission.path("role_crud").asString("")));
    }
  }

  /** Fields are written both ways. */
  private static String normal(String field) {
    return field.replace('-', '_');
  }

  /**
   * The operations that a rule on exactly this grants.
   *
   * @param field empty for the object as a whole
   * @return null if there is no such rule
   */
  @Nullable Integer grants(String object, String field, Iterable<String> roles) {
    Grants granted = grants.get(new Subject(object, field));
    return granted == null ? null : granted.bits(roles);
  }
}
