package weft.config;

import static java.util.Objects.requireNonNull;

import java.util.AbstractCollection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import weft.net.IpAddress;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Change;

/**
 * The whole config at one revision, with its indices.
 *
 * <p>An image never changes: {@link #with} makes the next one, which shares with it all that stayed
 * the same. Any thread may read it, for as long as it likes.
 */
public final class ConfigImage {
  public static final ConfigImage EMPTY =
      new ConfigImage(0, 0, Trie.empty(), Trie.empty(), Trie.empty());

  private static final Comparator<ConfigObject> BY_NAME =
      Comparator.<ConfigObject, String>comparing(object -> object.type().name())
          .thenComparing(ConfigObject::fqName)
          .thenComparing(ConfigObject::uuid);

  /** What is known under a uuid. The object is absent only while a delta is being applied. */
  record Place(
      @Nullable ConfigObject object, Trie<UUID, Boolean> children, Trie<UUID, Boolean> referrers) {
    static final Place NONE = new Place(null, Trie.empty(), Trie.empty());

    boolean isEmpty() {
      return object == null && children.isEmpty() && referrers.isEmpty();
    }
  }

  private final long revision;
  private final int size;
  private final Trie<UUID, Place> places;

  /** By name of type. */
  private final Trie<String, TreePMap<FqName, UUID>> names;

  private final Trie<String, Pool> pools;

  private ConfigImage(
      long revision,
      int size,
      Trie<UUID, Place> places,
      Trie<String, TreePMap<FqName, UUID>> names,
      Trie<String, Pool> pools) {
    this.revision = revision;
    this.size = size;
    this.places = places;
    this.names = names;
    this.pools = pools;
  }

  /** The image that `delta` leads to; a snapshot leads there from anywhere. */
  public ConfigImage with(ConfigDelta delta) {
    if (delta.snapshot() || size == 0 && pools.isEmpty()) {
      return whole(delta);
    }
    Next next = new Next(this);
    for (Change<UUID, ConfigObject> change : delta.objects()) {
      switch (change) {
        case Change.Put<UUID, ConfigObject> put -> next.put(put.key(), put.after());
        case Change.Remove<UUID, ConfigObject> remove -> next.put(remove.key(), null);
      }
    }
    for (Change<AllocationKey, String> change : delta.allocations()) {
      switch (change) {
        case Change.Put<AllocationKey, String> put -> next.own(put.key(), put.after());
        case Change.Remove<AllocationKey, String> remove -> next.own(remove.key(), null);
      }
    }
    return next.build(delta.revision());
  }

  /** The same as putting one after the other, without the images in between. */
  private static ConfigImage whole(ConfigDelta delta) {
    List<ConfigObject> objects = new ArrayList<>(delta.objects().size());
    for (Change<UUID, ConfigObject> change : delta.objects()) {
      if (change instanceof Change.Put<UUID, ConfigObject> put) {
        objects.add(put.after());
      }
    }
    Map<String, SortedMap<String, String>> owners = new HashMap<>();
    for (Change<AllocationKey, String> change : delta.allocations()) {
      if (change
          instanceof Change.Put<AllocationKey, String>(AllocationKey key, var _, String owner)) {
        owners.computeIfAbsent(key.pool(), first -> new TreeMap<>()).put(key.value(), owner);
      }
    }
    return whole(delta.revision(), objects, owners);
  }

  /**
   * The image of all these objects and allocations.
   *
   * @param owners by pool and value
   */
  static ConfigImage whole(
      long revision, List<ConfigObject> objects, Map<String, SortedMap<String, String>> owners) {
    Map<String, Pool> pools = HashMap.newHashMap(owners.size());
    owners.forEach((name, ofPool) -> pools.put(name, Pool.of(ofPool)));
    Trie<UUID, Place> places = new Indices(objects).places();
    return new ConfigImage(revision, objects.size(), places, NameIndex.of(objects), Trie.of(pools));
  }

  /** The image under way to the next. */
  private static final class Next {
    private int size;
    private Trie<UUID, Place> places;
    private Trie<String, TreePMap<FqName, UUID>> names;
    private Trie<String, Pool> pools;

    Next(ConfigImage image) {
      this.size = image.size;
      this.places = image.places;
      this.names = image.names;
      this.pools = image.pools;
    }

