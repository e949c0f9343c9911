package weft.control;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weft.http.HttpError;
import weft.http.Query;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.routing.Family;
import weft.routing.Path;
import weft.routing.Peer;
import weft.routing.Route;
import weft.routing.RouteKey;
import weft.routing.TableId;

/**
 * Which routes and paths are asked for; what is null does not narrow.
 *
 * @param table the whole name of a table, or that of an instance for all its tables
 * @param prefix what the key must be about
 * @param within a prefix that must contain the key's
 * @param source the peer that told the path
 * @param protocol as rows show it
 * @param target a route target that the path must carry
 * @param best whether only paths in use are wanted, or only others
 */
record RouteFilter(
    @Nullable String table,
    @Nullable Wanted prefix,
    @Nullable IpPrefix within,
    @Nullable String source,
    @Nullable String protocol,
    @Nullable RouteTarget target,
    @Nullable Boolean best) {
  static final Set<String> PARAMETERS =
      Set.of("table", "prefix", "within", "source", "protocol", "target", "best");

  /**
   * What a key must be about: the key as written, with or without its RD, or an address, a prefix
   * or a MAC in it.
   *
   * @param rd of a prefix that has one in front
   */
  record Wanted(
      String text,
      @Nullable RouteDistinguisher rd,
      @Nullable IpPrefix prefix,
      @Nullable IpAddress address,
      @Nullable MacAddress mac) {
    private static final Pattern WITH_RD = Pattern.compile("([^:]+:[^:]+):(.+/\\d+)");
    private static final Pattern MAC = Pattern.compile("\\p{XDigit}{2}(:\\p{XDigit}{2}){5}");

    static Wanted of(String text) {
      try {
        if (MAC.matcher(text).matches()) {
          return new Wanted(text, null, null, null, MacAddress.parse(text));
        }
        return text.contains("/")
            ? new Wanted(text, null, IpPrefix.parse(text), null, null)
            : new Wanted(text, null, null, IpAddress.parse(text), null);
      } catch (IllegalArgumentException _) {
        return distinguished(text);
      }
    }

    private static Wanted distinguished(String text) {
      Matcher parts = WITH_RD.matcher(text);
      try {
        return parts.matches()
            ? new Wanted(
                text,
                RouteDistinguisher.parse(parts.group(1)),
                IpPrefix.parse(parts.group(2)),
                null,
                null)
            : new Wanted(text, null, null, null, null);
      } catch (IllegalArgumentException _) {
        return new Wanted(text, null, null, null, null);
      }
    }

    boolean matches(RouteKey key) {
      RouteKey inner = key instanceof RouteKey.Vpn vpn ? vpn.key() : key;
      if (rd != null && !(key instanceof RouteKey.Vpn vpn && vpn.rd().equals(rd))) {
        return false;
      }
      if (prefix != null) {
        return prefix.equals(prefixOf(inner));
      }
      if (address != null) {
        return isOf(inner, address);
      }
      if (mac != null) {
        return inner instanceof RouteKey.Mac m && m.mac().equals(mac)
            || inner instanceof RouteKey.Broadcast && mac.isBroadcast();
      }
      return key.toString().equals(text) || inner.toString().equals(text);
    }

    private static boolean isOf(RouteKey key, IpAddress wanted) {
      return switch (key) {
        case RouteKey.Broadcast k -> k.originator().equals(wanted);
        case RouteKey.Selective k ->
            k.group().equals(wanted) || k.source().equals(wanted) || k.originator().equals(wanted);
        case RouteKey.Group k -> k.group().equals(wanted) || k.source().equals(wanted);
        case RouteKey.Tree k -> k.group().equals(wanted) || k.source().equals(wanted);
        case RouteKey.Inet _,
            RouteKey.Mac _,
            RouteKey.Prefix _,
            RouteKey.OtherEvpn _,
            RouteKey.Membership _,
            RouteKey.Vpn _ -> {
          IpPrefix own = prefixOf(key);
          yield own != null && own.address().equals(wanted);
        }
      };
    }
  }

  static RouteFilter of(Query query) {
    String prefix = query.first("prefix");
    String within = query.first("within");
    String target = query.first("target");
    String best = query.first("best");
    return new RouteFilter(
        query.first("table"),
        prefix == null ? null : Wanted.of(prefix),
        within == null ? null : parse("within", within, IpPrefix::parse),
        query.first("source"),
        query.first("protocol"),
        target == null ? null : parse("target", target, RouteTarget::parse),
        best == null ? null : parse("best", best, RouteFilter::bool));
  }

  private interface Parser<T> {
    T parse(String text);
  }

  private static <T> T parse(String name, String text, Parser<T> parser) {
    try {
      return parser.parse(text);
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest(name + ": " + e.getMessage());
    }
  }

  private static boolean bool(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "true", "" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException("'" + text + "' is neither true nor false");
    };
  }

  /** The prefix that a key of an instance is about, if it is about one. */
  private static @Nullable IpPrefix prefixOf(RouteKey key) {
    return switch (key) {
      case RouteKey.Inet k -> k.prefix();
      case RouteKey.Mac k -> k.address();
      case RouteKey.Prefix k -> k.prefix();
      case RouteKey.Broadcast _,
          RouteKey.Selective _,
          RouteKey.Group _,
          RouteKey.Tree _,
          RouteKey.OtherEvpn _,
          RouteKey.Membership _,
          RouteKey.Vpn _ ->
          null;
    };
  }

  /** The only key of a table of that family that is wanted, if that is clear without a search. */
  @Nullable RouteKey only(Family family) {
    if (prefix == null || prefix.prefix() == null) {
      return null;
    }
    RouteKey.Inet inner = new RouteKey.Inet(prefix.prefix());
    return switch (family) {
      case INET, INET6, INET_LABELED -> inner;
      case VPN_INET, VPN_INET6 -> prefix.rd() == null ? null : RouteKey.Vpn.of(prefix.rd(), inner);
      case EVPN, ERMVPN, VPN_EVPN, VPN_ERMVPN, ROUTE_TARGET -> null;
    };
  }

  boolean takes(TableId id) {
    return TableView.isWanted(id, table);
  }

  /** Whether any path of the route is wanted. */
  boolean takes(Route route) {
    RouteKey key = route.key();
    if (prefix != null && !prefix.matches(key)) {
      return false;
    }
    if (within != null) {
      IpPrefix own = prefixOf(key instanceof RouteKey.Vpn vpn ? vpn.key() : key);
      if (own == null || !within.contains(own)) {
        return false;
      }
    }
    if (source == null && protocol == null && target == null && best == null) {
      return true;
    }
    var selection = route.selection();
    for (int i = 0; i < selection.ranked().size(); i++) {
      if (takes(selection.ranked().get(i), i < selection.equal())) {
        return true;
      }
    }
    return false;
  }

  boolean takes(Path path, boolean used) {
    return (source == null || path.peer().name().equals(source))
        && (protocol == null || protocol(path.peer().kind()).equalsIgnoreCase(protocol))
        && (target == null || path.attributes().membership().targets().contains(target))
        && (best == null || best == used);
  }

  /** How a path came here. */
  static String protocol(Peer.Kind kind) {
    return switch (kind) {
      case AGENT -> "XMPP";
      case INTERNAL_BGP, EXTERNAL_BGP -> "BGP";
      case LOCAL -> "Local";
      case AGGREGATE -> "Aggregate";
      case STATIC -> "Static";
    };
  }
}
