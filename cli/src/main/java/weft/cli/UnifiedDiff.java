package weft.cli;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The difference of two texts as people know it. */
final class UnifiedDiff {
  private static final int CONTEXT = 3;
  private static final String NOTHING = "/dev/null";

  private UnifiedDiff() {}

  /**
   * Lines with `+` and `-`; none if the texts are equal.
   *
   * @param before null if there was none
   */
  static List<String> of(String name, @Nullable String before, @Nullable String after) {
    List<String> old = before == null ? List.of() : before.lines().toList();
    List<String> now = after == null ? List.of() : after.lines().toList();
    return UnifiedDiffUtils.generateUnifiedDiff(
        before == null ? NOTHING : name,
        after == null ? NOTHING : name,
        old,
        DiffUtils.diff(old, now),
        CONTEXT);
  }

  /** A line in the colour that it has on a terminal. */
  static String coloured(String line) {
    if (line.startsWith("---") || line.startsWith("+++")) {
      return "\u001b[1m" + line + "\u001b[0m";
    }
    return switch (line.isEmpty() ? ' ' : line.charAt(0)) {
      case '+' -> "\u001b[32m" + line + "\u001b[0m";
      case '-' -> "\u001b[31m" + line + "\u001b[0m";
      case '@' -> "\u001b[36m" + line + "\u001b[0m";
      default -> line;
    };
  }
}
