package weft.schema;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/** Names met lately, so that a million objects do not bear the name of their parent each. */
public final class SharedNames {
  private static final AtomicReferenceArray<@Nullable String> NAMES =
      new AtomicReferenceArray<>(1 << 12);

  private SharedNames() {}

  /** A string with the same characters, mostly one that was returned before. */
  public static String of(String name) {
    int hash = name.hashCode();
    int place = (hash ^ hash >>> 12 ^ hash >>> 24) & (NAMES.length() - 1);
    String known = NAMES.get(place);
    if (name.equals(known)) {
      return known;
    }
    NAMES.set(place, name);
    return name;
  }
}
