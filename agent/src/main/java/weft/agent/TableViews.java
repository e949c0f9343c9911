package weft.agent;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.datapath.VifStats;
import weft.http.Json;
import weft.vrouter.Acl;
import weft.vrouter.BridgeEntry;
import weft.vrouter.DropReason;
import weft.vrouter.FatFlows;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.HashField;
import weft.vrouter.InetRoute;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.Service;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;
import weft.vrouter.VniEntry;
import weft.vrouter.Vrf;

/**
 * One reading of the datapath's tables as JSON rows, with names where the tables have numbers.
 *
 * <p>Routes and MACs are added one by one, and the first of them are kept.
 */
final class TableViews {
  /** Rows of one answer. */
  static final int MOST = 10_000;

  private final Map<Integer, Vif> vifs = new TreeMap<>();
  private final Map<Integer, Vrf> vrfs = new TreeMap<>();
  private final Map<Integer, NextHop> nextHops = new TreeMap<>();
  private final Map<Integer, Acl> acls = new TreeMap<>();
  private final NavigableMap<TableKey.InetRouteKey, InetRoute> routes =
      new TreeMap<>(
          Comparator.comparingInt(TableKey.InetRouteKey::vrf)
              .thenComparing(TableKey.InetRouteKey::prefix));
  private final NavigableMap<TableKey.BridgeKey, BridgeEntry> bridges =
      new TreeMap<>(
          Comparator.comparingInt(TableKey.BridgeKey::vrf).thenComparing(TableKey.BridgeKey::mac));
  private final Map<TableKey.ServiceKey, Service> services =
      new TreeMap<>(
          Comparator.comparing(TableKey.ServiceKey::address)
              .thenComparingInt(TableKey.ServiceKey::port)
              .thenComparingInt(TableKey.ServiceKey::protocol));
  private final Map<Integer, FloatingAddresses> floating = new TreeMap<>();
  private final Map<Integer, FatFlows> fatFlows = new TreeMap<>();
  private final Map<Integer, Map<String, String>> bgpServices = new TreeMap<>();
  private final Map<Integer, Integer> labels = new TreeMap<>();
  private final Map<Integer, Integer> vnis = new TreeMap<>();
  private final Map<Integer, Integer> routesOf = new HashMap<>();
  private final Map<Integer, Integer> macsOf = new HashMap<>();
  private final Map<Integer, String> networks;
  private long leftOut;

  /**
   * @param structure all tables but routes and MACs
   * @param networks their names
   */
  TableViews(Map<TableKey, TableValue> structure, Map<Integer, String> networks) {
    this.networks = networks;
    structure.forEach(this::sort);
  }

  /** Counts a route, for its VRF. */
  void count(TableKey.InetRouteKey key) {
    routesOf.merge(key.vrf(), 1, Integer::sum);
  }

  void count(TableKey.BridgeKey key) {
    macsOf.merge(key.vrf(), 1, Integer::sum);
  }

  void add(TableKey.InetRouteKey key, InetRoute route) {
    add(routes, key, route);
  }

  void add(TableKey.BridgeKey key, BridgeEntry entry) {
    add(bridges, key, entry);
  }

  private <K, V> void add(NavigableMap<K, V> table, K key, V value) {
    if (table.put(key, value) == null && table.size() > MOST) {
      table.pollLastEntry();
      leftOut++;
    }
  }

  /** How many of what was added was too much. */
  long leftOut() {
    return leftOut;
  }

  /** Whether people mean this VRF by its name or number, or mean all. */
  boolean isMeant(int vrf, @Nullable String text) {
    return text == null || text.equals(vrfName(vrf)) || text.equals(Integer.toString(vrf));
  }

