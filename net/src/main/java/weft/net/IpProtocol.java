package weft.net;

import java.util.Locale;
import java.util.OptionalInt;
import java.util.SortedMap;
import java.util.TreeMap;

/** Names of IP protocols, as rules of policies and security groups use them (IANA). */
public final class IpProtocol {
  private static final SortedMap<String, Integer> NUMBERS = new TreeMap<>();

  static {
    NUMBERS.put("ah", 51);
    NUMBERS.put("dccp", 33);
    NUMBERS.put("egp", 8);
    NUMBERS.put("esp", 50);
    NUMBERS.put("gre", 47);
    NUMBERS.put("hopopt", 0);
    NUMBERS.put("icmp", 1);
    NUMBERS.put("icmp6", 58);
    NUMBERS.put("icmpv6", 58);
    NUMBERS.put("igmp", 2);
    NUMBERS.put("ip", 0);
    NUMBERS.put("ipip", 4);
    NUMBERS.put("ipv6-encap", 41);
    NUMBERS.put("ipv6-frag", 44);
    NUMBERS.put("ipv6-icmp", 58);
    NUMBERS.put("ipv6-nonxt", 59);
    NUMBERS.put("ipv6-opts", 60);
    NUMBERS.put("ipv6-route", 43);
    NUMBERS.put("ospf", 89);
    NUMBERS.put("pgm", 113);
    NUMBERS.put("rsvp", 46);
    NUMBERS.put("sctp", 132);
    NUMBERS.put("tcp", 6);
    NUMBERS.put("udp", 17);
    NUMBERS.put("udplite", 136);
    NUMBERS.put("vrrp", 112);
  }

  private IpProtocol() {}

  /** The number of a name, in letters of either case, or of a number from 0 to 255 in text. */
  public static OptionalInt number(String text) {
    Integer known = NUMBERS.get(text.toLowerCase(Locale.ROOT));
    if (known != null) {
      return OptionalInt.of(known);
    }
    if (text.isEmpty() || text.length() > 3 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return OptionalInt.empty();
    }
    int number = Integer.parseInt(text);
    return number <= 255 ? OptionalInt.of(number) : OptionalInt.empty();
  }

  /** All names, for a message: sorted, with commas. */
  public static String names() {
    return String.join(", ", NUMBERS.keySet());
  }
}