    private Place place(UUID uuid) {
      Place place = places.get(uuid);
      return place == null ? Place.NONE : place;
    }

    private void place(UUID uuid, Place place) {
      places = place.isEmpty() ? places.without(uuid) : places.with(uuid, place);
    }

    void put(UUID uuid, @Nullable ConfigObject after) {
      Place place = place(uuid);
      ConfigObject before = place.object();
      place(uuid, new Place(after, place.children(), place.referrers()));
      size += (after == null ? 0 : 1) - (before == null ? 0 : 1);
      name(before, after);
      UUID parentBefore = before == null ? null : before.parentUuid();
      UUID parentAfter = after == null ? null : after.parentUuid();
      if (!Objects.equals(parentBefore, parentAfter)) {
        child(parentBefore, uuid, false);
        child(parentAfter, uuid, true);
      }
      Set<UUID> targetsBefore = before == null ? Set.of() : before.targets();
      Set<UUID> targetsAfter = after == null ? Set.of() : after.targets();
      targetsBefore.forEach(target -> {
        if (!targetsAfter.contains(target)) {
          referrer(target, uuid, false);
        }
      });
      targetsAfter.forEach(target -> {
        if (!targetsBefore.contains(target)) {
          referrer(target, uuid, true);
        }
      });
    }

    private void name(@Nullable ConfigObject before, @Nullable ConfigObject after) {
      if (before != null && after != null && before.fqName().equals(after.fqName())) {
        return;
      }
      if (before != null) {
        TreePMap<FqName, UUID> ofType = ofType(before);
        // In one delta the name may have gone to another object already.
        if (before.uuid().equals(ofType.get(before.fqName()))) {
          names = names.with(before.type().name(), ofType.minus(before.fqName()));
        }
      }
      if (after != null) {
        names = names.with(after.type().name(), ofType(after).plus(after.fqName(), after.uuid()));
      }
    }

    private TreePMap<FqName, UUID> ofType(ConfigObject object) {
      TreePMap<FqName, UUID> ofType = names.get(object.type().name());
      return ofType == null ? TreePMap.empty() : ofType;
    }

    private void child(@Nullable UUID parent, UUID child, boolean present) {
      if (parent != null) {
        Place place = place(parent);
        Trie<UUID, Boolean> children = toggled(place.children(), child, present);
        place(parent, new Place(place.object(), children, place.referrers()));
      }
    }

    private void referrer(UUID target, UUID referrer, boolean present) {
      Place place = place(target);
      Trie<UUID, Boolean> referrers = toggled(place.referrers(), referrer, present);
      place(target, new Place(place.object(), place.children(), referrers));
    }

    private static Trie<UUID, Boolean> toggled(
        Trie<UUID, Boolean> set, UUID uuid, boolean present) {
      return present ? set.with(uuid, true) : set.without(uuid);
    }

    void own(AllocationKey key, @Nullable String owner) {
      Pool before = pools.get(key.pool());
      Pool pool = before == null ? Pool.EMPTY : before;
      Pool after = owner == null ? pool.without(key.value()) : pool.with(key.value(), owner);
      pools = after.isEmpty() ? pools.without(key.pool()) : pools.with(key.pool(), after);
    }

    ConfigImage build(long revision) {
      return new ConfigImage(revision, size, places, names, pools);
    }
  }

  /** The revision of the store that the image shows. */
  public long revision() {
    return revision;
  }

  /** The number of objects. */
  public int size() {
    return size;
  }

  public @Nullable ConfigObject object(UUID uuid) {
    Place place = places.get(uuid);
    return place == null ? null : place.object();
  }

  public @Nullable ConfigObject object(String type, FqName fqName) {
    TreePMap<FqName, UUID> ofType = names.get(type);
    UUID uuid = ofType == null ? null : ofType.get(fqName);
    return uuid == null ? null : object(uuid);
  }

  /** All objects of a type, in order of name. */
  public Collection<ConfigObject> objects(String type) {
    TreePMap<FqName, UUID> ofType = names.get(type);
    return ofType == null ? List.of() : listed(ofType.values());
  }

  /** The objects of a type whose name is behind `after`, in order of name. */
  public Collection<ConfigObject> objects(String type, FqName after) {
    TreePMap<FqName, UUID> ofType = names.get(type);
    return ofType == null ? List.of() : listed(ofType.tailMap(after, false).values());
  }

