package weft.api.access;

import org.jspecify.annotations.Nullable;

/** What is done to objects, as rules and refusals name it by a letter. */
public enum Right {
  CREATE('C', 1),
  READ('R', 2),
  UPDATE('U', 4),
  DELETE('D', 8);

  private final char letter;
  private final int bit;

  Right(char letter, int bit) {
    this.letter = letter;
    this.bit = bit;
  }

  public char letter() {
    return letter;
  }

  int bit() {
    return bit;
  }

  /** What an HTTP method does to the object that its path names; null for none of these. */
  public static @Nullable Right of(String method) {
    return switch (method) {
      case "POST" -> CREATE;
      case "GET", "HEAD" -> READ;
      case "PUT" -> UPDATE;
      case "DELETE" -> DELETE;
      default -> null;
    };
  }

  /** The bits of the operations that `CRUD` or a part of it names; other letters mean nothing. */
  static int bits(String letters) {
    int bits = 0;
    for (Right each : values()) {
      if (letters.indexOf(each.letter) >= 0) {
        bits |= each.bit();
      }
    }
    return bits;
  }
}
