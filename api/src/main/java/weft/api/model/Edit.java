package weft.api.model;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import weft.api.access.Access;
import weft.api.access.Caller;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.config.ConfigTransaction;
import weft.config.IntegerPool;
import weft.config.Preview;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Change;

/**
 * What one request is going to do to the config, gathered in memory and committed as one.
 *
 * <p>A request may take several steps, each a call of {@link ObjectChanges}: a step sees in {@link
 * #image} what the steps before it have done.
 */
public final class Edit {
  private Access access;
  private final ConfigImage stored;
  private final Claims claims;
  private final Instant now;
  private final Supplier<UUID> uuids;

  /** The objects created or replaced, as they are going to be. */
  private final Map<UUID, ConfigObject> written = new LinkedHashMap<>();

  private final Set<UUID> created = new HashSet<>();

  /** The objects that the present step created. */
  private final List<ConfigObject> fresh = new ArrayList<>();

  private final Map<UUID, ConfigObject> deleted = new LinkedHashMap<>();

  /** All that is deleted, also what this request created before. */
  private final Set<UUID> removed = new LinkedHashSet<>();

  private final Map<AllocationKey, String> allocations = new LinkedHashMap<>();
  private final Set<AllocationKey> frees = new LinkedHashSet<>();
  private final Set<AllocationKey> claimed = new HashSet<>();
  private final Set<FqName> chosen = new HashSet<>();
  private final Set<ConfigObject> relied = new LinkedHashSet<>();
  private final Set<ConfigObject> undisturbed = new LinkedHashSet<>();
  private boolean contended;

  /** The changes that the preview does not show yet, and how many of them are of complete steps. */
  private final List<Consumer<Preview>> pending = new ArrayList<>();

  private int complete;
  private @Nullable Preview preview;

  /** What the present step is called in refusals, and which step wrote what. */
  private @Nullable String label;

  private final Map<UUID, String> labels = new HashMap<>();

  /** Says whether a free value may be taken, now that other requests are under way. */
  @FunctionalInterface
  public interface Claims {
    /** True if nobody else claims the value; it is then claimed until the request ends. */
    boolean claim(AllocationKey key);
  }

  /**
   * @param access what who asks for it may do
   * @param now the time that new and changed objects bear
   * @param uuids where uuids for new objects come from
   */
  public Edit(Access access, ConfigImage image, Claims claims, Instant now, Supplier<UUID> uuids) {
    this.access = access;
    this.stored = image;
    this.claims = claims;
    this.now = now;
    this.uuids = uuids;
  }

  /** Who asks for it. */
  public Caller caller() {
    return access.caller();
  }

  /** What the caller may do. */
  public Access access() {
    return access;
  }

  /**
   * Runs what the server does by itself because of a request: the caller is not asked for rights.
   */
  <T> T asServer(Supplier<T> action) {
    Access callers = access;
    access = Access.UNLIMITED;
    try {
      return action.get();
    } finally {
      access = callers;
    }
  }

  public Instant now() {
    return now;
  }

  public UUID newUuid() {
    return uuids.get();
  }

  /** The config as the complete steps of this request leave it. */
  public ConfigImage image() {
    if (complete > 0) {
      if (preview == null) {
        preview = new Preview(stored);
      }
      List<Consumer<Preview>> shown = pending.subList(0, complete);
      for (Consumer<Preview> change : shown) {
        change.accept(preview);
      }
      shown.clear();
      complete = 0;
    }
    return preview == null ? stored : preview.image();
  }

  /** Whether this request creates or replaces an object. */
  public boolean writes(UUID uuid) {
    return written.containsKey(uuid);
  }

  /** Ends a step: what comes next sees what it did. */
  void completeStep() {
    complete = pending.size();
    fresh.clear();
  }

  /** Names the step that begins, for {@link #attributed}. */
  public void beginStep(String name) {
    label = name;
  }

  /** A refusal of what was to become of an object, with the name of the step that did it. */
  public HttpError attributed(UUID object, HttpError refusal) {
    String step = labels.get(object);
    return step == null ? refusal : new HttpError(refusal.status(), step + ": " + refusal.text());
  }

  private void touch(UUID uuid, Consumer<Preview> change) {
    pending.add(change);
    if (label != null) {
      labels.put(uuid, label);
    }
  }

  public void create(ConfigObject object) {
    if (removed.contains(object.uuid())) {
      throw HttpError.conflict(object.uuid() + " is deleted by the same request");
    }
    written.put(object.uuid(), object);
    created.add(object.uuid());
    fresh.add(object);
    touch(object.uuid(), preview -> preview.put(object));
  }

