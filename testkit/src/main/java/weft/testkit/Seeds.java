package weft.testkit;

import java.util.function.LongConsumer;

/** Runs a randomized test under many seeds and names the one that fails. */
public final class Seeds {
  private Seeds() {}

  /**
   * Runs `test` with `count` seeds, or with the one of the system property `weft.seed` alone.
   *
   * <p>A failure is rethrown with the line that reproduces it.
   */
  public static void each(int count, LongConsumer test) {
    Long only = Long.getLong("weft.seed");
    for (long seed = only == null ? 1 : only; seed <= (only == null ? count : only); seed++) {
      try {
        test.accept(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("failed with -Dweft.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
