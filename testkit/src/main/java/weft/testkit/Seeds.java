package weft.testkit;

import java.util.function.LongConsumer;

/** Runs a randomized test under many seeds and names the one that fails. */
public final class Seeds {
  private Seeds() {}

  /**
   * Runs `test` with `count` seeds, with as many as the system property `weft.seeds` says if that
   * is more, or with the one of `weft.seed` alone.
   *
   * <p>A failure is rethrown with the line that reproduces it.
   */
  public static void each(int count, LongConsumer test) {
    Long only = Long.getLong("weft.seed");
    long last = only == null ? Math.max(count, Long.getLong("weft.seeds", 0)) : only;
    for (long seed = only == null ? 1 : only; seed <= last; seed++) {
      try {
        test.accept(seed);
      } catch (RuntimeException | AssertionError e) {
        throw new AssertionError("failed with -Dweft.seed=" + seed + ": " + e.getMessage(), e);
      }
    }
  }
}
