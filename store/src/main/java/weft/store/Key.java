package weft.store;

import java.nio.charset.StandardCharsets;

/**
 * The name of an entry; ordered by its UTF-8 bytes, as every engine stores it.
 *
 * <p>The empty key is a prefix of all others and names no entry.
 */
public record Key(String text) implements Comparable<Key> {
  public static final Key EMPTY = new Key("");

  public Key {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        int point = text.codePointAt(i);
        if (!Character.isSupplementaryCodePoint(point)) {
          throw new IllegalArgumentException("a key holds half a character at " + i);
        }
        i++;
      }
    }
  }

  static Key of(byte[] utf8) {
    return new Key(new String(utf8, StandardCharsets.UTF_8));
  }

  byte[] bytes() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  public boolean startsWith(Key prefix) {
    return text.startsWith(prefix.text);
  }

  /** What is left of the key behind `prefix`, which it starts with. */
  public String after(Key prefix) {
    return text.substring(prefix.text.length());
  }

  public Key append(String more) {
    return new Key(text + more);
  }

  @Override
  public int compareTo(Key other) {
    int common = Math.min(text.length(), other.text.length());
    for (int i = 0; i < common; i++) {
      char mine = text.charAt(i);
      char its = other.text.charAt(i);
      if (mine != its) {
        // A surrogate stands for a code point above all that one char can hold.
        boolean mineHigh = Character.isSurrogate(mine);
        boolean itsHigh = Character.isSurrogate(its);
        return mineHigh == itsHigh ? Character.compare(mine, its) : mineHigh ? 1 : -1;
      }
    }
    return Integer.compare(text.length(), other.text.length());
  }

  @Override
  public String toString() {
    return text;
  }
}
