package weft.neutron;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Uuids as Neutron writes them: those of projects without dashes. */
final class Ids {
  private Ids() {}

  static String undashed(UUID uuid) {
    return undashed(uuid.toString());
  }

  static String undashed(String uuid) {
    return uuid.replace("-", "");
  }

  /** With dashes or without; null if it is no uuid. */
  static @Nullable UUID parse(String text) {
    String dashed =
        text.length() == 32
            ? String.join(
                "-",
                text.substring(0, 8),
                text.substring(8, 12),
                text.substring(12, 16),
                text.substring(16, 20),
                text.substring(20))
            : text;
    if (dashed.length() != 36) {
      return null;
    }
    try {
      return UUID.fromString(dashed);
    } catch (IllegalArgumentException _) {
      return null;
    }
  }
}