  private void sort(TableKey key, TableValue value) {
    switch (key) {
      case TableKey.VifKey vif -> put(vifs, vif.id(), Vif.class, value);
      case TableKey.VrfKey vrf -> put(vrfs, vrf.id(), Vrf.class, value);
      case TableKey.NextHopKey hop -> put(nextHops, hop.id(), NextHop.class, value);
      case TableKey.AclKey acl -> put(acls, acl.id(), Acl.class, value);
      case TableKey.ServiceKey service -> put(services, service, Service.class, value);
      case TableKey.FloatingKey of -> put(floating, of.vif(), FloatingAddresses.class, value);
      case TableKey.FatFlowKey of -> put(fatFlows, of.vif(), FatFlows.class, value);
      case TableKey.BgpServiceKey of ->
          bgpServices
              .computeIfAbsent(of.vif(), _ -> new TreeMap<>())
              .put(of.address().toString(), String.valueOf(value));
      case TableKey.PortPoolKey _ -> {}
      case TableKey.InetRouteKey _, TableKey.BridgeKey _ -> {}
      case TableKey.LabelKey label -> {
        if (value instanceof LabelEntry entry) {
          labels.put(label.label().value(), entry.nextHop());
        }
      }
      case TableKey.VniKey vni -> {
        if (value instanceof VniEntry entry) {
          vnis.put(vni.vni().value(), entry.nextHop());
        }
      }
    }
  }

  private static <K, V> void put(Map<K, V> into, K key, Class<V> type, TableValue value) {
    if (type.isInstance(value)) {
      into.put(key, type.cast(value));
    }
  }

  private static <K, V> List<ObjectNode> rows(
      Map<K, V> table, BiConsumer<Row<K, V>, ObjectNode> fill) {
    List<ObjectNode> rows = new ArrayList<>();
    table.forEach((key, value) -> {
      ObjectNode row = Json.object();
      fill.accept(new Row<>(key, value), row);
      rows.add(row);
    });
    return rows;
  }

  private record Row<K, V>(K key, V value) {}

  List<ObjectNode> vifs(Map<Integer, VifStats> stats, Map<Integer, Map<DropReason, Long>> drops) {
    return rows(
        vifs,
        (row, json) -> {
          Vif vif = row.value();
          json.put("vif", row.key());
          json.put("kind", vif.kind().name().toLowerCase(java.util.Locale.ROOT));
          json.put("device", vif.device());
          json.put("vlan", vif.vlan());
          json.put("ifindex", vif.ifindex());
          json.put("mac", vif.mac().toString());
          json.put("address", vif.address() == null ? "" : vif.address().toString());
          ArrayNode allowed = json.putArray("allowed");
          vif.allowed().forEach(prefix -> allowed.add(prefix.toString()));
          ArrayNode outside = json.putArray("floating");
          FloatingAddresses list = floating.get(row.key());
          if (list != null) {
            list.addresses().forEach(each -> outside.add(floating(each)));
          }
          ArrayNode fat = json.putArray("fat_flows");
          FatFlows shared = fatFlows.get(row.key());
          if (shared != null) {
            shared.rules().forEach(rule -> fat.add(fat(rule)));
          }
          ArrayNode bgp = json.putArray("bgp");
          bgpServices
              .getOrDefault(row.key(), Map.of())
              .forEach((at, to) -> bgp.add(at + " to " + to));
          json.put("max_flows", vif.maxFlows());
          json.put("vrf", vif.vrf());
          json.put("vrf_name", vrfName(vif.vrf()));
          json.put("flags", flags(vif.flags()));
          json.put("network_acl", vif.networkAcl());
          json.put("ingress_acl", vif.ingressAcl());
          json.put("egress_acl", vif.egressAcl());
          json.put("port", vif.port() == null ? "" : vif.port().toString());
          VifStats counted = stats.getOrDefault(row.key(), VifStats.ZERO);
          json.put("rx_packets", counted.rxPackets());
          json.put("rx_bytes", counted.rxBytes());
          json.put("tx_packets", counted.txPackets());
          json.put("tx_bytes", counted.txBytes());
          json.put(
              "drops",
              drops.getOrDefault(row.key(), Map.of()).values().stream()
                  .mapToLong(Long::longValue)
                  .sum());
        });
  }

