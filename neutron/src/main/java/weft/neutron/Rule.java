package weft.neutron;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpPrefix;
import weft.net.IpProtocol;
import weft.schema.ConfigObject;

/**
 * What a rule of a security group lets through.
 *
 * @param first lowest port or type of ICMP; 0 to 65535 for all
 * @param prefix of the other side; null if that is a group
 * @param group the full name of the other side's group; null if that is a prefix
 */
record Rule(
    String direction,
    String ethertype,
    String protocol,
    int first,
    int last,
    @Nullable String prefix,
    @Nullable String group,
    @Nullable String description) {
  static final int LAST_PORT = 65535;

  private static final String LOCAL = "local";
  private static final Set<String> WITH_PORTS = Set.of("tcp", "udp", "dccp", "sctp", "udplite");
  private static final Set<String> ICMP = Set.of("icmp", "icmpv6", "ipv6-icmp");
  private static final Set<String> ICMP_V6 = Set.of("icmpv6", "ipv6-icmp");

  /** Numbers of the protocols whose names begin with `ipv6-`. */
  private static final Set<String> V6 = Set.of("41", "43", "44", "58", "59", "60");

  private static final Map<String, String> NUMBERS =
      Map.of(
          "1", "icmp", "6", "tcp", "17", "udp", "33", "dccp", "58", "icmpv6", "132", "sctp", "136",
          "udplite");

  static Rule read(Sent sent, Change change) {
    String direction = sent.string("direction").toLowerCase(Locale.ROOT);
    if (!direction.equals("ingress") && !direction.equals("egress")) {
      throw NeutronException.invalidInput(
          "direction: '" + direction + "' is not in ('ingress', 'egress')");
    }
    String ethertype = ethertype(sent);
    String protocol = protocol(sent, ethertype);
    String prefix = sent.text("remote_ip_prefix");
    UUID remote = remote(sent);
    if (prefix != null && remote != null) {
      throw NeutronException.of("SecurityGroupMultipleRemoteEntites");
    }
    if (sent.set("remote_address_group_id")) {
      throw NeutronException.badRequest(sent.resource(), "address groups are not supported");
    }
    int[] ports = ports(sent, protocol);
    return new Rule(
        direction,
        ethertype,
        protocol,
        ports[0],
        ports[1],
        remote == null ? prefix(prefix, ethertype) : null,
        remote == null ? null : group(remote, change),
        sent.string("description"));
  }

  /** What is no uuid is no group that is there. */
  private static @Nullable UUID remote(Sent sent) {
    String text = sent.string("remote_group_id");
    UUID remote = Ids.parse(text);
    if (remote == null && !text.isEmpty()) {
      throw SecurityGroups.notFound(text);
    }
    return remote;
  }

  private static String ethertype(Sent sent) {
    String text = sent.set("ethertype") ? sent.string("ethertype") : "IPv4";
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "ipv4" -> "IPv4";
      case "ipv6" -> "IPv6";
      default ->
          throw NeutronException.of(
              "SecurityGroupRuleInvalidEtherType", "ethertype", text, "values", "IPv4, IPv6");
    };
  }

  private static String protocol(Sent sent, String ethertype) {
    String text = sent.string("protocol").toLowerCase(Locale.ROOT);
    if (text.isEmpty() || text.equals("any")) {
      return "any";
    }
    String known = NUMBERS.getOrDefault(text, text);
    if (IpProtocol.number(text).isEmpty()) {
      throw NeutronException.of(
          "SecurityGroupRuleInvalidProtocol", "protocol", text, "values", IpProtocol.names());
    }
    boolean six = known.startsWith("ipv6-") || known.equals("icmpv6") || V6.contains(known);
    if (six && ethertype.equals("IPv4")) {
      throw NeutronException.of(
          "SecurityGroupEthertypeConflictWithProtocol", "ethertype", ethertype, "protocol", text);
    }
    return text;
  }

  private static int[] ports(Sent sent, String protocol) {
    OptionalInt min = sent.number("port_range_min");
    OptionalInt max = sent.number("port_range_max");
    boolean none = min.isEmpty() && max.isEmpty();
    String known = NUMBERS.getOrDefault(protocol, protocol);
    if (protocol.equals("any")) {
      if (!none && !(min.orElse(0) == 0 && max.orElse(LAST_PORT) == LAST_PORT)) {
        throw NeutronException.of("SecurityGroupProtocolRequiredWithPorts");
      }
      return new int[] {0, LAST_PORT};
    }
    if (ICMP.contains(known)) {
      return icmp(min, max);
    }
    if (none) {
      return new int[] {0, LAST_PORT};
    }
    if (!WITH_PORTS.contains(known)) {
      throw NeutronException.of(
          "SecurityGroupInvalidProtocolForPort",
          "protocol",
          protocol,
          "valid_port_protocols",
          String.join(", ", WITH_PORTS.stream().sorted().toList()));
    }
    for (OptionalInt port : List.of(min, max)) {
      if (port.isPresent() && (port.getAsInt() < 0 || port.getAsInt() > LAST_PORT)) {
        throw NeutronException.of(
            "SecurityGroupInvalidPortValue", "port", String.valueOf(port.getAsInt()));
      }
    }
    if (min.isEmpty() || max.isEmpty() || min.getAsInt() > max.getAsInt()) {
      throw NeutronException.of("SecurityGroupInvalidPortRange");
    }
    return new int[] {min.getAsInt(), max.getAsInt()};
  }

  /** The range holds the type and the code. */
  private static int[] icmp(OptionalInt type, OptionalInt code) {
    if (type.orElse(0) == 0 && code.orElse(0) == LAST_PORT) {
      return new int[] {0, LAST_PORT};
    }
    checkIcmp("type", "port_range_min", type);
    checkIcmp("code", "port_range_max", code);
    if (type.isEmpty() && code.isPresent()) {
      throw NeutronException.of(
          "SecurityGroupMissingIcmpType", "value", String.valueOf(code.getAsInt()));
    }
    if (type.isPresent() && type.getAsInt() == 0) {
      return new int[] {0, 0}; // an echo's reply has no other code, and 0 to 65535 are all types
    }
    return new int[] {type.orElse(0), code.orElse(LAST_PORT)};
  }

  private static void checkIcmp(String field, String attribute, OptionalInt value) {
    if (value.isPresent() && (value.getAsInt() < 0 || value.getAsInt() > 255)) {
      throw NeutronException.of(
          "SecurityGroupInvalidIcmpValue",
          "field",
          field,
          "attr",
          attribute,
          "value",
          String.valueOf(value.getAsInt()));
    }
  }

  private static String prefix(@Nullable String text, String ethertype) {
    boolean v4 = ethertype.equals("IPv4");
    if (text == null || text.isEmpty()) {
      return v4 ? "0.0.0.0/0" : "::/0";
    }
    IpPrefix prefix;
    try {
      prefix = IpPrefix.parse(text.indexOf('/') < 0 ? text + (v4 ? "/32" : "/128") : text);
    } catch (IllegalArgumentException _) {
      throw NeutronException.of("InvalidCIDR", "input", text);
    }
    if (prefix.isV4() != v4) {
      throw NeutronException.of(
          "SecurityGroupRuleParameterConflict", "ethertype", ethertype, "cidr", text);
    }
    return prefix.toString();
  }

  private static String group(UUID remote, Change change) {
    ConfigObject group = change.object(Lookup.GROUP, remote);
    if (group == null) {
      throw SecurityGroups.notFound(remote.toString());
    }
    return String.join(":", group.fqName().parts());
  }

  /** As it is stored: towards the own side if it is for what comes in. */
  ObjectNode node(Change change) {
    String now = Times.text(change.edit().now());
    ObjectNode node = Json.object();
    node.put("rule_uuid", change.edit().newUuid().toString());
    node.put("direction", ">").put("protocol", protocol).put("ethertype", ethertype);
    ObjectNode remote = Json.object();
    if (group != null) {
      remote.put("security_group", group);
    } else if (prefix != null) {
      int slash = prefix.indexOf('/');
      remote
          .putObject("subnet")
          .put("ip_prefix", prefix.substring(0, slash))
          .put("ip_prefix_len", Integer.parseInt(prefix.substring(slash + 1)));
    }
    ObjectNode own = Json.object().put("security_group", LOCAL);
    boolean in = direction.equals("ingress");
    node.putArray("src_addresses").add(in ? remote : own);
    range(node.putArray("src_ports"), 0, LAST_PORT);
    node.putArray("dst_addresses").add(in ? own : remote);
    range(node.putArray("dst_ports"), first, last);
    node.put("created", now).put("last_modified", now);
    if (description != null) {
      node.put("description", description);
    }
    return node;
  }

  private static void range(ArrayNode ports, int first, int last) {
    ports.addObject().put("start_port", first).put("end_port", last);
  }

  /** Reads what is stored; any prefix is the first one given. */
  static Rule of(JsonNode node) {
    JsonNode source = node.path("src_addresses").path(0);
    boolean egress = LOCAL.equals(source.path("security_group").asString(""));
    JsonNode remote = egress ? node.path("dst_addresses").path(0) : source;
    JsonNode subnet = remote.path("subnet");
    JsonNode ports = node.path("dst_ports").path(0);
    return new Rule(
        egress ? "egress" : "ingress",
        node.path("ethertype").asString("IPv4"),
        node.path("protocol").asString("any"),
        ports.path("start_port").asInt(0),
        ports.path("end_port").asInt(LAST_PORT),
        subnet.isObject()
            ? subnet.path("ip_prefix").asString("") + "/" + subnet.path("ip_prefix_len").asInt(0)
            : null,
        Standard.text(remote.path("security_group")),
        Standard.text(node.path("description")));
  }

  /** True if it is for a prefix that has all addresses. */
  boolean everywhere() {
    return prefix != null && prefix.endsWith("/0");
  }

  /** Whether both let the same through: numbers stand for their protocols, and so on. */
  boolean same(Rule other) {
    return direction.equals(other.direction)
        && ethertype.equals(other.ethertype)
        && plain().equals(other.plain())
        && first == other.first
        && last == other.last
        && java.util.Objects.equals(prefix, other.prefix)
        && java.util.Objects.equals(group, other.group);
  }

  private String plain() {
    String known = NUMBERS.getOrDefault(protocol, protocol);
    return ICMP_V6.contains(known) || known.equals("icmp") && ethertype.equals("IPv6")
        ? "icmpv6"
        : known;
  }
}
