package weft.net;

import java.util.HexFormat;

/** Bytes as hexadecimal text, in which blanks and line ends are passed over when read. */
public final class Hex {
  private static final HexFormat FORMAT = HexFormat.of();

  private Hex() {}

  public static String of(byte[] bytes) {
    return FORMAT.formatHex(bytes);
  }

  public static byte[] parse(String text) {
    return FORMAT.parseHex(text.replaceAll("\\s+", ""));
  }
}
