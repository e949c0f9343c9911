package weft.agent.core;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import weft.net.IpPrefix;
import weft.net.IpProtocol;
import weft.net.XmlElement;
import weft.vrouter.Acl;
import weft.vrouter.Acl.Action;
import weft.vrouter.Acl.Endpoint;
import weft.vrouter.Acl.Family;
import weft.vrouter.Acl.PortRange;

/**
 * Turns the config's access-control entries into the datapath's rules, in order.
 *
 * <p>A rule that names lists of subnets becomes one rule for each pair. A rule that cannot be read
 * matches nothing, so it is left out.
 */
final class AclCompiler {
  private static final UUID NO_ID = new UUID(0, 0);

  private final ToIntFunction<String> networkIds;

  /**
   * @param networkIds the number by which routes name a network
   */
  AclCompiler(ToIntFunction<String> networkIds) {
    this.networkIds = networkIds;
  }

  /** The rules of all `entries`, which are `AclEntriesType`; a null one has no rules. */
  Acl compile(String name, List<@Nullable XmlElement> entries) {
    List<Acl.Rule> rules = new ArrayList<>();
    for (XmlElement each : entries) {
      for (XmlElement rule : Xml.all(each, "acl-rule")) {
        add(rule, rules);
      }
    }
    return new Acl(name, rules.stream().distinct().toList());
  }

  private void add(XmlElement rule, List<Acl.Rule> rules) {
    XmlElement match = rule.child("match-condition");
    if (match == null) {
      return;
    }
    int protocol = protocol(Xml.text(match, "protocol"));
    PortRange sourcePorts = ports(match.child("src-port"));
    PortRange destinationPorts = ports(match.child("dst-port"));
    Family family = family(Xml.text(match, "ethertype"));
    if (protocol == UNKNOWN || sourcePorts == null || destinationPorts == null || family == null) {
      return;
    }
    boolean deny = "deny".equals(Xml.text(rule, "action-list", "simple-action"));
    UUID id = id(Xml.text(rule, "rule-uuid"));
    for (Endpoint source : endpoints(match.child("src-address"))) {
      for (Endpoint destination : endpoints(match.child("dst-address"))) {
        rules.add(
            new Acl.Rule(
                id,
                family,
                protocol,
                source,
                destination,
                sourcePorts,
                destinationPorts,
                deny ? Action.DENY : Action.PASS));
      }
    }
  }

  private static UUID id(@Nullable String text) {
    if (text == null) {
      return NO_ID;
    }
    try {
      return UUID.fromString(text);
    } catch (IllegalArgumentException e) {
      return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static final int UNKNOWN = -2;

  private static int protocol(@Nullable String text) {
    return text == null || text.equals("any") || text.equals("-1")
        ? -1
        : IpProtocol.number(text).orElse(UNKNOWN);
  }

  private static @Nullable Family family(@Nullable String text) {
    if (text == null) {
      return Family.ANY;
    }
    return switch (text) {
      case "IPv4" -> Family.IPV4;
      case "IPv6" -> Family.IPV6;
      default -> null;
    };
  }

  private static @Nullable PortRange ports(@Nullable XmlElement ports) {
    int low = Xml.number(Xml.text(ports, "start-port"), 0);
    int high = Xml.number(Xml.text(ports, "end-port"), 65535);
    if (low == -1 || high == -1) {
      return PortRange.ANY;
    }
    return low < 0 || high > 65535 || low > high ? null : new PortRange(low, high);
  }

  /** An address that says nothing is any address. */
  private List<Endpoint> endpoints(@Nullable XmlElement address) {
    List<Endpoint> found = new ArrayList<>();
    boolean named = false;
    for (XmlElement each : address == null ? List.<XmlElement>of() : address.children()) {
      boolean empty = each.text().isBlank() && each.children().isEmpty();
      if (empty || each.name().equals("network-policy")) {
        continue;
      }
      named = true;
      Endpoint endpoint =
          switch (each.name()) {
            case "subnet", "subnet-list" -> subnet(each);
            case "security-group" -> group(each.text().trim());
            case "virtual-network" -> network(each.text().trim());
            default -> null;
          };
      if (endpoint != null) {
        found.add(endpoint);
      }
    }
    return named ? found : List.of(Endpoint.ANY);
  }

  private static @Nullable Endpoint subnet(XmlElement subnet) {
    IpPrefix prefix = Xml.subnet(subnet);
    return prefix == null ? null : new Endpoint.Subnet(prefix);
  }

  private static @Nullable Endpoint group(String text) {
    if (text.equals("any") || text.equals("-1") || text.equals("local")) {
      return Endpoint.ANY;
    }
    int id = Xml.number(text, 0);
    return id == 0 ? null : new Endpoint.Group(id);
  }

  private Endpoint network(String text) {
    return text.equals("any") ? Endpoint.ANY : new Endpoint.Network(networkIds.applyAsInt(text));
  }
}
