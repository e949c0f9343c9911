package weft.cli;

import java.io.Console;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Whether somebody sits there, and what they say. */
final class Terminal {
  private Terminal() {}

  /** Null if nobody sits there; which of the two ways it is told depends on the JDK. */
  @SuppressWarnings("SystemConsoleNull")
  private static @Nullable Console console() {
    Console console = System.console();
    return console != null && console.isTerminal() ? console : null;
  }

  static boolean isInteractive() {
    return console() != null;
  }

  /** Asks for a yes. */
  static boolean confirm(String question) {
    Console console = console();
    String answer = console == null ? null : console.readLine("%s [y/N] ", question);
    return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
  }

  static void printDiff(List<String> lines, Output output) {
    boolean colour = isInteractive() && System.getenv("NO_COLOR") == null;
    lines.forEach(line -> output.print(colour ? UnifiedDiff.coloured(line) : line));
  }
}
