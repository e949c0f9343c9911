package weft.agent.local;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Wanted.DhcpOption;
import weft.agent.core.Wanted.Subnet;
import weft.net.IpAddress;
import weft.net.Ipv6Address;
import weft.net.Writer;

/** Name servers of IPv6 guests, and the domains in which they look names up. */
final class Dhcp6Names {
  private static final Set<String> SERVERS = Set.of("v6-name-servers", "domain-name-servers", "6");
  private static final List<String> DOMAINS =
      List.of("v6-domain-search", "domain-search", "119", "domain-name", "15");

  private Dhcp6Names() {}

  /** Those of the first option that names any, else those of the subnets. */
  static List<Ipv6Address> servers(List<DhcpOption> options, List<Subnet> subnets) {
    Set<Ipv6Address> found = new LinkedHashSet<>();
    for (DhcpOption option : options) {
      if (found.isEmpty() && SERVERS.contains(option.name().toLowerCase(Locale.ROOT))) {
        for (String word : option.value().trim().split("[\\s,]+")) {
          if (address(word) instanceof Ipv6Address server) {
            found.add(server);
          }
        }
      }
    }
    if (found.isEmpty()) {
      for (Subnet subnet : subnets) {
        for (IpAddress each : subnet.nameServers()) {
          if (each instanceof Ipv6Address server) {
            found.add(server);
          }
        }
      }
    }
    return List.copyOf(found);
  }

  private static @Nullable IpAddress address(String word) {
    try {
      return IpAddress.parse(word);
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** In the wire form of DNS, of the first option that names any; empty if none does. */
  static byte[] domains(List<DhcpOption> options) {
    for (String name : DOMAINS) {
      for (DhcpOption option : options) {
        if (option.name().toLowerCase(Locale.ROOT).equals(name)) {
          return encode(option.value());
        }
      }
    }
    return new byte[0];
  }

  /** Names one after the other, without compression; what is no name is left out. */
  static byte[] encode(String names) {
    Writer out = new Writer(64);
    for (String name : names.trim().split("[\\s,]+")) {
      try {
        String relative = name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
        if (!relative.isEmpty()) {
          out.bytes(DnsMessage.name(relative));
        }
      } catch (IllegalArgumentException e) {
        // Not a name: guests are told the others.
      }
    }
    return out.toBytes();
  }
}
