package weft.api.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.api.access.Caller;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.config.ConfigTransaction;
import weft.config.IntegerPool;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** What one request is going to do to the config, gathered in memory and committed as one. */
public final class Edit {
  private final Caller caller;
  private final ConfigImage image;
  private final Claims claims;
  private final Instant now;
  private final Supplier<UUID> uuids;
  private final List<ConfigObject> creates = new ArrayList<>();
  private final Map<UUID, ConfigObject> replaces = new LinkedHashMap<>();
  private final List<ConfigObject> deletes = new ArrayList<>();
  private final Map<AllocationKey, String> allocations = new LinkedHashMap<>();
  private final Set<AllocationKey> frees = new LinkedHashSet<>();
  private final Set<ConfigObject> relied = new LinkedHashSet<>();
  private final Set<ConfigObject> undisturbed = new LinkedHashSet<>();
  private boolean contended;

  /** Says whether a free value may be taken, now that other requests are under way. */
  @FunctionalInterface
  public interface Claims {
    /** True if nobody else claims the value; it is then claimed until the request ends. */
    boolean claim(AllocationKey key);
  }

  /**
   * @param caller who asks for it
   * @param now the time that new and changed objects bear
   * @param uuids where uuids for new objects come from
   */
  public Edit(Caller caller, ConfigImage image, Claims claims, Instant now, Supplier<UUID> uuids) {
    this.caller = caller;
    this.image = image;
    this.claims = claims;
    this.now = now;
    this.uuids = uuids;
  }

  /** Who asks for it. */
  public Caller caller() {
    return caller;
  }

  public Instant now() {
    return now;
  }

  public UUID newUuid() {
    return uuids.get();
  }

  public ConfigImage image() {
    return image;
  }

  public void create(ConfigObject object) {
    creates.add(object);
  }

  /** Replaces an object; what an earlier step of this request made of it is lost. */
  public void replace(ConfigObject object) {
    replaces.put(object.uuid(), object);
  }

  /** Demands that an object stays as it is until the commit: what is done depends on it. */
  public void rely(ConfigObject object) {
    relied.add(object);
  }

  /** Demands that until the commit nobody comes to rely on an object or to refer to it. */
  public void demandUndisturbed(ConfigObject object) {
    undisturbed.add(object);
  }

  public void delete(ConfigObject object) {
    replaces.remove(object.uuid());
    deletes.add(object);
  }

  /** The object as this request leaves it so far. */
  public @Nullable ConfigObject current(UUID uuid) {
    for (ConfigObject created : creates) {
      if (created.uuid().equals(uuid)) {
        return created;
      }
    }
    ConfigObject replaced = replaces.get(uuid);
    return replaced == null ? image.object(uuid) : replaced;
  }

  /** The object of that name, be it made by this request. */
  public @Nullable ConfigObject current(String type, FqName name) {
    for (ConfigObject created : creates) {
      if (created.fqName().equals(name) && created.type().name().equals(type)) {
        return created;
      }
    }
    ConfigObject stored = image.object(type, name);
    return stored == null ? null : current(stored.uuid());
  }

  /**
   * Takes a value for `owner`.
   *
   * @return false if it has an owner, or another request is about to take it
   */
  public boolean allocate(AllocationKey key, String owner) {
    if (!isFree(key)) {
      return false;
    }
    if (!claims.claim(key)) {
      contended = true;
      return false;
    }
    contended = false; // What was passed over did not matter.
    allocations.put(key, owner);
    return true;
  }

  /** Takes the lowest value of a pool that is free; empty if there is none. */
  public OptionalLong allocateLowest(IntegerPool pool, String owner) {
    return image.lowestFree(pool, each -> !allocate(pool.key(each), owner));
  }

  public boolean isFree(AllocationKey key) {
    return !allocations.containsKey(key) && (frees.contains(key) || image.owner(key) == null);
  }

  public void free(AllocationKey key) {
    if (allocations.remove(key) == null) {
      frees.add(key);
    }
  }

  public void free(String pool, String value) {
    free(new AllocationKey(pool, value));
  }

  /** True if values were passed over because other requests may take them, and none was found. */
  public boolean contended() {
    return contended;
  }

  public boolean isEmpty() {
    return creates.isEmpty()
        && replaces.isEmpty()
        && deletes.isEmpty()
        && allocations.isEmpty()
        && frees.isEmpty();
  }

  public void writeTo(ConfigTransaction transaction) {
    relied.forEach(transaction::rely);
    undisturbed.forEach(transaction::demandUndisturbed);
    frees.forEach(transaction::free);
    creates.forEach(transaction::create);
    replaces.values().forEach(transaction::replace);
    deletes.forEach(transaction::delete);
    allocations.forEach(transaction::allocate);
  }
}
