package weft.controller;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** A part of the controller that can run alone or beside others. */
public enum Role {
  API,
  COMPILER,
  CONTROL;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads `api,compiler`. */
  static Set<Role> parse(String key, String text) {
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    for (String word : text.split(",")) {
      roles.add(
          Arrays.stream(values())
              .filter(role -> role.toString().equals(word.trim()))
              .findFirst()
              .orElseThrow(() ->
                  new IllegalArgumentException(
                      key + ": no role '" + word.trim() + "'; there are " + all())));
    }
    return roles;
  }

  private static String all() {
    return String.join(", ", Arrays.stream(values()).map(Role::toString).toList());
  }
}
