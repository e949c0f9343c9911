package weft.agent.health;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import weft.net.IpAddress;

/** What a check of HTTP asks, and what it makes of the answer. */
final class HttpQuestion {
  /** A longer first line is no answer. */
  static final int LONGEST_LINE = 512;

  private static final int OK = 200;

  private HttpQuestion() {}

  static byte[] request(Aim aim) {
    String method = aim.check().method().isEmpty() ? "GET" : aim.check().method();
    String text =
        "%s %s HTTP/1.1\r\nHost: %s:%d\r\nUser-Agent: weft\r\nAccept: */*\r\nConnection: close\r\n\r\n"
            .formatted(method.toUpperCase(Locale.ROOT), aim.path(), host(aim.target()), aim.port());
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String host(IpAddress address) {
    return address.isV4() ? address.toString() : "[" + address + "]";
  }

  /** The status in the first line of an answer, or -1 if it has none. */
  static int status(String line) {
    String[] words = line.strip().split(" ", 3);
    return words.length < 2 || !words[0].startsWith("HTTP/") || !words[1].matches("\\d{3}")
        ? -1
        : Integer.parseInt(words[1]);
  }

  /** Whether a status is among those such as `200,300-399`; 200 alone if none are named. */
  static boolean expected(String codes, int status) {
    if (codes.isBlank()) {
      return status == OK;
    }
    for (String each : codes.split(",")) {
      String[] ends = each.strip().split("-", 2);
      int low = number(ends[0]);
      int high = ends.length == 1 ? low : number(ends[1]);
      if (low > 0 && status >= low && status <= high) {
        return true;
      }
    }
    return false;
  }

  private static int number(String text) {
    try {
      return Integer.parseInt(text.strip());
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
