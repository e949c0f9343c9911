package weft.store;

import org.jspecify.annotations.Nullable;

/**
 * The versions of keys that the writer looked at or wrote lately: much is compared again and again,
 * such as the project in which all is created, and a look into the files costs far more.
 *
 * <p>It is right because nobody but the writer writes the files. A key has one place, by its hash,
 * which it loses to the next one there. Keys and versions are in two arrays of numbers: tens of
 * thousands of objects that live for a second or two are what a collector of garbage is slowest at.
 */
final class RecentVersions {
  private static final int PLACES = 16_384;

  /** Longer keys, and those beyond ASCII, are not kept. */
  private static final int KEY_BYTES = 127;

  private static final int CREATED = 0;
  private static final int MODIFIED = 1;
  private static final int LEASE = 2;
  private static final int NUMBERS = 3;

  /** Of each place the length of the key, 0 if there is none, and the key. */
  private final byte[] keys = new byte[PLACES * (KEY_BYTES + 1)];

  private final long[] versions = new long[PLACES * NUMBERS];

  private static int place(String key) {
    int hash = key.hashCode();
    return (hash ^ hash >>> 14 ^ hash >>> 28) & PLACES - 1;
  }

  @Nullable Version get(Key key) {
    String text = key.text();
    int place = place(text);
    int at = place * (KEY_BYTES + 1);
    int length = text.length();
    if (keys[at] != length || length == 0) {
      return null;
    }
    for (int i = 0; i < length; i++) {
      if (keys[at + 1 + i] != text.charAt(i)) {
        return null;
      }
    }
    int number = place * NUMBERS;
    return new Version(
        versions[number + CREATED], versions[number + MODIFIED], versions[number + LEASE]);
  }

  void put(Key key, Version version) {
    String text = key.text();
    int place = place(text);
    int at = place * (KEY_BYTES + 1);
    int length = text.length();
    keys[at] = 0;
    if (length > KEY_BYTES) {
      return;
    }
    for (int i = 0; i < length; i++) {
      char each = text.charAt(i);
      if (each > Byte.MAX_VALUE) {
        return;
      }
      keys[at + 1 + i] = (byte) each;
    }
    int number = place * NUMBERS;
    versions[number + CREATED] = version.created();
    versions[number + MODIFIED] = version.modified();
    versions[number + LEASE] = version.lease();
    keys[at] = (byte) length;
  }
}
