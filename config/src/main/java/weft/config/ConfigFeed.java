package weft.config;

/** A running subscription of a listener to the config. */
public interface ConfigFeed extends AutoCloseable {
  /** Ends it: from now on, as seen from the listener's loop, no call to the listener starts. */
  @Override
  void close();
}
