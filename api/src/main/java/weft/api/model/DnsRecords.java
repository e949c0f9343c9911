package weft.api.model;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import weft.http.HttpError;
import weft.net.IpAddress;
import weft.schema.FqName;

/** What a DNS record may say. */
final class DnsRecords {
  private static final String DATA = "virtual_DNS_record_data";
  private static final Set<String> TYPES = Set.of("a", "cname", "ptr", "ns", "mx", "aaaa");
  private static final Pattern NAME =
      Pattern.compile("(?=.{1,255}$)[\\w*]([\\w-]{0,62})(\\.[\\w]([\\w-]{0,62}))*\\.?");
  private static final long LAST_TTL = Integer.MAX_VALUE;

  private DnsRecords() {}

  static void check(Draft draft) {
    JsonNode data = draft.property(DATA);
    if (data == null || !draft.requested(DATA)) {
      return;
    }
    String type = data.path("record_type").asString("").toLowerCase(Locale.ROOT);
    if (!TYPES.contains(type)) {
      throw refused("Invalid record type");
    }
    if (!data.path("record_class").asString("").equalsIgnoreCase("in")) {
      throw refused("Invalid record class");
    }
    checkName(type, data.path("record_name").asString(""));
    checkValue(type, data.path("record_data").asString(""), draft);
    long ttl = data.path("record_ttl_seconds").asLong(0);
    if (ttl < 0 || ttl > LAST_TTL) {
      throw refused("Invalid value for TTL");
    }
    long preference = data.path("record_mx_preference").asLong(0);
    if (type.equals("mx") && (preference < 0 || preference > 0xffff)) {
      throw refused("Invalid value for MX record preference");
    }
  }

  private static void checkName(String type, String name) {
    if (!type.equals("ptr")) {
      if (!isName(name)) {
        throw refused("Record name does not adhere to DNS name requirements");
      }
      return;
    }
    String lower = name.toLowerCase(Locale.ROOT);
    if (!isAddress(name) && !lower.contains("in-addr.arpa") && !lower.contains("ip6.arpa")) {
      throw refused("PTR Record name has to be IP address or reverse.ip.in-addr.arpa");
    }
  }

  private static void checkValue(String type, String value, Draft draft) {
    switch (type) {
      case "a" -> {
        if (!isAddress(value) || value.indexOf(':') >= 0) {
          throw refused("Invalid IP address");
        }
      }
      case "aaaa" -> {
        if (!isAddress(value) || value.indexOf(':') < 0) {
          throw refused("Invalid IPv6 address");
        }
      }
      case "ns" -> {
        boolean server =
            value.indexOf(':') > 0
                && draft.image().object("virtual-DNS", FqName.parse(value)) != null;
        if (!server && !isAddress(value) && !isName(value)) {
          throw refused("Invalid virtual dns server in record data");
        }
      }
      default -> {
        if (!isName(value)) {
          throw refused("Record data does not adhere to DNS name requirements");
        }
      }
    }
  }

  private static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  private static boolean isAddress(String text) {
    try {
      IpAddress.parse(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  private static HttpError refused(String text) {
    return new HttpError(403, text);
  }
}
