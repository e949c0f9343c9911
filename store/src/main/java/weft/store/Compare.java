package weft.store;

/**
 * What a transaction demands of a key before it may happen.
 *
 * @param target which revision of the key is compared
 * @param revision what it has to be; 0 means that there is no such key
 */
public record Compare(Key key, Target target, long revision) {
  /** The revisions that a key has. */
  public enum Target {
    /** That of its last put. */
    MODIFIED,
    /** That at which it came into being; puts to a key that is there leave it as it is. */
    CREATED
  }

  /** The key was last put at `revision`; 0 for never, or deleted since. */
  public static Compare modified(Key key, long revision) {
    return new Compare(key, Target.MODIFIED, revision);
  }

  /** The key has existed since `revision` without a break. */
  public static Compare created(Key key, long revision) {
    return new Compare(key, Target.CREATED, revision);
  }

  public static Compare absent(Key key) {
    return new Compare(key, Target.MODIFIED, 0);
  }
}
