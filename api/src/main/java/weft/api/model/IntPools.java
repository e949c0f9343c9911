package weft.api.model;

import java.util.OptionalLong;
import java.util.UUID;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;

/**
 * Pools of integers that clients make and draw from, apart from all objects.
 *
 * <p>A pool is an allocation itself: `int-pools/<name>`, whose owner says where its values are.
 * Each incarnation has its own place for them, so that what a late request takes from a pool that
 * is being deleted is not found in the next of that name.
 */
public final class IntPools {
  private static final String POOLS = "int-pools";

  private IntPools() {}

  /**
   * Makes a pool.
   *
   * @param end the first integer behind it
   */
  public static void create(String name, long start, long end, Edit edit) {
    if (start < 0 || end <= start) {
      throw HttpError.badRequest(
          "Bad Request: int-pool " + name + " has no integers from " + start + " to " + end);
    }
    if (!edit.allocate(key(name), start + " " + (end - 1) + " " + edit.newUuid())) {
      throw HttpError.conflict("int-pool " + name + " already exists");
    }
  }

  /** Deletes a pool and frees its values. */
  public static void delete(String name, Edit edit) {
    IntegerPool pool = pool(name, edit.image());
    edit.image().allocations(pool.name()).keySet().forEach(value -> edit.free(pool.name(), value));
    edit.free(key(name));
  }

  /** Takes the lowest free value. */
  public static long allocate(String name, String owner, Edit edit) {
    OptionalLong value = edit.allocateLowest(pool(name, edit.image()), owner);
    return value.orElseThrow(
        () -> HttpError.badRequest("int-pool " + name + " has no free value left"));
  }

  /** Takes one value. */
  public static long allocate(String name, long value, String owner, Edit edit) {
    if (!edit.allocate(within(pool(name, edit.image()), name, value), owner)) {
      throw HttpError.conflict("value " + value + " of int-pool " + name + " is already in use");
    }
    return value;
  }

  public static String owner(String name, long value, ConfigImage image) {
    String owner = image.owner(within(pool(name, image), name, value));
    if (owner == null) {
      throw HttpError.notFound("value " + value + " of int-pool " + name + " is not in use");
    }
    return owner;
  }

  /** Gives a value back; nothing happens if it is free. */
  public static void free(String name, long value, Edit edit) {
    AllocationKey key = within(pool(name, edit.image()), name, value);
    if (!edit.isFree(key)) {
      edit.free(key);
    }
  }

  private static AllocationKey key(String name) {
    if (name.isEmpty() || name.indexOf('/') >= 0) {
      throw HttpError.badRequest("Bad Request: '" + name + "' is not a name of an int-pool");
    }
    return new AllocationKey(POOLS, name);
  }

  private static IntegerPool pool(String name, ConfigImage image) {
    String range = image.owner(key(name));
    if (range == null) {
      throw HttpError.notFound("int-pool " + name + " not found");
    }
    String[] parts = range.split(" ", -1);
    return new IntegerPool(
        "int-pool/" + UUID.fromString(parts[2]),
        Long.parseLong(parts[0]),
        Long.parseLong(parts[1]));
  }

  private static AllocationKey within(IntegerPool pool, String name, long value) {
    if (value < pool.first() || value > pool.last()) {
      throw HttpError.badRequest("value " + value + " is outside of int-pool " + name);
    }
    return pool.key(value);
  }
}
