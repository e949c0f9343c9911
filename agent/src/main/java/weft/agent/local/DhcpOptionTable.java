package weft.agent.local;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.DhcpOption;
import weft.net.Hex;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Writer;

/**
 * The DHCPv4 options that may be configured, by the names of RFC 2132 and its successors or by
 * number, and how their values are written.
 */
final class DhcpOptionTable {
  private enum Kind {
    ADDRESSES,
    TEXT,
    U8,
    U16,
    U32,
    FLAG,
    U16S,
    DOMAINS,
    ROUTES,
    BYTES
  }

  private record Known(int code, Kind kind) {}

  /** These are between client and server, and not for the config to say. */
  private static final Set<Integer> RESERVED = Set.of(0, 50, 52, 53, 54, 55, 56, 57, 61, 82, 255);

  private static final Map<String, Known> BY_NAME = new HashMap<>();
  private static final Map<Integer, Kind> BY_CODE = new HashMap<>();

  private DhcpOptionTable() {}

  private static void add(Kind kind, String... entries) {
    for (String entry : entries) {
      String[] words = entry.split(" ");
      int code = Integer.parseInt(words[0]);
      BY_CODE.put(code, kind);
      for (String name : List.of(words).subList(1, words.length)) {
        BY_NAME.put(name, new Known(code, kind));
      }
    }
  }

  static {
    add(
        Kind.ADDRESSES,
        "1 subnet-mask",
        "3 routers router",
        "4 time-servers",
        "5 name-servers",
        "6 domain-name-servers dns-server",
        "7 log-servers",
        "8 quote-servers cookie-servers",
        "9 lpr-servers",
        "10 impress-servers",
        "11 resource-location-servers",
        "16 swap-server",
        "21 policy-filter",
        "28 broadcast-address",
        "32 router-solicitation-address",
        "33 static-routes static-route",
        "41 nis-servers nis-server",
        "42 ntp-servers ntp-server",
        "44 netbios-name-servers netbios-ns",
        "45 netbios-dd-server netbios-dd",
        "48 font-servers",
        "49 x-display-manager",
        "65 nisplus-servers nis+-server",
        "68 mobile-ip-home-agent",
        "69 smtp-server",
        "70 pop-server pop3-server",
        "71 nntp-server",
        "72 www-server",
        "73 finger-server",
        "74 irc-server",
        "75 streettalk-server",
        "76 streettalk-directory-assistance-server",
        "85 nds-servers",
        "89 bcms-controller-address",
        "112 netinfo-server-address",
        "118 subnet-selection",
        "138 capwap-ac",
        "150 tftp-server-address");
    add(
        Kind.TEXT,
        "12 host-name hostname",
        "14 merit-dump",
        "15 domain-name",
        "17 root-path",
        "18 extensions-path extension-path",
        "40 nis-domain",
        "47 netbios-scope",
        "60 vendor-class-identifier class-id",
        "62 nwip-domain",
        "64 nisplus-domain nis+-domain",
        "66 tftp-server-name tftp-server",
        "67 bootfile-name bootfile",
        "86 nds-tree-name",
        "87 nds-context",
        "98 uap-servers",
        "100 pcode posix-timezone",
        "101 tcode tzdb-timezone",
        "113 netinfo-server-tag",
        "114 default-url captive-portal",
        "209 config-file",
        "210 path-prefix",
        "252 wpad");
    add(
        Kind.U8,
        "23 default-ip-ttl default-ttl",
        "37 default-tcp-ttl tcp-ttl",
        "46 netbios-node-type netbios-nodetype",
        "116 auto-config");
    add(Kind.U16, "13 boot-size boot-file-size", "22 max-dgram-reassembly", "26 interface-mtu mtu");
    add(
        Kind.U32,
        "2 time-offset",
        "24 path-mtu-aging-timeout",
        "35 arp-cache-timeout arp-timeout",
        "38 tcp-keepalive-interval tcp-keepalive",
        "51 dhcp-lease-time lease-time",
        "58 dhcp-renewal-time T1",
        "59 dhcp-rebinding-time T2",
        "108 ipv6-only-preferred",
        "211 reboot-time");
    add(
        Kind.FLAG,
        "19 ip-forwarding ip-forward-enable",
        "20 non-local-source-routing",
        "27 all-subnets-local",
        "29 perform-mask-discovery",
        "30 mask-supplier",
        "31 router-discovery",
        "34 trailer-encapsulation",
        "36 ieee802-3-encapsulation ethernet-encap",
        "39 tcp-keepalive-garbage");
    add(Kind.U16S, "25 path-mtu-plateau-table", "117 name-service-search");
    add(Kind.DOMAINS, "88 bcms-controller-names", "119 domain-search");
    add(Kind.ROUTES, "121 classless-static-routes classless-static-route", "249 ms-static-routes");
    add(
        Kind.BYTES,
        "43 vendor-encapsulated-options vendor-encap",
        "63 nwip-suboptions",
        "77 user-class",
        "78 slp-directory-agent",
        "79 slp-service-scope",
        "90 authentication",
        "97 client-machine-id",
        "99 geoconf-civic",
        "120 sip-servers sip-server",
        "122 ccc",
        "123 geoconf",
        "124 vi-vendor-class",
        "125 vi-vendor-specific",
        "128 dhcp-option-128");
  }

