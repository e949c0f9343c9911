package weft.api;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;

/**
 * An alarm that every installation has.
 *
 * @param severity 0 critical, 1 major
 * @param about the kinds of UVE that are watched
 * @param any the alarm is raised if one of these holds, each written `operand operation value` with
 *     the value in JSON or, without quotes, another attribute
 */
record StartAlarm(
    String name, int severity, String description, List<String> about, List<String> any) {
  private static final String PREFIX = "system-defined-";

  private static final List<String> NODES =
      List.of(
          "analytics-node",
          "config-node",
          "control-node",
          "database-node",
          "config-database-node",
          "vrouter");

  static final List<StartAlarm> ALL =
      List.of(
          new StartAlarm(
              "bottle-request-size-limit",
              1,
              "Request to the config API was larger than its limit.",
              List.of("config-node"),
              List.of("UveConfigReq.err_info.*. == \"True\"")),
          new StartAlarm(
              "node-status",
              0,
              "Node Failure. NodeStatus UVE not present.",
              NODES,
              List.of("NodeStatus == null")),
          new StartAlarm(
              "process-status",
              0,
              "Process Failure.",
              NODES,
              List.of(
                  "NodeStatus.process_info == null",
                  "NodeStatus.process_info.process_state != \"PROCESS_STATE_RUNNING\"")),
          new StartAlarm(
              "process-connectivity",
              0,
              "Process(es) reporting as non-functional.",
              NODES,
              List.of(
                  "NodeStatus.process_status == null",
                  "NodeStatus.process_status.state != \"Functional\"")),
          new StartAlarm(
              "disk-usage-critical",
              0,
              "Disk Usage crosses critical threshold.",
              NODES,
              List.of("NodeStatus.disk_usage_info.*.percentage_partition_space_used > 90")),
          new StartAlarm(
              "disk-usage-high",
              1,
              "Disk Usage crosses high threshold.",
              NODES,
              List.of(
                  "NodeStatus.disk_usage_info.*.percentage_partition_space_used range [70, 90]")),
          new StartAlarm(
              "core-files",
              0,
              "A core file has been generated on the node.",
              NODES,
              List.of("NodeStatus.all_core_file_list size!= 0")),
          new StartAlarm(
              "partial-sysinfo",
              1,
              "System Info Incomplete.",
              NODES,
              List.of("NodeStatus.build_info == null")),
          new StartAlarm(
              "bgp-connectivity",
              1,
              "BGP peer mismatch. Not enough BGP peers are up.",
              List.of("control-node"),
              List.of(
                  "BgpRouterState.num_up_bgp_peer == null",
                  "BgpRouterState.num_up_bgp_peer != BgpRouterState.num_bgp_peer")),
          new StartAlarm(
              "xmpp-connectivity",
              1,
              "XMPP peer mismatch.",
              List.of("control-node"),
              List.of(
                  "BgpRouterState.num_up_xmpp_peer == null",
                  "BgpRouterState.num_up_xmpp_peer != BgpRouterState.num_xmpp_peer")),
          new StartAlarm(
              "vrouter-interface",
              1,
              "VRouter has interfaces down.",
              List.of("vrouter"),
              List.of("VrouterAgent.down_interface_count >= 1")),
          new StartAlarm(
              "conf-incorrect",
              1,
              "ContrailConfig missing or incorrect.",
              NODES,
              List.of("ContrailConfig == null")));

  String fullName() {
    return PREFIX + name;
  }

  void describe(ObjectNode body) {
    body.put("alarm_severity", severity);
    body.putObject("id_perms").put("enable", true).put("description", description);
    var keys = body.putObject("uve_keys").putArray("uve_key");
    about.forEach(keys::add);
    var or = body.putObject("alarm_rules").putArray("or_list");
    for (String condition : any) {
      String[] words = condition.split(" ", 3);
      ObjectNode rule = or.addObject().putArray("and_list").addObject();
      rule.put("operand1", words[0]).put("operation", words[1]);
      boolean attribute = words[2].matches("[A-Z]\\w*\\..*");
      rule.putObject("operand2").put(attribute ? "uve_attribute" : "json_value", words[2]);
    }
  }
}
