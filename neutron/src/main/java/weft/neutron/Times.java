package weft.neutron;

import java.time.Instant;
import weft.config.Permissions;

/** Times as objects bear them. */
final class Times {
  private Times() {}

  static String text(Instant instant) {
    return Permissions.time(instant);
  }
}
