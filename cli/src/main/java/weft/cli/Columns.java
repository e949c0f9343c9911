package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;

/** What a list of objects of a type shows of each. */
record Columns(List<Column> columns) {
  /**
   * One column.
   *
   * @param field that the API has to show for it
   * @param text of an object
   */
  record Column(String heading, String field, Function<JsonNode, String> text) {}

  private static final Map<String, List<Column>> USUAL =
      Map.ofEntries(
          Map.entry(
              "virtual-network",
              List.of(
                  new Column("subnets", "network_ipam_refs", Columns::subnets),
                  value("id", "virtual_network_network_id"),
                  value("shared", "is_shared"),
                  value("external", "router_external"),
                  refs("policies", "network_policy_refs"))),
          Map.entry(
              "virtual-machine-interface",
              List.of(
                  refs("network", "virtual_network_refs"),
                  value("mac", "virtual_machine_interface_mac_addresses", "/mac_address"),
                  refs("instance_ips", "instance_ip_back_refs"),
                  value("owner", "virtual_machine_interface_device_owner"))),
          Map.entry(
              "instance-ip",
              List.of(
                  value("address", "instance_ip_address"),
                  refs("network", "virtual_network_refs"),
                  refs("interface", "virtual_machine_interface_refs"))),
          Map.entry(
              "floating-ip",
              List.of(
                  value("address", "floating_ip_address"),
                  value("fixed_address", "floating_ip_fixed_ip_address"),
                  refs("interface", "virtual_machine_interface_refs"))),
          Map.entry(
              "network-policy",
              List.of(
                  rules("network_policy_entries"), refs("networks", "virtual_network_back_refs"))),
          Map.entry(
              "security-group",
              List.of(
                  value("id", "security_group_id"),
                  rules("security_group_entries"),
                  refs("interfaces", "virtual_machine_interface_back_refs"))),
          Map.entry("routing-instance", List.of(refs("route_targets", "route_target_refs"))),
          Map.entry(
              "logical-router",
              List.of(
                  refs("interfaces", "virtual_machine_interface_refs"),
                  refs("gateway", "virtual_network_refs"),
                  value("vni", "vxlan_network_identifier"))),
          Map.entry(
              "virtual-router",
              List.of(
                  value("address", "virtual_router_ip_address"),
                  value("type", "virtual_router_type"),
                  refs("machines", "virtual_machine_refs"))),
          Map.entry(
              "bgp-router",
              List.of(
                  value("address", "bgp_router_parameters", "/address"),
                  value("asn", "bgp_router_parameters", "/autonomous_system"),
                  value("vendor", "bgp_router_parameters", "/vendor"),
                  refs("peers", "bgp_router_refs"))),
          Map.entry(
              "network-ipam",
              List.of(
                  value("method", "ipam_subnet_method"),
                  refs("networks", "virtual_network_back_refs"))),
          Map.entry(
              "virtual-machine",
              List.of(
                  refs("interfaces", "virtual_machine_interface_back_refs"),
                  refs("host", "virtual_router_back_refs"))),
          Map.entry("tag", List.of(value("id", "tag_id"))),
          Map.entry(
              "route-target", List.of(refs("routing_instances", "routing_instance_back_refs"))),
          Map.entry(
              "physical-router",
              List.of(
                  value("address", "physical_router_management_ip"),
                  value("vendor", "physical_router_vendor_name"))),
          Map.entry(
              "loadbalancer",
              List.of(
                  value("address", "loadbalancer_properties", "/vip_address"),
                  value("provider", "loadbalancer_provider"),
                  refs("interface", "virtual_machine_interface_refs"))),
          Map.entry("project", List.of(value("quota", "quota"))));

  static Columns of(ObjectType type) {
    return new Columns(USUAL.getOrDefault(type.name(), List.of()));
  }

  /** Those that the user names. */
  static Columns of(List<String> fields) {
    return new Columns(
        fields.stream()
            .map(field ->
                new Column(
                    field,
                    field,
                    object ->
                        object.path(field).path(0).has("to")
                            ? names(object.path(field))
                            : Table.text(object.path(field))))
            .toList());
  }

  private static Column value(String heading, String field) {
    return new Column(heading, field, object -> Table.text(object.path(field)));
  }

  private static Column value(String heading, String field, String pointer) {
    return new Column(heading, field, object -> Table.text(object.path(field).at(pointer)));
  }

  private static Column refs(String heading, String field) {
    return new Column(heading, field, object -> names(object.path(field)));
  }

  private static Column rules(String field) {
    return new Column(
        "rules", field, object -> String.valueOf(object.path(field).path("policy_rule").size()));
  }

  /** The last parts of the names of references. */
  private static String names(JsonNode refs) {
    List<String> names = new ArrayList<>();
    refs.forEach(ref -> names.add(ref.path("to").path(ref.path("to").size() - 1).asString("")));
    return String.join(",", names);
  }

  private static String subnets(JsonNode network) {
    List<String> subnets = new ArrayList<>();
    for (JsonNode ref : network.path("network_ipam_refs")) {
      for (JsonNode each : ref.path("attr").path("ipam_subnets")) {
        JsonNode subnet = each.path("subnet");
        if (subnet.has("ip_prefix")) {
          subnets.add(
              subnet.path("ip_prefix").asString("") + "/" + subnet.path("ip_prefix_len").asInt(0));
        }
      }
    }
    return String.join(",", subnets);
  }

  /** What has to be asked for. */
  List<String> fields() {
    return columns.stream().map(Column::field).distinct().toList();
  }

  List<String> headings() {
    List<String> all = new ArrayList<>(List.of("name"));
    columns.forEach(column -> all.add(column.heading()));
    all.add("uuid");
    return all;
  }

  JsonNode row(JsonNode object) {
    ObjectNode row = JsonNodeFactory.instance.objectNode();
    row.put("name", Types.text(object.path("fq_name")));
    columns.forEach(column -> row.put(column.heading(), column.text().apply(object)));
    row.set("uuid", object.path("uuid"));
    return row;
  }
}
