package weft.routing;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** BGP communities as text: a well-known name, or `asn:number`. */
public final class Communities {
  /** A route that we told and that comes back so is for other instances (RFC 7611). */
  public static final int ACCEPT_OWN = 0xffff_0001;

  /** A route may lead to the one who hears it. */
  static final int ACCEPT_OWN_NEXTHOP = 0xffff_0008;

  /** Of Tungsten Fabric: no route is made of this one. */
  public static final int NO_REORIGINATE = 0xffff_f000;

  private static final Map<String, Integer> WELL_KNOWN = new LinkedHashMap<>();

  static {
    WELL_KNOWN.put("no-export", 0xffff_ff01);
    WELL_KNOWN.put("no-advertise", 0xffff_ff02);
    WELL_KNOWN.put("no-export-subconfed", 0xffff_ff03);
    WELL_KNOWN.put("accept-own", ACCEPT_OWN);
    WELL_KNOWN.put("llgr-stale", 0xffff_0006);
    WELL_KNOWN.put("no-llgr", 0xffff_0007);
    WELL_KNOWN.put("accept-own-nexthop", ACCEPT_OWN_NEXTHOP);
    WELL_KNOWN.put("no-reoriginate", NO_REORIGINATE);
  }

  private Communities() {}

  /** Reads communities; what is none is left out. */
  public static SortedSet<Integer> parse(List<String> words) {
    SortedSet<Integer> found = new TreeSet<>();
    for (String word : words) {
      Integer value = parse(word);
      if (value != null) {
        found.add(value);
      }
    }
    return found;
  }

  /** Reads a community, or null if it is none. */
  public static @Nullable Integer parse(String word) {
    Integer known = WELL_KNOWN.get(word);
    return known == null ? number(word) : known;
  }

  private static @Nullable Integer number(String word) {
    int colon = word.indexOf(':');
    if (colon < 0) {
      return null;
    }
    try {
      int asn = Integer.parseInt(word, 0, colon, 10);
      int number = Integer.parseInt(word, colon + 1, word.length(), 10);
      boolean fits = asn >= 0 && asn <= 0xffff && number >= 0 && number <= 0xffff;
      return fits ? asn << 16 | number : null;
    } catch (NumberFormatException e) {
      return null;
    }
  }

  public static List<String> format(Collection<Integer> communities) {
    return communities.stream().map(Communities::format).toList();
  }

  static String format(int community) {
    for (Map.Entry<String, Integer> entry : WELL_KNOWN.entrySet()) {
      if (entry.getValue() == community) {
        return entry.getKey();
      }
    }
    return (community >>> 16) + ":" + (community & 0xffff);
  }
}
