package weft.compiler;

/**
 * An input that a derived object depends on.
 *
 * @param kind the type of a config object, `allocation`, or what else was looked at
 * @param present false if its absence counted
 */
public record Cause(String kind, String name, boolean present) {
  @Override
  public String toString() {
    return kind + " " + name + (present ? "" : " (absent)");
  }
}
