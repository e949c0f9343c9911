package weft.api;

import java.util.Set;

/**
 * The roles with a meaning of their own, in any case of letters.
 *
 * @param cloudAdmin who bears it is denied nothing
 * @param readOnly who bears it may read everything; empty for none
 */
public record SpecialRoles(String cloudAdmin, String readOnly) {
  public static final SpecialRoles DEFAULT = new SpecialRoles("admin", "");

  boolean admin(Set<String> roles) {
    return roles.stream().anyMatch(cloudAdmin::equalsIgnoreCase);
  }

  boolean readsAll(Set<String> roles) {
    return admin(roles)
        || !readOnly.isEmpty() && roles.stream().anyMatch(readOnly::equalsIgnoreCase);
  }
}
