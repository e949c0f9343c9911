package weft.state;

/** Where a broken invariant of our own goes: never a peer's or a user's mistake. */
@FunctionalInterface
public interface FaultHandler {
  /**
   * @param where the loop or component in which it happened
   */
  void fault(String where, Throwable cause);

  /** Throws what it is given: for tests. */
  static FaultHandler rethrow() {
    return (where, cause) -> {
      throw new AssertionError("fault in " + where, cause);
    };
  }
}
