package weft.config;

import java.util.OptionalLong;
import weft.schema.ConfigObject;

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
 * <p>An object created and a value freed earlier in the transaction count as there and as free.
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"}) // signatures without bodies yet
public final class ConfigTransaction {
  private final ConfigDb db;
  private final ConfigImage image;

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
    throw new UnsupportedOperationException("later " + object);
  }

  /**
   * Writes an object anew.
   *
   * @param object type, uuid, name and parent stay as they are; its revision is the one that the
   *     caller read
   */
  public ConfigTransaction replace(ConfigObject object) {
    throw new UnsupportedOperationException("later " + object);
  }

  /**
   * Deletes an object.
   *
   * @param object its revision is the one that the caller read
   */
  public ConfigTransaction delete(ConfigObject object) {
    throw new UnsupportedOperationException("later " + object);
  }

  /** Gives a value to an owner. */
  public ConfigTransaction allocate(AllocationKey key, String owner) {
    throw new UnsupportedOperationException("later " + key + owner);
  }

  /** Gives a value to an owner. */
  public ConfigTransaction allocate(String pool, String value, String owner) {
    return allocate(new AllocationKey(pool, value), owner);
  }

  /**
   * Gives the lowest value that seems to be free to an owner. Should someone else be faster, the
   * commit says so by {@link ConfigOutcome.AllocationTaken}: begin anew, or let {@link
   * ConfigDb#commitRetrying} do so.
   *
   * @return the value; empty if the pool is exhausted
   */
  public OptionalLong allocateLowest(IntegerPool pool, String owner) {
    throw new UnsupportedOperationException("later " + pool + owner + db);
  }

  /** Takes a value back; nothing happens if it is free. */
  public ConfigTransaction free(AllocationKey key) {
    throw new UnsupportedOperationException("later " + key);
  }

  /** Takes a value back; nothing happens if it is free. */
  public ConfigTransaction free(String pool, String value) {
    return free(new AllocationKey(pool, value));
  }
}