  /** A view that reads as it is walked, for a caller that takes only a page of a million. */
  private Collection<ConfigObject> listed(Collection<UUID> uuids) {
    return new AbstractCollection<>() {
      @Override
      public int size() {
        return uuids.size();
      }

      @Override
      public Iterator<ConfigObject> iterator() {
        Iterator<UUID> each = uuids.iterator();
        return new Iterator<>() {
          @Override
          public boolean hasNext() {
            return each.hasNext();
          }

          @Override
          public ConfigObject next() {
            return requireNonNull(object(each.next()));
          }
        };
      }
    };
  }

  /** The objects whose parent is `uuid`, in order of type and name. */
  public List<ConfigObject> children(UUID uuid) {
    Place place = places.get(uuid);
    return place == null ? List.of() : sorted(place.children(), null);
  }

  /** The children of one type, in order of name. */
  public List<ConfigObject> children(UUID uuid, String type) {
    Place place = places.get(uuid);
    return place == null ? List.of() : sorted(place.children(), type);
  }

  /** The objects that refer to `uuid`, in order of type and name. */
  public List<ConfigObject> referrers(UUID uuid) {
    Place place = places.get(uuid);
    return place == null ? List.of() : sorted(place.referrers(), null);
  }

  /** The referrers of one type, in order of name. */
  public List<ConfigObject> referrers(UUID uuid, String type) {
    Place place = places.get(uuid);
    return place == null ? List.of() : sorted(place.referrers(), type);
  }

  private List<ConfigObject> sorted(Trie<UUID, Boolean> uuids, @Nullable String type) {
    List<ConfigObject> found = new ArrayList<>(uuids.size());
    uuids.forEach((uuid, present) -> {
      ConfigObject object = object(uuid);
      if (object != null && (type == null || object.type().name().equals(type))) {
        found.add(object);
      }
    });
    found.sort(BY_NAME);
    return found;
  }

  /** The owner of a value; null if it is free. */
  public @Nullable String owner(AllocationKey key) {
    return pool(key.pool()).owners().get(key.value());
  }

  /** The values of a pool that have an owner, with it, in order of the values' text. */
  public SortedMap<String, String> allocations(String pool) {
    return Collections.unmodifiableSortedMap(pool(pool).owners());
  }

  /** The lowest value of a pool that has no owner; empty if all have. */
  public OptionalLong lowestFree(IntegerPool pool) {
    return pool(pool.name()).lowestFree(pool.first(), pool.last(), none -> false);
  }

  /**
   * The lowest value of a pool that has no owner and is not to be avoided.
   *
   * @param avoid asked of values without owner, lowest first, until it says no
   */
  public OptionalLong lowestFree(IntegerPool pool, LongPredicate avoid) {
    return pool(pool.name()).lowestFree(pool.first(), pool.last(), avoid);
  }

  /**
   * The lowest address of a pool of addresses that has no owner and is not to be avoided; null if
   * there is none.
   *
   * @param avoid asked of addresses without owner, lowest first, until it says no
   */
  public @Nullable IpAddress lowestFreeAddress(
      String pool, IpAddress first, IpAddress last, Predicate<IpAddress> avoid) {
    return pool(pool).lowestFree(first, last, avoid);
  }

  /** As {@link #lowestFreeAddress}, from the highest address downwards. */
  public @Nullable IpAddress highestFreeAddress(
      String pool, IpAddress first, IpAddress last, Predicate<IpAddress> avoid) {
    return pool(pool).highestFree(first, last, avoid);
  }

  Pool pool(String name) {
    Pool pool = pools.get(name);
    return pool == null ? Pool.EMPTY : pool;
  }

  void forEachObject(BiConsumer<UUID, ConfigObject> action) {
    places.forEach((uuid, place) -> {
      ConfigObject object = place.object();
      if (object != null) {
        action.accept(uuid, object);
      }
    });
  }

  /** Tells of every value that has an owner. */
  public void forEachAllocation(BiConsumer<AllocationKey, String> action) {
    pools.forEach((name, pool) ->
        pool.owners()
            .forEach((value, owner) -> action.accept(new AllocationKey(name, value), owner)));
  }
}
