package weft.cli;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/** Finds what somebody may have meant who mistyped a name. */
final class Near {
  private static final int MOST = 3;

  private Near() {}

  /** A candidate and how far it is off. */
  private record Miss(String name, int distance) {}

  /** The names that are nearest to `word`, best first; none that is too far off. */
  static List<String> of(String word, Collection<String> names) {
    int most = Math.max(2, word.length() / 5);
    String typed = word.toLowerCase(Locale.ROOT);
    return names.stream()
        .map(name -> new Miss(name, distance(typed, name.toLowerCase(Locale.ROOT))))
        .filter(miss -> miss.distance() <= most || miss.name().endsWith(":" + word))
        .sorted(Comparator.comparingInt(Miss::distance).thenComparing(Miss::name))
        .limit(MOST)
        .map(Miss::name)
        .toList();
  }

  /** `; did you mean a, b?`, or nothing. */
  static String hint(String word, Collection<String> names) {
    List<String> near = of(word, names);
    return near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?";
  }

  /** How many letters have to be put in, left out or exchanged. */
  static int distance(String a, String b) {
    int[] row = new int[b.length() + 1];
    for (int j = 0; j <= b.length(); j++) {
      row[j] = j;
    }
    for (int i = 1; i <= a.length(); i++) {
      int diagonal = row[0];
      row[0] = i;
      for (int j = 1; j <= b.length(); j++) {
        int above = row[j];
        int exchanged = diagonal + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        row[j] = Math.min(exchanged, 1 + Math.min(above, row[j - 1]));
        diagonal = above;
      }
    }
    return row[b.length()];
  }
}
