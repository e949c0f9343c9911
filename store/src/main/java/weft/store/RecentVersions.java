package weft.store;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The versions of the keys that the writer looked at or wrote last: much is compared again and
 * again, such as the project in which all is created, and a look into the files costs far more.
 *
 * <p>It is right because nobody but the writer writes the files.
 */
final class RecentVersions {
  private static final int KEPT = 16_384;

  private final Map<Key, Version> versions =
      new LinkedHashMap<>(KEPT, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Version> eldest) {
          return size() > KEPT;
        }
      };

  @Nullable Version get(Key key) {
    return versions.get(key);
  }

  void put(Key key, Version version) {
    versions.put(key, version);
  }
}
