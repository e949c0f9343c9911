package weft.controller;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.Allocation;
import weft.compiler.DerivedKey;
import weft.compiler.DerivedObject;
import weft.compiler.DerivedObject.DerivedRef;
import weft.config.ConfigImage;
import weft.config.ConfigTransaction;
import weft.config.IntegerPool;
import weft.config.Permissions;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/**
 * What the compiler wants done next, and how it becomes one transaction.
 *
 * <p>Every write is decided on the image of its own transaction: what is already as desired, or
 * whose parent is gone, is left out.
 */
record Batch(
    List<DerivedObject> updates,
    List<DerivedKey> deletes,
    Set<Allocation.Request> requests,
    Set<Allocation> surplus) {

  private static final List<String> ORDER =
      List.of("route-target", "routing-instance", "logical-router", "access-control-list");
  private static final Comparator<DerivedKey> DEPENDENCY =
      Comparator.comparingInt((DerivedKey key) -> ORDER.indexOf(key.type()))
          .thenComparing(Comparator.naturalOrder());

  Batch {
    updates =
        updates.stream().sorted(Comparator.comparing(DerivedObject::key, DEPENDENCY)).toList();
    deletes = deletes.stream().sorted(DEPENDENCY.reversed()).toList();
  }

  boolean isEmpty() {
    return updates.isEmpty() && deletes.isEmpty() && requests.isEmpty() && surplus.isEmpty();
  }

  int size() {
    return updates.size() + deletes.size() + requests.size() + surplus.size();
  }

  /** May be called again, with a fresh transaction, after a conflict. */
  void fill(ConfigTransaction transaction, Instant now) {
    ConfigImage image = transaction.image();
    for (Allocation each : surplus) {
      if (each.owner().equals(image.owner(pool(each.pool()).key(each.value())))) {
        transaction.free(each.pool(), Long.toString(each.value()));
      }
    }
    for (Allocation.Request request : requests) {
      if (!image.allocations(request.pool()).containsValue(request.owner())) {
        // An exhausted pool leaves the request open; the status shows it.
        var _ = transaction.allocateLowest(pool(request.pool()), request.owner());
      }
    }
    Map<DerivedKey, UUID> made = new java.util.HashMap<>();
    for (DerivedObject object : updates) {
      write(transaction, object, made, now);
    }
    for (DerivedKey key : deletes) {
      ConfigObject object = image.object(key.type(), key.fqName());
      if (object != null && SystemObject.isOurs(object)) {
        transaction.delete(object);
      }
    }
  }

  /** The numbers that automatic route targets may have: fewer beside a four-byte system. */
  static IntegerPool pool(String name) {
    long system = Long.parseLong(name.substring(name.indexOf('/') + 1));
    return system > 0xffff
        ? new IntegerPool(name, 8000, 1 << 15)
        : new IntegerPool(name, 8_000_000, 1 << 24);
  }

  private static void write(
      ConfigTransaction transaction,
      DerivedObject desired,
      Map<DerivedKey, UUID> made,
      Instant now) {
    ConfigImage image = transaction.image();
    DerivedObject.Parent parent = desired.parent();
    if (parent != null && image.object(parent.uuid()) == null) {
      return;
    }
    ConfigObject present = image.object(desired.key().type(), desired.key().fqName());
    if (present == null) {
      if (desired.whole()) {
        ConfigObject created = SystemObject.create(desired, now);
        fill(created.body(), desired, image, made);
        transaction.create(created);
        made.put(desired.key(), created.uuid());
      }
    } else if (parent != null && !parent.uuid().equals(present.parentUuid())) {
      // Left over from a parent of the same name. What takes its place is made in the next round.
      transaction.delete(present);
    } else if (!Held.actual(present).equals(Held.desired(desired))) {
      ObjectNode body = present.body().deepCopy();
      fill(body, desired, image, made);
      Permissions.touch(body, now);
      transaction.replace(ConfigObject.of(present.type(), body, present.revision()));
    }
  }

  private static void fill(
      ObjectNode body, DerivedObject desired, ConfigImage image, Map<DerivedKey, UUID> made) {
    body.setAll(desired.properties());
    desired
        .references()
        .forEach((type, refs) -> {
          String field = type.replace('-', '_') + "_refs";
          ArrayNode list = body.putArray(field);
          refs.stream()
              .flatMap(ref -> resolve(type, ref, image, made))
              .forEach(ref -> list.add(ref.toJson()));
          if (list.isEmpty()) {
            body.remove(field);
          }
        });
  }

  /** Nothing for what does not exist yet: it is added once it does. */
  private static Stream<Ref> resolve(
      String type, DerivedRef ref, ConfigImage image, Map<DerivedKey, UUID> made) {
    UUID uuid = made.get(new DerivedKey(type, ref.to()));
    if (uuid == null) {
      ConfigObject target = image.object(type, ref.to());
      uuid = target == null ? null : target.uuid();
    }
    return uuid == null ? Stream.empty() : Stream.of(new Ref(uuid, ref.to(), ref.attr()));
  }
}
