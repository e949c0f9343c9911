package weft.config;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.state.Change;

/** What an image becomes by changes that are not committed yet, with all that follows from them. */
public final class Preview {
  private ConfigImage image;
  private final List<Change<UUID, ConfigObject>> objects = new ArrayList<>();
  private final List<Change<AllocationKey, String>> allocations = new ArrayList<>();

  public Preview(ConfigImage image) {
    this.image = image;
  }

  /** The image with the changes so far; its revision is that of the first one. */
  public ConfigImage image() {
    if (!objects.isEmpty() || !allocations.isEmpty()) {
      image = image.with(new ConfigDelta(image.revision(), objects, allocations, false));
      objects.clear();
      allocations.clear();
    }
    return image;
  }

  /** An object is created or replaced. */
  public void put(ConfigObject object) {
    objects.add(new Change.Put<>(object.uuid(), null, object));
  }

  /** An object is deleted, with its derived children and the derived references to it. */
  public void delete(ConfigObject object) {
    for (ConfigObject child : image().children(object.uuid())) {
      if (Links.isDerivedChild(child, object)) {
        delete(child);
      }
    }
    for (ConfigObject referrer : image().referrers(object.uuid())) {
      if (Links.isDerivedReference(referrer, object)) {
        put(Links.dropped(referrer, object.uuid()));
      }
    }
    objects.add(new Change.Remove<>(object.uuid(), object));
  }

  /** A value gets an owner, or loses it where that is null. */
  public void own(AllocationKey key, @Nullable String owner) {
    allocations.add(
        owner == null
            ? new Change.Remove<>(key, "")
            : new Change.Put<AllocationKey, String>(key, null, owner));
  }
}
