package weft.routing;

import java.util.List;

/**
 * What an operator may set of best-path selection.
 *
 * @param alwaysCompareMed MEDs are compared whatever neighbour AS they are from
 * @param ignoreAsPath how long an AS path is decides nothing
 */
public record BestPathRules(boolean alwaysCompareMed, boolean ignoreAsPath) {
  public static final BestPathRules USUAL = new BestPathRules(false, false);

  private static final List<Criterion> WITHOUT_AS_PATH =
      Criterion.EQUAL_COST.stream().filter(step -> step != Criterion.AS_PATH_LENGTH).toList();

  /** The steps that must be equal for paths to be used together, but for the MED. */
  List<Criterion> equalCost() {
    return ignoreAsPath ? WITHOUT_AS_PATH : Criterion.EQUAL_COST;
  }

  /** What paths must have in common for their MEDs to be compared. */
  Object rivalry(Path path) {
    long neighbour = alwaysCompareMed ? 0 : path.neighbourAs();
    return new Rivals(neighbour, ignoreAsPath ? 0 : path.asPathLength());
  }

  private record Rivals(long neighbourAs, int asPathLength) {}
}
