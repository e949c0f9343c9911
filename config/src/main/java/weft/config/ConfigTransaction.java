package weft.config;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.store.Compare;

/**
 * Changes to the config that are to happen together or not at all, gathered by one thread.
 *
 * <p>Made by {@link ConfigDb#transaction} and committed there, once. What is checked at the commit:
 *
 * <ul>
 *   <li>type and name of a created object are not taken, nor is its uuid;
 *   <li>parent and referred objects of a created or replaced object exist;
 *   <li>a replaced or deleted object is still at the revision that the caller read;
 *   <li>no object has a deleted one as its parent or refers to it, after the transaction. Children
 *       and references that the schema calls derived do not count: the children are deleted too,
 *       the references dropped;
 *   <li>an allocated value has no owner.
 * </ul>
 *
 * <p>All of it is judged by what the transaction leads to: an object may refer to one that is
 * created with it, take the name of one that is deleted with it, and so on.
 */
public final class ConfigTransaction {
  /** What is to become of one object. */
  sealed interface Write {
    ConfigObject object();

    record Create(ConfigObject object) implements Write {}

    record Replace(ConfigObject object) implements Write {}

    record Delete(ConfigObject object) implements Write {}
  }

  private final ConfigDb db;
  private final ConfigImage image;
  private final Map<UUID, Write> writes = new LinkedHashMap<>();
  private final Map<AllocationKey, String> allocations = new LinkedHashMap<>();
  private final Set<AllocationKey> freed = new HashSet<>();
  private final Set<AllocationKey> picked = new HashSet<>();
  private final Set<AllocationKey> claimed = new HashSet<>();
  private final Map<UUID, ConfigObject> relied = new LinkedHashMap<>();
  private final Map<UUID, ConfigObject> undisturbed = new LinkedHashMap<>();
  private @Nullable Compare fence;
  private boolean committed;

  ConfigTransaction(ConfigDb db, ConfigImage image) {
    this.db = db;
    this.image = image;
  }

  /** The config as it was when the transaction was begun. */
  public ConfigImage image() {
    return image;
  }

  /** Adds a new object; its body has uuid and fq_name, and parent_uuid unless it is a root. */
  public ConfigTransaction create(ConfigObject object) {
    if (writes.putIfAbsent(object.uuid(), new Write.Create(object)) != null) {
      throw new IllegalArgumentException(object.uuid() + " is in the transaction already");
    }
    return this;
  }

  /**
   * Writes an object anew.
   *
   * @param object type, uuid, name and parent stay as they are; its revision is the one that the
   *     caller read
   */
  public ConfigTransaction replace(ConfigObject object) {
    Write before = writes.get(object.uuid());
    writes.put(
        object.uuid(),
        switch (before) {
          case null -> new Write.Replace(object);
          case Write.Create _ -> new Write.Create(object);
          case Write.Replace(ConfigObject read) ->
              new Write.Replace(object.withRevision(read.revision()));
          case Write.Delete _ ->
              throw new IllegalArgumentException(object.uuid() + " is deleted in the transaction");
        });
    return this;
  }

  /**
   * Deletes an object.
   *
   * @param object its revision is the one that the caller read
   */
  public ConfigTransaction delete(ConfigObject object) {
    switch (writes.get(object.uuid())) {
      case null -> writes.put(object.uuid(), new Write.Delete(object));
      case Write.Create _ -> writes.remove(object.uuid());
      case Write.Replace(ConfigObject read) ->
          writes.put(object.uuid(), new Write.Delete(object.withRevision(read.revision())));
      case Write.Delete _ -> {}
    }
    return this;
  }

  /**
   * Demands that an object is still at the revision that the caller read, although it is not
   * written: what is written was decided by its contents.
   */
  public ConfigTransaction rely(ConfigObject object) {
    relied.put(object.uuid(), object);
    return this;
  }