  private String floating(FloatingAddresses.Floating each) {
    StringBuilder text = new StringBuilder();
    text.append(each.outside()).append(" for ").append(each.inside());
    text.append(" in ").append(vrfName(each.vrf()));
    if (!each.inbound() || !each.outbound()) {
      text.append(each.inbound() ? ", inbound" : each.outbound() ? ", outbound" : ", closed");
    }
    for (FloatingAddresses.PortMap map : each.ports()) {
      text.append(", %s %d to %d".formatted(protocol(map.protocol()), map.outside(), map.inside()));
    }
    return text.toString();
  }

  private static String fat(FatFlows.Rule rule) {
    String port = rule.port() == FatFlows.ANY_PORT ? "any" : Integer.toString(rule.port());
    return "%s port %s%s%s"
        .formatted(
            protocol(rule.protocol()),
            port,
            end("guest", rule.guest()),
            end("remote", rule.remote()));
  }

  private static String end(String which, FatFlows.End end) {
    if (end.equals(FatFlows.End.KEPT)) {
      return "";
    }
    String within = end.within() == null ? "" : " in " + end.within();
    return ", %s%s%s".formatted(which, within, end.length() == 0 ? " any" : " by /" + end.length());
  }

  private static String flags(Vif.Flags flags) {
    List<String> words = new ArrayList<>();
    if (flags.policy()) {
      words.add("policy");
    }
    if (flags.bridged()) {
      words.add("l2");
    }
    if (flags.routed()) {
      words.add("l3");
    }
    if (flags.dhcp()) {
      words.add("dhcp");
    }
    switch (flags.learning()) {
      case OFF -> {}
      case ON -> words.add("learning");
      case FULL -> words.add("learning-full");
    }
    return String.join(",", words);
  }

  List<ObjectNode> vrfs() {
    return rows(
        vrfs,
        (row, json) -> {
          json.put("vrf", row.key());
          json.put("name", row.value().name());
          json.put("network", network(row.value().virtualNetwork()));
          json.put("routes", routesOf.getOrDefault(row.key(), 0));
          json.put("macs", macsOf.getOrDefault(row.key(), 0));
        });
  }

  List<ObjectNode> nextHops() {
    return rows(
        nextHops,
        (row, json) -> {
          json.put("nh", row.key());
          json.put("type", type(row.value()));
          json.put("detail", detail(row.value()));
        });
  }

  List<ObjectNode> routes() {
    return rows(
        routes,
        (row, json) -> {
          InetRoute route = row.value();
          json.put("vrf", row.key().vrf());
          json.put("vrf_name", vrfName(row.key().vrf()));
          json.put("prefix", row.key().prefix().toString());
          json.put("nh", route.nextHop());
          json.put("next_hop", via(route.nextHop()));
          json.put("label", route.label() < 0 ? "" : Integer.toString(route.label()));
          json.put("arp", route.arp().name().toLowerCase(java.util.Locale.ROOT));
          json.put("mac", route.mac() == null ? "" : route.mac().toString());
          json.put("network", network(route.virtualNetwork()));
          ArrayNode groups = json.putArray("security_groups");
          route.securityGroups().forEach(groups::add);
        });
  }

  List<ObjectNode> bridges() {
    return rows(
        bridges,
        (row, json) -> {
          json.put("vrf", row.key().vrf());
          json.put("vrf_name", vrfName(row.key().vrf()));
          json.put("mac", row.key().mac().toString());
          json.put("nh", row.value().nextHop());
          json.put("next_hop", via(row.value().nextHop()));
          json.put("label", row.value().label() < 0 ? "" : Integer.toString(row.value().label()));
        });
  }

  List<ObjectNode> labels() {
    return numbers(labels, "label");
  }

  List<ObjectNode> services() {
    return rows(
        services,
        (row, json) -> {
          json.put("address", row.key().address().toString());
          json.put("port", row.key().port());
          json.put("protocol", protocol(row.key().protocol()));
          json.put("socket", Service.HOST + ":" + row.value().port());
        });
  }

