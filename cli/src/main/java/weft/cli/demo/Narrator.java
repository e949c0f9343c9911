package weft.cli.demo;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import weft.lab.LabException;

/** Tells on the terminal what the demo does, and keeps count of what came out as it should. */
final class Narrator {
  private final PrintWriter out;
  private final long startNs = System.nanoTime();
  private final List<String> failures = new ArrayList<>();
  private int chapters;

  Narrator(PrintWriter out) {
    this.out = out;
  }

  void chapter(String title) {
    out.printf("%n%d. %s%n", ++chapters, title);
    out.flush();
  }

  void say(String line) {
    out.println("   " + line);
    out.flush();
  }

  void lines(Iterable<String> lines) {
    lines.forEach(this::say);
  }

  /**
   * Runs `check`, whose value is shown behind `claim`; an exception is the claim's failure and the
   * demo goes on.
   */
  void check(String claim, Supplier<String> check) {
    long start = System.nanoTime();
    try {
      String detail = check.get();
      out.printf(
          "   ok    %s%s  [%d ms]%n",
          claim, detail.isEmpty() ? "" : ": " + detail, millisSince(start));
    } catch (LabException e) {
      failures.add(claim);
      out.printf("   FAIL  %s: %s%n", claim, e.getMessage());
    }
    out.flush();
  }

  private static long millisSince(long start) {
    return (System.nanoTime() - start) / 1_000_000;
  }

  Duration elapsed() {
    return Duration.ofNanos(System.nanoTime() - startNs);
  }

  List<String> failures() {
    return List.copyOf(failures);
  }
}
