package weft.store;

/** A subscription to what happens in the store. */
public interface Watch extends AutoCloseable {
  /** Ends it: once this returns no further call to the listener starts. */
  @Override
  void close();
}
