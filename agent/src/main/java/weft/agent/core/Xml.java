package weft.agent.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;
import weft.net.XmlElement;

/** Reads typed values out of config elements; what is missing or malformed is null or left out. */
final class Xml {
  private Xml() {}

  static @Nullable XmlElement path(@Nullable XmlElement from, String... names) {
    XmlElement at = from;
    for (String name : names) {
      if (at == null) {
        return null;
      }
      at = at.child(name);
    }
    return at;
  }

  static @Nullable String text(@Nullable XmlElement from, String... names) {
    XmlElement at = path(from, names);
    return at == null || at.text().isBlank() ? null : at.text().trim();
  }

  static List<XmlElement> all(@Nullable XmlElement from, String name) {
    return from == null ? List.of() : from.children(name);
  }

  static int number(@Nullable String text, int otherwise) {
    if (text == null) {
      return otherwise;
    }
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      return otherwise;
    }
  }

  /** The number of a protocol that is named or numbered; 0 if it is neither. */
  static int protocol(@Nullable String word) {
    return switch (word == null ? "" : word.toLowerCase(Locale.ROOT)) {
      case "icmp" -> 1;
      case "tcp" -> 6;
      case "udp" -> 17;
      case "icmp6" -> 58;
      case "sctp" -> 132;
      default -> number(word, 0);
    };
  }

  static boolean isTrue(@Nullable String text) {
    return "true".equals(text);
  }

  static @Nullable IpAddress address(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  static @Nullable MacAddress mac(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return MacAddress.parse(text.toLowerCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  static @Nullable IpPrefix prefix(@Nullable String text) {
    if (text == null) {
      return null;
    }
    try {
      return IpPrefix.parse(text);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** A `SubnetType`: prefix and length in two elements. */
  static @Nullable IpPrefix subnet(@Nullable XmlElement subnet) {
    String address = text(subnet, "ip-prefix");
    String length = text(subnet, "ip-prefix-len");
    return address == null || length == null ? null : prefix(address + "/" + length);
  }

  /** A `RouteTableType`; a next hop of zeros stands for the subnet's gateway. */
  static List<Wanted.HostRoute> routes(@Nullable XmlElement table) {
    List<Wanted.HostRoute> routes = new ArrayList<>();
    for (XmlElement route : all(table, "route")) {
      IpPrefix prefix = prefix(text(route, "prefix"));
      IpAddress hop = address(text(route, "next-hop"));
      if (prefix != null) {
        boolean gateway = hop == null || hop.equals(weft.net.Ipv4Address.ANY);
        routes.add(new Wanted.HostRoute(prefix, gateway ? null : hop));
      }
    }
    return routes;
  }

  /** A `DhcpOptionsListType`. */
  static List<Wanted.DhcpOption> options(@Nullable XmlElement list) {
    List<Wanted.DhcpOption> options = new ArrayList<>();
    for (XmlElement option : all(list, "dhcp-option")) {
      String name = text(option, "dhcp-option-name");
      String value = text(option, "dhcp-option-value");
      if (name != null && value != null) {
        options.add(new Wanted.DhcpOption(name, value));
      }
    }
    return options;
  }
}
