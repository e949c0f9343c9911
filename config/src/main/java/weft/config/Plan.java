package weft.config;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigTransaction.Write;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.schema.ReferenceType;
import weft.store.Compare;
import weft.store.Key;
import weft.store.Transaction;

/**
 * Works out what a transaction on the config means for the store, by what is known of it.
 *
 * <p>Whatever the plan relies on becomes a comparison, so that the store refuses it if that has
 * changed: see the invariants in DESIGN.
 */
final class Plan {
  sealed interface Result {
    /** The checks hold as far as is known; the store has the last word. */
    record Ready(Transaction transaction) implements Result {}

    /** A check fails as far as is known. */
    record Refused(ConfigOutcome outcome) implements Result {}
  }

  private final Known known;
  private final ConfigImage image;
  private final ConfigTransaction asked;

  /** What is asked for, and what follows from it by derived children and references. */
  private final Map<UUID, Write> writes;

  private final Map<Key, Compare> compares = new LinkedHashMap<>();
  private final Transaction.Builder transaction = Transaction.builder();
  private final Set<UUID> guarded = new LinkedHashSet<>();
  private final Map<String, UUID> namesTaken = new HashMap<>();

  private Plan(ConfigTransaction asked, Known known) {
    this.known = known;
    this.image = known.image();
    this.asked = asked;
    this.writes = new LinkedHashMap<>(asked.writes());
  }

  static Result of(ConfigTransaction asked, Known known) {
    Plan plan = new Plan(asked, known);
    ConfigOutcome refusal = plan.check();
    return refusal == null ? new Result.Ready(plan.build()) : new Result.Refused(refusal);
  }

  private @Nullable ConfigOutcome check() {
    ConfigOutcome refusal = checkBasis();
    if (refusal == null) {
      refusal = checkSurroundings();
    }
    if (refusal == null) {
      refusal = cascade();
    }
    for (Write write : List.copyOf(writes.values())) {
      if (refusal != null) {
        return refusal;
      }
      refusal =
          switch (write) {
            case Write.Create(ConfigObject object) -> create(object);
            case Write.Replace(ConfigObject object) -> replace(object);
            case Write.Delete(ConfigObject object) -> delete(object);
          };
    }
    return refusal == null ? allocate() : refusal;
  }

  private Transaction build() {
    for (UUID target : guarded) {
      if (!isDeleted(target)) {
        transaction.put(Layout.guard(target), new byte[0]);
      }
    }
    Compare fence = asked.fence();
    if (fence != null) {
      transaction.require(fence);
    }
    compares.values().forEach(transaction::require);
    return transaction.build();
  }

  /** The objects that the caller has read have to be as it read them. */
  private @Nullable ConfigOutcome checkBasis() {
    for (Write write : asked.writes().values()) {
      if (!(write instanceof Write.Create)) {
        ConfigObject read = write.object();
        ConfigObject now = image.object(read.uuid());
        if (now == null || now.revision() != read.revision()) {
          return new ConfigOutcome.Conflict(read.uuid(), now == null ? 0 : now.revision());
        }
        checkUnmoved(now, write);
      }
    }
    return null;
  }

  /** What the caller relies on without writing it. */
  private @Nullable ConfigOutcome checkSurroundings() {
    for (ConfigObject read : asked.relied()) {
      ConfigObject now = image.object(read.uuid());
      if (now == null || now.revision() != read.revision()) {
        return new ConfigOutcome.Conflict(read.uuid(), now == null ? 0 : now.revision());
      }
      require(Compare.modified(Layout.object(read.uuid()), read.revision()));
      guarded.add(read.uuid());
    }
    for (ConfigObject read : asked.undisturbed()) {
      long guardRevision = known.guardRevision(read.uuid());
      if (guardRevision > asked.image().revision()) {
        return new ConfigOutcome.Conflict(read.uuid(), read.revision());
      }
      require(Compare.modified(Layout.guard(read.uuid()), guardRevision));
    }
    return null;
  }

  private static void checkUnmoved(ConfigObject now, Write write) {
    ConfigObject then = write.object();
    if (write instanceof Write.Replace
        && !(now.type().equals(then.type())
            && now.fqName().equals(then.fqName())
            && Objects.equals(now.parentUuid(), then.parentUuid()))) {
      throw new IllegalArgumentException(
          "%s %s cannot become %s %s: type, name and parent stay"
              .formatted(now.type(), now.fqName(), then.type(), then.fqName()));
    }
  }

  /**
   * Deletes derived children with their parents and drops derived references to what is deleted.
   */
  private @Nullable ConfigOutcome cascade() {
    Deque<ConfigObject> deletes = new ArrayDeque<>();
    writes.values().stream()
        .filter(write -> write instanceof Write.Delete)
        .forEach(write -> deletes.add(write.object()));
    for (ConfigObject object = deletes.poll(); object != null; object = deletes.poll()) {
      List<ConfigObject> children = new ArrayList<>();
      for (ConfigObject child : image.children(object.uuid())) {
        if (writes.get(child.uuid()) instanceof Write.Delete) {
          continue;
        }
        if (Links.isDerivedChild(child, object)) {
          writes.put(child.uuid(), new Write.Delete(child));
          deletes.add(child);
        } else {
          children.add(child);
        }
      }
      List<ConfigObject> referrers = new ArrayList<>();
      for (ConfigObject referrer : image.referrers(object.uuid())) {
        if (!dropReference(referrer, object)) {
          referrers.add(referrer);
        }
      }
      if (!children.isEmpty() || !referrers.isEmpty()) {
        return new ConfigOutcome.StillReferenced(object, children, referrers);
      }
    }
    return null;
  }

