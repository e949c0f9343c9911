package weft.controller;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.MissingNode;
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
import weft.schema.FqName;
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

  private static final FqName SYSTEM = FqName.of("default-global-system-config");
  private static final int FIRST_PORT = 50_000;
  private static final int LAST_PORT = 50_512;
  private static final List<String> ORDER =
      List.of(
          "route-target",
          "routing-instance",
          "logical-router",
          "bgp-router",
          "bgp-as-a-service",
          "routing-policy",
          "access-control-list");
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
      if (each.owner().equals(image.owner(pool(each.pool(), image).key(each.value())))) {
        transaction.free(each.pool(), Long.toString(each.value()));
      }
    }
    for (Allocation.Request request : requests) {
      if (!image.allocations(request.pool()).containsValue(request.owner())) {
        // An exhausted pool leaves the request open; the status shows it.
        var _ = transaction.allocateLowest(pool(request.pool(), image), request.owner());
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

  private static IntegerPool pool(String name, ConfigImage image) {
    return name.equals(Allocation.BGP_PORTS) ? ports(image) : pool(name);
  }

  /** The ports that guests which speak BGP are known by, as the system's configuration has them. */
  private static IntegerPool ports(ConfigImage image) {
    ConfigObject system = image.object("global-system-config", SYSTEM);
    JsonNode range =
        system == null ? MissingNode.getInstance() : system.body().path("bgpaas_parameters");
    return new IntegerPool(
        Allocation.BGP_PORTS,
        range.path("port_start").asLong(FIRST_PORT),
        range.path("port_end").asLong(LAST_PORT));
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
    DerivedObject.Parent parent = place(desired, image);
    if (desired.parent() != null && parent == null) {
      return;
    }
    ConfigObject present = image.object(desired.key().type(), desired.key().fqName());
    if (present == null) {
      if (desired.whole()) {
        ConfigObject created = SystemObject.create(desired, parent, now);
        fill(created.body(), desired, image, made);
        transaction.create(created);
        made.put(desired.key(), created.uuid());
      }
    } else if (parent != null && !Objects.equals(parent.uuid(), present.parentUuid())) {
      // Left over from a parent of the same name. What takes its place is made in the next round.
      transaction.delete(present);
    } else if (!Held.actual(present).equals(Held.desired(desired))) {
      ObjectNode body = present.body().deepCopy();
      fill(body, desired, image, made);
      Permissions.touch(body, now);
      transaction.replace(ConfigObject.of(present.type(), body, present.revision()));
    }
  }

  /** The parent as it is there; null if there is none. */
  private static DerivedObject.@Nullable Parent place(DerivedObject desired, ConfigImage image) {
    DerivedObject.Parent parent = desired.parent();
    if (parent == null) {
      return null;
    }
    UUID uuid = parent.uuid();
    ConfigObject object =
        uuid == null
            ? image.object(parent.type(), desired.key().fqName().parent())
            : image.object(uuid);
    return object == null ? null : new DerivedObject.Parent(parent.type(), object.uuid());
  }

  private static void fill(
      ObjectNode body, DerivedObject desired, ConfigImage image, Map<DerivedKey, UUID> made) {
    body.remove(Held.properties(desired.key().type()));
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
