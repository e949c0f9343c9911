package weft.routing;

import java.util.ArrayList;
import java.util.Collection;
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
 * <p>Paths that service chains led through networks do not keep each other back for the length of
 * their AS paths: they are used together, and the shorter comes first. For what comes after that
 * step in the ladder they compete with those of their own length, else three paths could each be
 * worse than another one.
 *
 * @param ranked all paths, best first
 * @param equal how many of them are used together; 0 if none is feasible
 */
public record Selection(List<Path> ranked, int equal, BestPathRules rules) {

  public Selection {
    ranked = List.copyOf(ranked);
  }

  static Selection of(Collection<Path> paths) {
    return of(paths, BestPathRules.USUAL);
  }

  static Selection of(Collection<Path> paths, BestPathRules rules) {
    List<Path> sorted = new ArrayList<>(paths);
    List<Path> shadows = shadows(paths, rules);
    sorted.removeAll(shadows);
    sorted.sort((a, b) -> rank(a, b, rules));
    List<Path> together = new ArrayList<>();
    List<Path> rest = new ArrayList<>();
    Map<Object, Long> lowestMed = new HashMap<>();
    for (Path path : sorted) {
      if (isTop(path, sorted, rules)) {
        lowestMed.merge(rules.rivalry(path), path.med(), Math::min);
      }
    }
    for (Path path : sorted) {
      Long lowest = lowestMed.get(rules.rivalry(path));
      boolean used = lowest != null && path.med() == lowest && isTop(path, sorted, rules);
      (used ? together : rest).add(path);
    }
    int equal = together.size();
    together.addAll(rest);
    together.addAll(shadows);
    return new Selection(together, equal, rules);
  }

  private static int rank(Path a, Path b, BestPathRules rules) {
    Criterion by = first(rules.equalCost(), a, b);
    by = by == null ? first(Criterion.TIE_BREAK, a, b) : by;
    return by == null ? 0 : by.compare(a, b);
  }

  /** Paths that came back to where they are from (RFC 7611): the path itself stands for them. */
  private static List<Path> shadows(Collection<Path> paths, BestPathRules rules) {
    List<Path> found = new ArrayList<>(0);
    for (Path path : paths) {
      if (path.isReturned() && paths.stream().anyMatch(path::isShadowOf)) {
        found.add(path);
      }
    }
    found.sort((a, b) -> rank(a, b, rules));
    return found;
  }

  /** Whether no path is better, as far as the MED. */
  private static boolean isTop(Path path, List<Path> sorted, BestPathRules rules) {
    if (!path.isFeasible()) {
      return false;
    }
    Criterion by = first(rules.equalCost(), sorted.getFirst(), path);
    if (by != Criterion.AS_PATH_LENGTH || !path.isChained() || !sorted.getFirst().isChained()) {
      return by == null;
    }
    return sorted.stream().noneMatch(other -> isBetter(other, path, rules));
  }

  private static boolean isBetter(Path one, Path other, BestPathRules rules) {
    Criterion by = first(rules.equalCost(), one, other);
    return by != null
        && by.compare(one, other) < 0
        && (by != Criterion.AS_PATH_LENGTH || !one.isChained() || !other.isChained());
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
    if (path.unreached()) {
      return new Decision.Unreached();
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
    Criterion by = first(rules.equalCost(), better, worse);
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
