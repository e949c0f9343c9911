package weft.api.access;

import java.util.Arrays;
import java.util.stream.Collectors;

/** How much of a caller is asked: authentication, authorisation, accounting. */
public enum AaaMode {
  /** Nothing: everybody may do everything. */
  NO_AUTH("no-auth"),
  /** Only a cloud administrator may do anything. */
  CLOUD_ADMIN("cloud-admin"),
  /** Rules by role, and then the permissions of each object. */
  RBAC("rbac");

  private final String text;

  AaaMode(String text) {
    this.text = text;
  }

  /**
   * @throws IllegalArgumentException with the modes that there are
   */
  public static AaaMode parse(String text) {
    for (AaaMode mode : values()) {
      if (mode.text.equals(text)) {
        return mode;
      }
    }
    throw new IllegalArgumentException(
        "'"
            + text
            + "' is none of "
            + Arrays.stream(values()).map(AaaMode::toString).collect(Collectors.joining(", ")));
  }

  @Override
  public String toString() {
    return text;
  }
}