  List<ObjectNode> vnis() {
    return numbers(vnis, "vni");
  }

  private List<ObjectNode> numbers(Map<Integer, Integer> table, String name) {
    return rows(
        table,
        (row, json) -> {
          json.put(name, row.key());
          json.put("nh", row.value());
          json.put("next_hop", via(row.value()));
        });
  }

  /** A row a rule. */
  List<ObjectNode> acls() {
    return new AclRows(acls, this::network).all();
  }

  FlowRows flows() {
    return new FlowRows(vifs, acls, this::vrfName);
  }

  static String protocol(int protocol) {
    return switch (protocol) {
      case -1 -> "any";
      case 1 -> "icmp";
      case 6 -> "tcp";
      case 17 -> "udp";
      case 58 -> "icmp6";
      case 132 -> "sctp";
      default -> Integer.toString(protocol);
    };
  }

  private String via(int nextHop) {
    NextHop hop = nextHops.get(nextHop);
    if (hop == null) {
      return nextHop == 0 ? "discard" : "missing";
    }
    String detail = detail(hop);
    return detail.isEmpty() ? type(hop) : type(hop) + " " + detail;
  }

  private static String type(NextHop hop) {
    return switch (hop) {
      case NextHop.Discard _ -> "discard";
      case NextHop.EncapL3 _ -> "encap-l3";
      case NextHop.EncapL2 _ -> "encap-l2";
      case NextHop.Tunnel _ -> "tunnel";
      case NextHop.Branch _ -> "branch";
      case NextHop.Receive _ -> "receive";
      case NextHop.Underlay _ -> "underlay";
      case NextHop.Bridge _ -> "bridge";
      case NextHop.Ecmp _ -> "ecmp";
      case NextHop.Flood _ -> "flood";
      case NextHop.Tree _ -> "tree";
    };
  }

  private String detail(NextHop hop) {
    return switch (hop) {
      case NextHop.Discard _, NextHop.Receive _, NextHop.Underlay _ -> "";
      case NextHop.EncapL3(int vif) -> device(vif);
      case NextHop.EncapL2(int vif) -> device(vif);
      case NextHop.Tunnel tunnel ->
          tunnel.encapsulation()
              + " "
              + tunnel.destination()
              + (tunnel.router() == null ? "" : " " + tunnel.router());
      case NextHop.Branch branch -> branch.encapsulation() + " " + branch.destination();
      case NextHop.Bridge(int vrf) -> vrfName(vrf);
      case NextHop.Ecmp(List<NextHop.Member> members, Set<HashField> fields) ->
          members(members) + (fields.equals(HashField.ALL) ? "" : ", by " + words(fields));
      case NextHop.Flood(List<NextHop.Member> members) -> members(members);
      case NextHop.Tree(List<NextHop.Member> members) -> members(members);
    };
  }

  private static String words(Set<HashField> fields) {
    return fields.stream()
        .sorted()
        .map(field -> field.name().toLowerCase(java.util.Locale.ROOT))
        .collect(java.util.stream.Collectors.joining(" "));
  }

  private String members(List<NextHop.Member> members) {
    List<String> words = new ArrayList<>();
    for (NextHop.Member member : members) {
      words.add(
          member.label() < 0
              ? "nh" + member.nextHop()
              : "nh" + member.nextHop() + " label " + member.label());
    }
    return String.join(", ", words);
  }

  private String device(int vif) {
    Vif found = vifs.get(vif);
    if (found == null) {
      return "vif" + vif;
    }
    return found.vlan() == 0 ? found.device() : found.device() + "." + found.vlan();
  }

  private String vrfName(int vrf) {
    Vrf found = vrfs.get(vrf);
    return found == null ? "" : found.name();
  }

  private String network(int id) {
    String name = networks.get(id);
    return name == null ? (id == 0 ? "" : Integer.toString(id)) : name;
  }
}