  /** The number of an option, 0 if it is none that guests can be told. */
  static int code(DhcpOption option) {
    Known known = known(option);
    return known == null ? 0 : known.code();
  }

  private static @Nullable Known known(DhcpOption option) {
    String name = option.name().trim().toLowerCase(Locale.ROOT);
    Known named = BY_NAME.get(name);
    if (named != null) {
      return named;
    }
    try {
      int code = Integer.parseInt(name.startsWith("option-") ? name.substring(7) : name);
      return code < 0 || code > 255 || RESERVED.contains(code)
          ? null
          : new Known(code, BY_CODE.getOrDefault(code, Kind.TEXT));
    } catch (NumberFormatException e) {
      return null;
    }
  }

  /** The options by number: of several of a kind, the first that can be written counts. */
  static Map<Integer, byte[]> encode(List<DhcpOption> options) {
    Map<Integer, byte[]> found = new LinkedHashMap<>();
    for (DhcpOption option : options) {
      Known known = known(option);
      byte[] value = known == null || found.containsKey(known.code()) ? null : value(known, option);
      if (known != null && value != null) {
        found.put(known.code(), value);
      }
    }
    return found;
  }

  private static byte @Nullable [] value(Known known, DhcpOption option) {
    String text = option.value().trim();
    try {
      Writer out = new Writer(16);
      switch (known.kind()) {
        case TEXT -> out.bytes(option.value().getBytes(StandardCharsets.UTF_8));
        case ADDRESSES -> each(text, word -> out.ip(Ipv4Address.parse(word)));
        case U8 -> out.u8(number(text, 0xff));
        case U16 -> out.u16(number(text, 0xffff));
        case U32 -> out.u32(seconds(text));
        case FLAG -> out.u8(flag(text));
        case U16S -> each(text, word -> out.u16(number(word, 0xffff)));
        case DOMAINS -> out.bytes(Dhcp6Names.encode(text));
        case ROUTES -> routes(text, out);
        case BYTES -> out.bytes(bytes(text));
      }
      boolean mtuOfNoLink = known.code() == 26 && number(text, 0xffff) < 68;
      return out.size() == 0 || mtuOfNoLink ? null : out.toBytes();
    } catch (IllegalArgumentException e) {
      return null; // a value that cannot be written says nothing
    }
  }

  private interface Word {
    Object take(String word);
  }

  private static void each(String text, Word word) {
    for (String part : text.split("[\\s,]+")) {
      Object _ = word.take(part);
    }
  }

  private static int number(String text, int most) {
    int number = Integer.parseInt(text);
    if (number < 0 || number > most) {
      throw new IllegalArgumentException(text);
    }
    return number;
  }

  private static long seconds(String text) {
    if (text.equals("infinite") || text.equals("-1")) {
      return 0xffff_ffffL;
    }
    long number = Long.parseLong(text);
    if (number < Integer.MIN_VALUE || number > 0xffff_ffffL) {
      throw new IllegalArgumentException(text);
    }
    return number & 0xffff_ffffL;
  }

  private static int flag(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "1", "true", "on", "yes" -> 1;
      case "0", "false", "off", "no" -> 0;
      default -> throw new IllegalArgumentException(text);
    };
  }

  /** Destinations and gateways in turn (RFC 3442). */
  private static void routes(String text, Writer out) {
    String[] words = text.split("[\\s,]+");
    if (words.length % 2 != 0) {
      throw new IllegalArgumentException(text);
    }
    for (int i = 0; i < words.length; i += 2) {
      IpPrefix prefix = IpPrefix.parse(words[i]);
      if (!prefix.isV4()) {
        throw new IllegalArgumentException(text);
      }
      out.u8(prefix.length()).bytes(prefix.address().toBytes(), 0, (prefix.length() + 7) / 8);
      out.ip(Ipv4Address.parse(words[i + 1]));
    }
  }

  /** Hexadecimal as `01:02:ff` or `0x0102ff`, else decimal numbers, else the text as it is. */
  private static byte[] bytes(String text) {
    if (text.startsWith("0x")) {
      return Hex.parse(text.substring(2));
    }
    if (text.matches("[0-9a-fA-F]{2}(:[0-9a-fA-F]{2})*")) {
      return Hex.parse(text.replace(":", ""));
    }
    if (text.matches("\\d{1,3}([\\s,]+\\d{1,3})*")) {
      Writer out = new Writer(16);
      each(text, word -> out.u8(number(word, 0xff)));
      return out.toBytes();
    }
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
