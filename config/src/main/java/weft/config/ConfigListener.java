package weft.config;

/** Follows the config from a loop. */
@FunctionalInterface
public interface ConfigListener {
  /**
   * @param delta what is new since the last call; the first call tells the whole, be it empty
   * @param image the config with `delta` applied
   */
  void changed(ConfigDelta delta, ConfigImage image);
}
