package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The outcome of best-path selection: a function of the set of paths alone.
 *
 * <p>Which path is out depends only on paths strictly better than it, so that selection and import
 * between instances, which feed each other, have one fixed point.
 *
 * @param ranked all paths, best first
 * @param equal how many of them are used together; 0 if none is feasible
 */
public record Selection(List<Path> ranked, int equal) {
  static final Selection EMPTY = new Selection(List.of(), 0);

  private static final Comparator<Path> RANK =
      (a, b) -> {
        Criterion by = first(Criterion.EQUAL_COST, a, b);
        by = by == null ? first(Criterion.TIE_BREAK, a, b) : by;
        return by == null ? 0 : by.compare(a, b);
      };

  public Selection {
    ranked = List.copyOf(ranked);
  }

  static Selection of(Collection<Path> paths) {
    List<Path> sorted = new ArrayList<>(paths);
    List<Path> shadows = shadows(paths);
    sorted.removeAll(shadows);
    sorted.sort(RANK);
    List<Path> together = new ArrayList<>();
    List<Path> rest = new ArrayList<>();
    Map<Long, Long> lowestMed = new HashMap<>();
    for (Path path : sorted) {
      if (isTop(path, sorted)) {
        lowestMed.merge(neighbourAs(path), med(path), Math::min);
      }
    }
    for (Path path : sorted) {
      Long lowest = lowestMed.get(neighbourAs(path));
      boolean used = isTop(path, sorted) && lowest != null && med(path) == lowest;
      (used ? together : rest).add(path);
    }
    int equal = together.size();
    together.addAll(rest);
    together.addAll(shadows);
    return new Selection(together, equal);
  }

  /** Paths that came back to where they are from (RFC 7611): the path itself stands for them. */
  private static List<Path> shadows(Collection<Path> paths) {
    List<Path> found = new ArrayList<>(0);
    for (Path path : paths) {
      if (path.isReturned() && paths.stream().anyMatch(path::isShadowOf)) {
        found.add(path);
      }
    }
    found.sort(RANK);
    return found;
  }

  private static boolean isTop(Path path, List<Path> sorted) {
    return path.isFeasible() && first(Criterion.EQUAL_COST, sorted.getFirst(), path) == null;
  }

  private static long neighbourAs(Path path) {
    List<Long> asPath = path.attributes().preference().asPath();
    return asPath.isEmpty() ? 0 : asPath.getFirst();
  }

  /** RFC 4271 section 9.1.2.2 c: a missing MED is the lowest. */
  private static long med(Path path) {
    Long med = path.attributes().preference().med();
    return med == null ? 0 : med;
  }

  private static @Nullable Criterion first(List<Criterion> steps, Path a, Path b) {
    for (Criterion step : steps) {
      if (step.compare(a, b) != 0) {
        return step;
      }
    }
    return null;
  }

  /** The best path, or null if none is feasible. */
  public @Nullable Path best() {
    return equal == 0 ? null : ranked.getFirst();
  }

  /** The paths used together, best first. */
  public List<Path> ecmp() {
    return ranked.subList(0, equal);
  }

  /** Why the path at `index` of the ranking stands there. */
  public Decision decision(int index) {
    Path path = ranked.get(index);
    if (path.rejected()) {
      return new Decision.Rejected();
    }
    if (!path.isFeasible()) {
      return new Decision.Infeasible();
    }
    if (index == 0) {
      return ranked.size() == 1
          ? new Decision.OnlyPath()
          : new Decision.Preferred(between(path, ranked.get(1)));
    }
    Criterion by = between(ranked.getFirst(), path);
    return index < equal ? new Decision.EqualCost(by) : new Decision.NotPreferred(by);
  }

  private Criterion between(Path better, Path worse) {
    Criterion by = first(Criterion.EQUAL_COST, better, worse);
    if (by != null) {
      return by;
    }
    if (ranked.indexOf(worse) >= equal) {
      return Criterion.MED;
    }
    by = first(Criterion.TIE_BREAK, better, worse);
    return by == null ? Criterion.PEER_NAME : by;
  }
}
