package weft.config;

import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import weft.state.Loop;
import weft.store.Store;

/**
 * The config objects in a store, with a copy of all of them in memory.
 *
 * <p>Several processes may each have one over the same store. May be used from any thread.
 */
@SuppressWarnings({"DoNotCallSuggester", "ObjectToString"}) // signatures without bodies yet
public final class ConfigDb implements AutoCloseable {
  private final Store store;

  private ConfigDb(Store store) {
    this.store = store;
  }

  /** Reads the config and follows it from then on; blocks until it is read. */
  public static ConfigDb open(Store store) {
    return new ConfigDb(store);
  }

  /** The config as last heard of. */
  public ConfigImage image() {
    throw new UnsupportedOperationException("later");
  }

  /** Completes with an image that has all that was in the store when this was called. */
  public CompletionStage<ConfigImage> sync() {
    throw new UnsupportedOperationException("later");
  }

  /** Begins a transaction on the present image. */
  public ConfigTransaction transaction() {
    return new ConfigTransaction(this, image());
  }

  /**
   * Commits a transaction. Its outcome is decided against the store: whatever this process has not
   * heard of yet counts. Once it completes with {@link ConfigOutcome.Committed}, {@link #image}
   * shows it.
   */
  public CompletionStage<ConfigOutcome> commit(ConfigTransaction transaction) {
    throw new UnsupportedOperationException("later " + transaction);
  }

  /**
   * Commits what `build` puts into a transaction, and lets it build anew on a fresh image when an
   * object was changed in between, or a value picked by {@link ConfigTransaction#allocateLowest}
   * was taken.
   */
  public CompletionStage<ConfigOutcome> commitRetrying(Consumer<ConfigTransaction> build) {
    throw new UnsupportedOperationException("later " + build);
  }

  /**
   * Tells `listener` of the whole config, and then of its changes; changes that come faster than it
   * takes them are joined.
   *
   * @param loop on which it is called
   */
  public ConfigFeed feed(Loop loop, ConfigListener listener) {
    throw new UnsupportedOperationException("later " + loop + listener);
  }

  /** Ends the feeds; the store stays open. */
  @Override
  public void close() {
    throw new UnsupportedOperationException("later " + store);
  }
}
