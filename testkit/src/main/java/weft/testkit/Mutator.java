package weft.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Spoils real messages: bytes changed, parts lost, repeated, moved or taken from another one. */
public final class Mutator {
  private static final byte[] TELLING = {0, 1, 4, 8, 0x7f, (byte) 0x80, (byte) 0xff};

  private final RandomGenerator random;
  private final byte[] telling;

  public Mutator(RandomGenerator random) {
    this(random, TELLING);
  }

  /**
   * @param telling bytes that mean something in the format
   */
  public Mutator(RandomGenerator random, byte[] telling) {
    this.random = random;
    this.telling = telling.clone();
  }

  /** One of the messages, with one to four changes; a new array. */
  public byte[] mutated(List<byte[]> messages) {
    byte[] bytes = messages.get(random.nextInt(messages.size())).clone();
    for (int i = random.nextInt(4); i >= 0 && bytes.length > 0; i--) {
      bytes = change(bytes, messages);
    }
    return bytes;
  }

  private byte[] change(byte[] bytes, List<byte[]> messages) {
    int at = random.nextInt(bytes.length);
    int length = 1 + random.nextInt(Math.min(32, bytes.length - at));
    return switch (random.nextInt(8)) {
      case 0, 1 -> with(bytes, at, (byte) random.nextInt(256));
      case 2 -> with(bytes, at, telling[random.nextInt(telling.length)]);
      case 3 -> with(bytes, at, (byte) (bytes[at] ^ 1 << random.nextInt(8)));
      case 4 -> Arrays.copyOf(bytes, at);
      case 5 -> joined(bytes, at, new byte[0], at + length);
      case 6 -> joined(bytes, at, Arrays.copyOfRange(bytes, at, at + length), at);
      default -> {
        byte[] other = messages.get(random.nextInt(messages.size()));
        int from = random.nextInt(other.length);
        int to = Math.min(other.length, from + length);
        yield joined(bytes, at, Arrays.copyOfRange(other, from, to), at + length);
      }
    };
  }

  private static byte[] with(byte[] bytes, int at, byte value) {
    bytes[at] = value;
    return bytes;
  }

  /** What is before `end`, then the middle, then what is from `begin` on. */
  private static byte[] joined(byte[] bytes, int end, byte[] middle, int begin) {
    byte[] all = new byte[end + middle.length + bytes.length - begin];
    System.arraycopy(bytes, 0, all, 0, end);
    System.arraycopy(middle, 0, all, end, middle.length);
    System.arraycopy(bytes, begin, all, end + middle.length, bytes.length - begin);
    return all;
  }

  /** The bytes in pieces, as a socket may hand them over. */
  public static List<byte[]> pieces(byte[] bytes, RandomGenerator random) {
    List<byte[]> pieces = new ArrayList<>();
    for (int at = 0; at < bytes.length; ) {
      int end = Math.min(bytes.length, at + 1 + random.nextInt(200));
      pieces.add(Arrays.copyOfRange(bytes, at, end));
      at = end;
    }
    return pieces;
  }
}