  /**
   * Demands that since this transaction was begun nobody has come to refer to an object, to be its
   * child or to {@link #rely} on it.
   */
  public ConfigTransaction demandUndisturbed(ConfigObject object) {
    undisturbed.put(object.uuid(), object);
    return this;
  }

  /**
   * Demands something of the store beside the config: that the one who writes still has the right
   * to. If that has ended, the commit says so by {@link ConfigOutcome.Fenced}.
   */
  public ConfigTransaction fence(Compare right) {
    fence = right;
    return this;
  }

  /** Gives a value to an owner. */
  public ConfigTransaction allocate(AllocationKey key, String owner) {
    if (allocations.putIfAbsent(key, owner) != null) {
      throw new IllegalArgumentException(key + " is allocated in the transaction already");
    }
    return this;
  }

  /** Gives a value to an owner. */
  public ConfigTransaction allocate(String pool, String value, String owner) {
    return allocate(new AllocationKey(pool, value), owner);
  }

  /**
   * Gives a value to an owner, as one of several that would do: should someone else be faster, the
   * commit says so by {@link ConfigOutcome.AllocationTaken}, and {@link ConfigDb#commitRetrying}
   * lets the caller pick anew. Nobody else in this process picks the value meanwhile: a transaction
   * that is not committed after all has to be {@link #abandon abandoned}.
   *
   * @return false if the value is not free as far as is known; nothing is done then
   */
  public boolean pick(AllocationKey key, String owner) {
    if (!db.seemsFree(key) || allocations.containsKey(key) || !claim(key)) {
      return false;
    }
    picked.add(key);
    allocate(key, owner);
    return true;
  }

  /** Keeps others in this process from picking a value; false if another does so. */
  boolean claim(AllocationKey key) {
    return claimed.contains(key) || (db.claim(key) && claimed.add(key));
  }

  /**
   * Lets others pick what this transaction has picked: for one that is not going to be committed.
   */
  public void abandon() {
    claimed.forEach(db::release);
    claimed.clear();
  }

  /**
   * Picks the lowest value of a pool that seems to be free, see {@link #pick}.
   *
   * @return the value; empty if the pool is exhausted
   */
  public OptionalLong allocateLowest(IntegerPool pool, String owner) {
    while (true) {
      OptionalLong value =
          db.image()
              .lowestFree(
                  pool,
                  each -> allocations.containsKey(pool.key(each)) || !db.seemsFree(pool.key(each)));
      if (value.isEmpty() || pick(pool.key(value.getAsLong()), owner)) {
        return value;
      }
    }
  }

  /** Takes a value back from its owner; nothing happens if it has none. */
  public ConfigTransaction free(AllocationKey key) {
    if (allocations.containsKey(key)) {
      throw new IllegalArgumentException(key + " is allocated in the transaction");
    }
    freed.add(key);
    return this;
  }

  /** Takes a value back from its owner; nothing happens if it has none. */
  public ConfigTransaction free(String pool, String value) {
    return free(new AllocationKey(pool, value));
  }

  /** Whether there is nothing to commit. */
  public boolean isEmpty() {
    return writes.isEmpty() && allocations.isEmpty() && freed.isEmpty();
  }

  @Nullable Write write(UUID uuid) {
    return writes.get(uuid);
  }

  Map<UUID, Write> writes() {
    return writes;
  }

  Map<AllocationKey, String> allocations() {
    return allocations;
  }

  Set<AllocationKey> freed() {
    return freed;
  }

  boolean isPicked(AllocationKey key) {
    return picked.contains(key);
  }

  @Nullable Compare fence() {
    return fence;
  }

  Collection<ConfigObject> relied() {
    return relied.values();
  }

  Collection<ConfigObject> undisturbed() {
    return undisturbed.values();
  }

  /** A second commit would decide on what the first has changed. */
  void seal() {
    if (committed) {
      throw new IllegalStateException("the transaction was committed before");
    }
    committed = true;
  }
}
