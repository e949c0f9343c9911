package weft.neutron;

import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;

/**
 * Remembers in which object a part with an id of its own was last seen, to look there first.
 *
 * <p>Never the truth: what is found is checked, and what is not found is looked for everywhere.
 */
final class Hints {
  private static final int MOST = 200_000;

  private final Map<String, UUID> holders = new ConcurrentHashMap<>();
  private final String type;

  /**
   * @param type of the objects that have such parts
   */
  Hints(String type) {
    this.type = type;
  }

  /**
   * Finds a part.
   *
   * @param within finds it in one object; null if it is not there
   */
  <T> @Nullable T find(String id, Lookup lookup, Function<ConfigObject, @Nullable T> within) {
    UUID hint = holders.get(id);
    ConfigObject likely = hint == null ? null : lookup.object(type, hint);
    T there = likely == null ? null : within.apply(likely);
    if (there != null) {
      return there;
    }
    for (ConfigObject stored : lookup.image().objects(type)) {
      ConfigObject object = lookup.object(stored.uuid());
      T found = object == null ? null : within.apply(object);
      if (object != null && found != null) {
        if (holders.size() >= MOST) {
          holders.clear();
        }
        holders.put(id, object.uuid());
        return found;
      }
    }
    return null;
  }
}
