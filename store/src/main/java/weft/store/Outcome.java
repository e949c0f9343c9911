package weft.store;

/** What became of a transaction that the store could decide on. */
public sealed interface Outcome {
  /**
   * It is durable.
   *
   * @param revision at which; that of the store as it was if the transaction changed nothing
   */
  record Committed(long revision) implements Outcome {}

  /**
   * Nothing happened because a comparison failed.
   *
   * @param key of the first comparison that failed
   * @param actualRevision what the key has instead; 0 if it is absent
   */
  record Conflict(Key key, long actualRevision) implements Outcome {}

  /** Nothing happened because the lease of a put has expired or been revoked. */
  record LeaseGone(long lease) implements Outcome {}

  /** Nothing happened because the engine does not take so much at once. */
  record TooLarge(String reason) implements Outcome {}
}
