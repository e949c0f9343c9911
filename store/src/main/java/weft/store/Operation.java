package weft.store;

/** What a transaction does to one key. */
public sealed interface Operation {
  Key key();

  /**
   * Sets the value.
   *
   * @param value not to be changed by anyone from now on
   * @param lease at whose end the entry is deleted, or {@link Lease#NONE}
   */
  record Put(Key key, byte[] value, long lease) implements Operation {
    public Put(Key key, byte[] value) {
      this(key, value, Lease.NONE);
    }
  }

  /** Deletes the key; nothing happens if it is absent. */
  record Delete(Key key) implements Operation {}
}