  /** Sees to it that `referrer` does not refer to `object` any more; false if that may not be. */
  private boolean dropReference(ConfigObject referrer, ConfigObject object) {
    Write write = writes.get(referrer.uuid());
    if (write instanceof Write.Delete) {
      return true;
    }
    ConfigObject after = write == null ? referrer : write.object();
    if (!after.targets().contains(object.uuid())) {
      return true;
    }
    if (!Links.isDerivedReference(after, object)) {
      return false;
    }
    writes.put(referrer.uuid(), new Write.Replace(Links.dropped(after, object.uuid())));
    return true;
  }

  private @Nullable ConfigOutcome create(ConfigObject object) {
    ConfigObject holder = image.object(object.uuid());
    if (holder != null) {
      return new ConfigOutcome.UuidTaken(holder);
    }
    ConfigOutcome taken = takeName(object);
    if (taken != null) {
      return taken;
    }
    require(Compare.absent(Layout.object(object.uuid())));
    transaction.put(Layout.object(object.uuid()), Layout.bytes(object));
    UUID parent = object.parentUuid();
    if (parent != null) {
      ConfigOutcome missing = rely(object, String.valueOf(object.parentType()), parent);
      if (missing != null) {
        return missing;
      }
    }
    return relyOnTargets(object, Set.of());
  }

  private @Nullable ConfigOutcome takeName(ConfigObject object) {
    FqName name = object.fqName();
    Key key = Layout.fqName(object.type(), name);
    ConfigObject holder = image.object(object.type().name(), name);
    UUID other = namesTaken.putIfAbsent(key.text(), object.uuid());
    if (other == null && holder != null && !isDeleted(holder.uuid())) {
      other = holder.uuid();
    }
    if (other != null) {
      return new ConfigOutcome.NameTaken(object.type().name(), name, other);
    }
    if (holder == null) {
      require(Compare.absent(key)); // Else the holder's deletion is compared.
    }
    transaction.put(key, object.uuid().toString());
    return null;
  }

  private boolean isDeleted(UUID uuid) {
    return writes.get(uuid) instanceof Write.Delete;
  }

  private @Nullable ConfigOutcome replace(ConfigObject object) {
    Key key = Layout.object(object.uuid());
    compares.put(key, Compare.modified(key, object.revision()));
    transaction.put(key, Layout.bytes(object));
    ConfigObject before = image.object(object.uuid());
    return relyOnTargets(object, before == null ? Set.of() : before.targets());
  }

  /** What was referred to before exists, and its guard knows of it. */
  private @Nullable ConfigOutcome relyOnTargets(ConfigObject object, Set<UUID> before) {
    for (ReferenceType type : object.type().references()) {
      for (Ref ref : object.refs(type.targetName())) {
        if (!before.contains(ref.uuid()) || isDeleted(ref.uuid())) {
          ConfigOutcome missing = rely(object, type.targetName(), ref.uuid());
          if (missing != null) {
            return missing;
          }
        }
      }
    }
    return null;
  }

  /** Makes sure that the target of a new link stays, and that who would delete it hears of it. */
  private @Nullable ConfigOutcome rely(ConfigObject referrer, String type, UUID target) {
    Write write = writes.get(target);
    if (write instanceof Write.Create) {
      return null;
    }
    long created = known.createRevision(target);
    if (created == 0 || write instanceof Write.Delete) {
      return new ConfigOutcome.Missing(referrer, type, target);
    }
    require(Compare.created(Layout.object(target), created));
    guarded.add(target);
    return null;
  }

  /** Adds a comparison, unless there is one of the key already: that would be as strict. */
  private void require(Compare compare) {
    compares.putIfAbsent(compare.key(), compare);
  }

  private @Nullable ConfigOutcome delete(ConfigObject object) {
    Key key = Layout.object(object.uuid());
    compares.put(key, Compare.modified(key, object.revision()));
    transaction.delete(key);
    Key guard = Layout.guard(object.uuid());
    long guardRevision = known.guardRevision(object.uuid());
    require(Compare.modified(guard, guardRevision));
    if (guardRevision != 0) {
      transaction.delete(guard);
    }
    boolean nameGoesOn =
        writes.values().stream()
            .anyMatch(write ->
                write instanceof Write.Create(ConfigObject heir)
                    && heir.type().equals(object.type())
                    && heir.fqName().equals(object.fqName()));
    if (!nameGoesOn) {
      transaction.delete(Layout.fqName(object.type(), object.fqName()));
    }
    return null;
  }

  private @Nullable ConfigOutcome allocate() {
    Set<AllocationKey> freed = new HashSet<>(asked.freed());
    for (Map.Entry<AllocationKey, String> each : asked.allocations().entrySet()) {
      AllocationKey key = each.getKey();
      String owner = image.owner(key);
      if (owner != null && !freed.remove(key)) {
        return new ConfigOutcome.AllocationTaken(key, owner);
      }
      require(Compare.modified(Layout.allocation(key), known.allocationRevision(key)));
      transaction.put(Layout.allocation(key), each.getValue());
    }
    for (AllocationKey key : freed) {
      long revision = known.allocationRevision(key);
      if (revision != 0) {
        require(Compare.modified(Layout.allocation(key), revision));
        transaction.delete(Layout.allocation(key));
      }
    }
    return null;
  }
}
