package weft.store;

import org.jspecify.annotations.Nullable;

/** The store as it was at one revision; keeps what it needs alive until closed. */
public interface Snapshot extends AutoCloseable {
  long revision();

  @Nullable Entry get(Key key);

  /** As {@link Store#scan}. */
  Page scan(Key prefix, @Nullable Key after, int limit);

  @Override
  void close();
}
