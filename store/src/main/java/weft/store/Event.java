package weft.store;

/** What a transaction did to one key. */
public sealed interface Event {
  Key key();

  /** The revision of the transaction. */
  long revision();

  /** The key now has this entry. */
  record Put(Entry entry) implements Event {
    @Override
    public Key key() {
      return entry.key();
    }

    @Override
    public long revision() {
      return entry.modRevision();
    }
  }

  /** The key is gone. */
  record Delete(Key key, long revision) implements Event {}
}
