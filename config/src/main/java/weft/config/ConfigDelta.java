package weft.config;

import java.util.List;
import java.util.UUID;
import weft.schema.ConfigObject;
import weft.state.Change;

/**
 * What leads from one state of the config to another, at most one change a key.
 *
 * @param revision of the store that is reached
 * @param allocations the values of pools, each with its owner
 * @param snapshot whether this is the first of a feed: the whole config as seen from nothing
 */
public record ConfigDelta(
    long revision,
    List<Change<UUID, ConfigObject>> objects,
    List<Change<AllocationKey, String>> allocations,
    boolean snapshot) {
  public ConfigDelta {
    objects = List.copyOf(objects);
    allocations = List.copyOf(allocations);
  }

  public boolean isEmpty() {
    return objects.isEmpty() && allocations.isEmpty();
  }
}
