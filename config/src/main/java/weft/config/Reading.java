package weft.config;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.state.Delta;
import weft.store.Entry;
import weft.store.Event;
import weft.store.Key;

/** Turns what the store tells into what is known of the config. */
final class Reading {
  private final ConfigImage image;
  private Trie<UUID, Long> guards;
  private Trie<AllocationKey, Long> allocated;
  private final Delta.Builder<UUID, ConfigObject> objects = new Delta.Builder<>();
  private final Delta.Builder<AllocationKey, String> allocations = new Delta.Builder<>();

  private Reading(Known base) {
    this.image = base.image();
    this.guards = base.guards();
    this.allocated = base.allocated();
  }

  /** What is known, and what is new in it. */
  record Result(Known known, ConfigDelta delta) {}

  static Result of(Known base, long revision, List<Event> events) {
    Reading reading = new Reading(base);
    for (Event event : events) {
      switch (event) {
        case Event.Put(Entry entry) -> reading.put(entry);
        case Event.Delete(Key key, long _) -> reading.delete(key);
      }
    }
    return reading.result(revision);
  }

  /** Takes `now` for the whole content of the store, whatever was known of it. */
  static Result ofAll(Known base, Known now) {
    Reading reading = new Reading(base);
    now.image()
        .forEachObject((uuid, object) -> {
          ConfigObject before = base.image().object(uuid);
          if (before == null || before.revision() != object.revision()) {
            reading.objects.add(uuid, before, object);
          }
        });
    base.image()
        .forEachObject((uuid, before) -> {
          if (now.image().object(uuid) == null) {
            reading.objects.add(uuid, before, null);
          }
        });
    now.image().forEachAllocation(reading::allocation);
    base.image()
        .forEachAllocation((key, owner) -> {
          if (now.image().owner(key) == null) {
            reading.allocations.add(key, owner, null);
          }
        });
    return new Result(now, reading.delta(now.image().revision()));
  }

  private ConfigDelta delta(long revision) {
    return new ConfigDelta(
        revision, objects.build(revision).changes(), allocations.build(revision).changes(), false);
  }

  private Result result(long revision) {
    ConfigDelta delta = delta(revision);
    return new Result(new Known(image.with(delta), guards, allocated), delta);
  }

  private void put(Entry entry) {
    switch (Layout.name(entry.key())) {
      case Layout.Name.OfObject(UUID uuid) -> object(uuid, entry);
      case Layout.Name.OfGuard(UUID uuid) -> guards = guards.with(uuid, entry.modRevision());
      case Layout.Name.OfAllocation(AllocationKey key) -> {
        allocated = allocated.with(key, entry.modRevision());
        allocation(key, entry.text());
      }
      case Layout.Name.OfOther _ -> {}
    }
  }

  private void object(UUID uuid, Entry entry) {
    ConfigObject before = image.object(uuid);
    if (before != null && before.revision() == entry.modRevision()) {
      objects.add(uuid, before, before);
    } else {
      ConfigObject after = Layout.object(entry);
      objects.add(after.uuid(), before, after);
    }
  }

  private void allocation(AllocationKey key, @Nullable String owner) {
    allocations.add(key, image.owner(key), owner);
  }

  private void delete(Key key) {
    switch (Layout.name(key)) {
      case Layout.Name.OfObject(UUID uuid) -> objects.add(uuid, image.object(uuid), null);
      case Layout.Name.OfGuard(UUID uuid) -> guards = guards.without(uuid);
      case Layout.Name.OfAllocation(AllocationKey allocation) -> {
        allocated = allocated.without(allocation);
        allocation(allocation, null);
      }
      case Layout.Name.OfOther _ -> {}
    }
  }
}
