package weft.config;

import java.util.List;
import java.util.UUID;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.store.Key;

/** What became of a transaction on the config; but for {@link Committed}, nothing happened. */
public sealed interface ConfigOutcome {
  /** All of it is durable, and in the image of the database that it went through. */
  record Committed(long revision) implements ConfigOutcome {}

  /** An object of this type and name exists. */
  record NameTaken(String type, FqName fqName, UUID holder) implements ConfigOutcome {}

  /** The uuid of an object to be created is that of another. */
  record UuidTaken(ConfigObject holder) implements ConfigOutcome {}

  /** What `referrer` names as its parent or refers to does not exist. */
  record Missing(ConfigObject referrer, String type, UUID uuid) implements ConfigOutcome {}

  /** An object to be deleted has children, or others refer to it, that the system did not make. */
  record StillReferenced(
      ConfigObject object, List<ConfigObject> children, List<ConfigObject> referrers)
      implements ConfigOutcome {}

  /** A value to be allocated has an owner. */
  record AllocationTaken(AllocationKey key, String owner) implements ConfigOutcome {}

  /**
   * An object to be replaced or deleted is not as it was when the caller read it: read it again,
   * and decide anew.
   *
   * @param actualRevision that of the object now; 0 if it is gone
   */
  record Conflict(UUID uuid, long actualRevision) implements ConfigOutcome {}

  /** What the caller may write by is no longer so: it has lost the leadership, say. */
  record Fenced(Key key) implements ConfigOutcome {}

  /** The store does not take so much at once. */
  record TooLarge(String reason) implements ConfigOutcome {}
}
