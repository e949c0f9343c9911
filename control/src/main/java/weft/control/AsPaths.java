package weft.control;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import weft.bgp.Attribute;

/** AS paths from BGP and back: the tables have one number a step, and sets beside it. */
final class AsPaths {
  private AsPaths() {}

  /** One number a step; a set is one step, and stands there by its first member. */
  static List<Long> steps(Attribute.AsPath path) {
    List<Long> asns = new ArrayList<>();
    for (Attribute.AsPath.Segment segment : path.segments()) {
      if (segment.ordered()) {
        asns.addAll(segment.asns());
      } else if (!segment.asns().isEmpty()) {
        asns.add(segment.asns().getFirst());
      }
    }
    return asns;
  }

  /** The members of its sets, by how many steps come after them. */
  static Map<Integer, List<Long>> sets(Attribute.AsPath path) {
    Map<Integer, List<Long>> sets = new TreeMap<>();
    int after = path.length();
    for (Attribute.AsPath.Segment segment : path.segments()) {
      after -= segment.ordered() ? segment.asns().size() : 1;
      if (!segment.ordered()) {
        sets.put(after, segment.asns());
      }
    }
    return sets;
  }

  /** As a peer is to be told it. */
  static Attribute.AsPath written(
      List<Long> steps, Map<Integer, List<Long>> sets, BgpRoutes.Style style) {
    List<Long> marked = new ArrayList<>(steps);
    // A step that is a set passes through the rewriting as a negative number.
    sets.forEach((after, _) -> marked.set(steps.size() - 1 - after, -1L - after));
    List<Attribute.AsPath.Segment> segments = new ArrayList<>();
    List<Long> sequence = new ArrayList<>();
    for (long step : rewritten(marked, style)) {
      if (step >= 0) {
        sequence.add(step);
      } else {
        List<Long> members = members(sets.getOrDefault((int) (-1 - step), List.of()), style);
        addTo(segments, true, sequence);
        addTo(segments, false, members);
        sequence.clear();
      }
    }
    addTo(segments, true, sequence);
    return segments.isEmpty() ? Attribute.AsPath.EMPTY : new Attribute.AsPath(segments);
  }

  private static void addTo(
      List<Attribute.AsPath.Segment> segments, boolean ordered, List<Long> asns) {
    if (!asns.isEmpty()) {
      segments.add(new Attribute.AsPath.Segment(ordered, asns));
    }
  }

  private static List<Long> members(List<Long> set, BgpRoutes.Style style) {
    long overridden = style.rewriting().overridden();
    boolean publicOnly = style.rewriting().privateAs() != Peering.PrivateAs.KEEP;
    return set.stream()
        .map(asn -> asn == overridden ? (Long) style.asn() : asn)
        .filter(asn -> !publicOnly || !isPrivate(asn))
        .distinct()
        .toList();
  }

  private static List<Long> rewritten(List<Long> told, BgpRoutes.Style style) {
    List<Long> path = new ArrayList<>(told);
    long overridden = style.rewriting().overridden();
    if (overridden != 0) {
      path.replaceAll(asn -> asn == overridden ? style.asn() : asn);
    }
    path = withoutPrivate(path, style);
    if (!style.internal()) {
      path.addFirst(style.asn());
    }
    return path;
  }

  private static List<Long> withoutPrivate(List<Long> path, BgpRoutes.Style style) {
    long kept = style.rewriting().keptAsn();
    Peering.PrivateAs action = style.rewriting().privateAs();
    if (action == Peering.PrivateAs.KEEP) {
      return path;
    }
    long first = path.stream().filter(asn -> asn > 0 && !isPrivate(asn)).findFirst().orElse(0L);
    long replacement = style.internal() ? first : style.asn();
    boolean publicSeen = false;
    List<Long> found = new ArrayList<>();
    for (long asn : path) {
      boolean stays =
          !isPrivate(asn) || asn == kept || (action == Peering.PrivateAs.REMOVE && publicSeen);
      if (stays) {
        found.add(asn);
      } else if (action == Peering.PrivateAs.REPLACE_ALL && replacement != 0) {
        found.add(replacement);
      }
      if (!isPrivate(asn)) {
        publicSeen = true;
        replacement = asn > 0 ? asn : replacement;
      }
    }
    return found;
  }

  /** RFC 6996 section 5. */
  private static boolean isPrivate(long asn) {
    return (asn >= 64512 && asn <= 65534) || (asn >= 4_200_000_000L && asn <= 4_294_967_294L);
  }
}
