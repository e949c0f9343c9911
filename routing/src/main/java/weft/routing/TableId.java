package weft.routing;

import java.util.Comparator;

/**
 * The identity of a table: its routing instance and family.
 *
 * @param instance the instance's name; the master's for backbone tables
 */
public record TableId(String instance, Family family) implements Comparable<TableId> {
  /** The instance of the fabric itself, which also holds the backbone tables. */
  public static final String MASTER = "default-domain:default-project:ip-fabric:__default__";

  private static final Comparator<TableId> ORDER =
      Comparator.comparing(TableId::instance).thenComparing(TableId::family);

  public static TableId backbone(Family family) {
    return new TableId(MASTER, family);
  }

  @Override
  public int compareTo(TableId other) {
    return ORDER.compare(this, other);
  }

  /** As operators know it: `<instance>.inet.0`; the master's tables have no instance in front. */
  @Override
  public String toString() {
    return instance.equals(MASTER) ? family.suffix() : instance + "." + family.suffix();
  }
}