  /** Replaces an object; what an earlier step of this request made of it is lost. */
  public void replace(ConfigObject object) {
    written.put(object.uuid(), object);
    touch(object.uuid(), preview -> preview.put(object));
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
    written.remove(object.uuid());
    removed.add(object.uuid());
    if (!created.remove(object.uuid())) {
      deleted.put(object.uuid(), object);
    }
    touch(object.uuid(), preview -> preview.delete(object));
  }

  /** The object as this request leaves it so far. */
  public @Nullable ConfigObject current(UUID uuid) {
    ConfigObject now = written.get(uuid);
    if (now != null) {
      return now;
    }
    return removed.contains(uuid) ? null : image().object(uuid);
  }

  /** The object of that name, be it made by this request. */
  public @Nullable ConfigObject current(String type, FqName name) {
    for (ConfigObject object : fresh) {
      if (object.fqName().equals(name) && object.type().name().equals(type)) {
        return current(object.uuid());
      }
    }
    ConfigObject known = image().object(type, name);
    return known == null ? null : current(known.uuid());
  }

  /**
   * Takes a value for `owner`.
   *
   * @return false if it has an owner, or another request is about to take it
   */
  public boolean allocate(AllocationKey key, String owner) {
    return isFree(key) && take(key, owner);
  }

  /** Takes a value that has no owner and is not taken by this request yet. */
  private boolean take(AllocationKey key, String owner) {
    if (!claimed.contains(key) && !claims.claim(key)) {
      contended = true;
      return false;
    }
    contended = false; // What was passed over did not matter.
    claimed.add(key);
    allocations.put(key, owner);
    pending.add(preview -> preview.own(key, owner));
    return true;
  }

  /** Takes the lowest value of a pool that is free; empty if there is none. */
  public OptionalLong allocateLowest(IntegerPool pool, String owner) {
    return allocateLowest(pool, owner, () -> {});
  }

  /**
   * As the other.
   *
   * @param tried runs before each value without owner that may be taken, and may throw
   */
  OptionalLong allocateLowest(IntegerPool pool, String owner, Runnable tried) {
    return image()
        .lowestFree(
            pool,
            each -> {
              tried.run();
              AllocationKey key = pool.key(each);
              return allocations.containsKey(key) || !take(key, owner);
            });
  }

  /** Who has a value, as far as this request leaves it. */
  @Nullable String owner(AllocationKey key) {
    String own = allocations.get(key);
    return own != null || frees.contains(key) ? own : image().owner(key);
  }

  public boolean isFree(AllocationKey key) {
    return !allocations.containsKey(key) && (frees.contains(key) || image().owner(key) == null);
  }

  public void free(AllocationKey key) {
    if (allocations.remove(key) == null) {
      frees.add(key);
    }
    pending.add(preview -> preview.own(key, null));
  }

  public void free(String pool, String value) {
    free(new AllocationKey(pool, value));
  }

  /** True if values were passed over because other requests may take them, and none was found. */
  public boolean contended() {
    return contended;
  }

  public boolean isEmpty() {
    return written.isEmpty() && deleted.isEmpty() && allocations.isEmpty() && frees.isEmpty();
  }

  /** The objects that are deleted, also those that this request created before. */
  public Set<UUID> removed() {
    return Collections.unmodifiableSet(removed);
  }

  /** What becomes of each object, in the order first touched; not what follows from deletions. */
  public List<Change<UUID, ConfigObject>> changes() {
    List<Change<UUID, ConfigObject>> changes = new ArrayList<>();
    written.forEach(
        (uuid, after) -> changes.add(new Change.Put<>(uuid, stored.object(uuid), after)));
    deleted.forEach((uuid, before) -> changes.add(new Change.Remove<>(uuid, before)));
    return changes;
  }

  public void writeTo(ConfigTransaction transaction) {
    relied.stream().filter(this::isStored).forEach(transaction::rely);
    undisturbed.stream().filter(this::isStored).forEach(transaction::demandUndisturbed);
    frees.forEach(transaction::free);
    written.forEach((uuid, object) -> {
      if (created.contains(uuid)) {
        transaction.create(object);
      } else {
        transaction.replace(object);
      }
    });
    deleted.values().forEach(transaction::delete);
    allocations.forEach(transaction::allocate);
  }

  /** A name of the server's own choosing: if it is taken in the meantime, another will do. */
  void choose(FqName name) {
    chosen.add(name);
  }

  public boolean chose(FqName name) {
    return chosen.contains(name);
  }

  /** What this request makes itself nobody else can change. */
  private boolean isStored(ConfigObject object) {
    return stored.object(object.uuid()) != null;
  }
}
