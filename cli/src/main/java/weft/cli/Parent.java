package weft.cli;

import java.io.IOException;
import java.io.InputStream;

/**
 * Ends this program with the one that has started it: that one holds the other end of the standard
 * input, and however it ends, the kernel closes it.
 */
final class Parent {
  /** Is set to `true` by programs whose children are to end with them. */
  static final String PROPERTY = "weft.ends.with.parent";

  private Parent() {}

  static void follow() {
    if (Boolean.getBoolean(PROPERTY)) {
      Thread.ofPlatform().daemon().name("parent").start(() -> awaitEnd(System.in));
    }
  }

  private static void awaitEnd(InputStream held) {
    try {
      while (held.read() >= 0) {
        // nothing is ever said there
      }
    } catch (IOException e) {
      // closed, as when it is at its end
    }
    System.exit(1);
  }
}
