package weft.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  private Trie<UUID, Long> created;
  private Trie<UUID, Long> guards;
  private Trie<AllocationKey, Long> allocated;
  private final Delta.Builder<UUID, ConfigObject> objects = new Delta.Builder<>();
  private final Delta.Builder<AllocationKey, String> allocations = new Delta.Builder<>();

  private Reading(Known base) {
    this.image = base.image();
    this.created = base.created();
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

  /** Takes `all` for the whole content of the store, whatever was known of it. */
  static Result ofAll(Known base, long revision, Iterable<Entry> all) {
    Reading reading = new Reading(base);
    Map<UUID, Long> created = new HashMap<>();
    Map<UUID, Long> guards = new HashMap<>();
    Map<AllocationKey, Long> allocated = new HashMap<>();
    for (Entry entry : all) {
      switch (Layout.name(entry.key())) {
        case Layout.Name.OfObject(UUID uuid) -> {
          created.put(uuid, entry.createRevision());
          reading.object(uuid, entry);
        }
        case Layout.Name.OfGuard(UUID uuid) -> guards.put(uuid, entry.modRevision());
        case Layout.Name.OfAllocation(AllocationKey key) -> {
          allocated.put(key, entry.modRevision());
          reading.allocation(key, entry.text());
        }
        case Layout.Name.OfOther _ -> {}
      }
    }
    reading.created = Trie.of(created);
    reading.guards = Trie.of(guards);
    reading.allocated = Trie.of(allocated);
    base.created().forEach(reading::deleteObjectUnlessSeen);
    base.allocated().forEach(reading::deleteAllocationUnlessSeen);
    return reading.result(revision);
  }

  private Result result(long revision) {
    ConfigDelta delta =
        new ConfigDelta(
            revision,
            objects.build(revision).changes(),
            allocations.build(revision).changes(),
            false);
    return new Result(new Known(image.with(delta), created, guards, allocated), delta);
  }

  private void put(Entry entry) {
    switch (Layout.name(entry.key())) {
      case Layout.Name.OfObject(UUID uuid) -> {
        created = created.with(uuid, entry.createRevision());
        object(uuid, entry);
      }
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
    boolean same = before != null && before.revision() == entry.modRevision();
    objects.add(uuid, before, same ? before : Layout.object(entry));
  }

  private void allocation(AllocationKey key, @Nullable String owner) {
    allocations.add(key, image.owner(key), owner);
  }

  private void delete(Key key) {
    switch (Layout.name(key)) {
      case Layout.Name.OfObject(UUID uuid) -> {
        created = created.without(uuid);
        change(uuid, null);
      }
      case Layout.Name.OfGuard(UUID uuid) -> guards = guards.without(uuid);
      case Layout.Name.OfAllocation(AllocationKey allocation) -> {
        allocated = allocated.without(allocation);
        allocation(allocation, null);
      }
      case Layout.Name.OfOther _ -> {}
    }
  }

  private void change(UUID uuid, @Nullable ConfigObject after) {
    objects.add(uuid, image.object(uuid), after);
  }

  private void deleteObjectUnlessSeen(UUID uuid, Long createRevision) {
    if (!created.contains(uuid)) {
      change(uuid, null);
    }
  }

  private void deleteAllocationUnlessSeen(AllocationKey key, Long revision) {
    if (!allocated.contains(key)) {
      allocation(key, null);
    }
  }
}
