package weft.store;

/** A subscription to what happens in the store. */
public interface Watch extends AutoCloseable {
  /** Ends it; a call to the listener that is under way still runs to its end. */
  @Override
  void close();
}
