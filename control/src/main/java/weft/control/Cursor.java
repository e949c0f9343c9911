package weft.control;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;
import weft.net.RouteDistinguisher;
import weft.routing.Family;
import weft.routing.RouteKey;
import weft.routing.TableId;

/**
 * The place of a route among all: what a page of them ends with, so that the next may begin there
 * even if that route is gone.
 */
record Cursor(TableId table, RouteKey key) {
  private static final String GAP = "\t";

  /** Opaque for those who carry it. */
  String text() {
    String plain =
        String.join(GAP, table.instance(), table.family().name()) + GAP + String.join(GAP, words());
    return Base64.getUrlEncoder()
        .withoutPadding()
        .encodeToString(plain.getBytes(StandardCharsets.UTF_8));
  }

  private List<String> words() {
    return key instanceof RouteKey.Vpn vpn
        ? List.of(vpn.rd().toString(), inInstance(vpn.key()))
        : List.of(inInstance(key));
  }

  private static String inInstance(RouteKey key) {
    return switch (key) {
      case RouteKey.Inet k -> words("inet", k.prefix());
      case RouteKey.Mac k -> words("mac", k.tag(), k.mac(), k.address());
      case RouteKey.Broadcast k -> words("broadcast", k.tag(), k.originator());
      case RouteKey.Prefix k -> words("prefix", k.tag(), k.prefix());
      case RouteKey.Selective k ->
          words("selective", k.tag(), k.group(), k.source(), k.originator());
      case RouteKey.Group k -> words("group", k.group(), k.source(), k.owner());
      case RouteKey.Tree k -> words("tree", k.kind(), k.router(), k.group(), k.source());
      case RouteKey.OtherEvpn k -> words("evpn", k.type(), k.rest());
      case RouteKey.Membership k -> words("membership", k.length(), k.originAs(), k.target());
      case RouteKey.Vpn k -> throw new IllegalArgumentException(k + " is not of an instance");
    };
  }

  private static String words(Object... words) {
    return String.join(" ", List.of(words).stream().map(Object::toString).toList());
  }

  /** Answers 400 to what `text` has not written. */
  static Cursor parse(String text) {
    try {
      String plain = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8);
      String[] parts = plain.split(GAP, -1);
      RouteKey key = inInstance(parts[parts.length - 1].split(" ", -1));
      return new Cursor(
          new TableId(parts[0], Family.valueOf(parts[1])),
          parts.length == 4 ? RouteKey.Vpn.of(RouteDistinguisher.parse(parts[2]), key) : key);
    } catch (IllegalArgumentException | IndexOutOfBoundsException _) {
      throw HttpError.badRequest("after: '" + text + "' is not what an answer gave as next");
    }
  }

  private static RouteKey inInstance(String[] words) {
    return switch (words[0]) {
      case "inet" -> new RouteKey.Inet(IpPrefix.parse(words[1]));
      case "mac" ->
          new RouteKey.Mac(
              Long.parseLong(words[1]), MacAddress.parse(words[2]), IpPrefix.parse(words[3]));
      case "broadcast" ->
          new RouteKey.Broadcast(Long.parseLong(words[1]), IpAddress.parse(words[2]));
      case "prefix" -> new RouteKey.Prefix(Long.parseLong(words[1]), IpPrefix.parse(words[2]));
      case "selective" ->
          new RouteKey.Selective(
              Long.parseLong(words[1]),
              IpAddress.parse(words[2]),
              IpAddress.parse(words[3]),
              IpAddress.parse(words[4]));
      case "group" ->
          new RouteKey.Group(
              IpAddress.parse(words[1]),
              IpAddress.parse(words[2]),
              RouteDistinguisher.parse(words[3]));
      case "tree" ->
          new RouteKey.Tree(
              RouteKey.Tree.Kind.valueOf(words[1]),
              Integer.parseInt(words[2]),
              IpAddress.parse(words[3]),
              IpAddress.parse(words[4]));
      case "evpn" -> new RouteKey.OtherEvpn(Integer.parseInt(words[1]), words[2]);
      case "membership" ->
          new RouteKey.Membership(
              Integer.parseInt(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]));
      default -> throw new IllegalArgumentException(words[0]);
    };
  }
}
