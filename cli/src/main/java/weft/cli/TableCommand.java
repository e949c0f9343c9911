package weft.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Prints one table of a control node or of vRouters: `weft peers`, `weft rt` and the like. */
@CommandLine.Command(mixinStandardHelpOptions = true)
final class TableCommand implements Callable<Integer> {
  /** Who has a table, and by what it can be narrowed: query parameters that are options too. */
  enum Source {
    CONTROL,
    VROUTER;

    List<String> filters() {
      return switch (this) {
        case CONTROL -> List.of("table", "prefix");
        case VROUTER -> List.of("vrf");
      };
    }
  }

  /**
   * A table that can be printed.
   *
   * @param name of the command and of the path
   * @param columns those that come first
   */
  record Definition(String name, Source source, String description, List<String> columns) {}

  static final List<Definition> DEFINITIONS =
      List.of(
          new Definition(
              "peers",
              Source.CONTROL,
              "XMPP and BGP peers of a control node.",
              List.of("peer", "type", "address", "asn", "state")),
          new Definition(
              "routes",
              Source.CONTROL,
              "Routes of a control node.",
              List.of("table", "prefix", "protocol", "source", "next_hop", "label")),
          new Definition(
              "tables", Source.CONTROL, "Routing tables of a control node.", List.of("table")),
          new Definition(
              "rt-groups",
              Source.CONTROL,
              "Route targets of a control node and who uses them.",
              List.of("route_target")),
          new Definition(
              "vif",
              Source.VROUTER,
              "Interfaces of a vRouter.",
              List.of("vif", "device", "kind", "mac", "address", "vrf", "vrf_name")),
          new Definition("vrf", Source.VROUTER, "VRFs of a vRouter.", List.of("vrf", "name")),
          new Definition("nh", Source.VROUTER, "Next hops of a vRouter.", List.of("nh", "type")),
          new Definition(
              "rt",
              Source.VROUTER,
              "Routes of a vRouter, of all VRFs or one.",
              List.of("vrf", "prefix", "nh", "next_hop", "label", "arp", "mac")),
          new Definition(
              "bridge",
              Source.VROUTER,
              "Bridge entries of a vRouter.",
              List.of("vrf", "mac", "nh", "next_hop", "label")),
          new Definition(
              "mpls", Source.VROUTER, "Incoming labels of a vRouter.", List.of("label", "nh")),
          new Definition(
              "vxlan", Source.VROUTER, "Incoming VNIs of a vRouter.", List.of("vni", "nh")),
          new Definition(
              "acl",
              Source.VROUTER,
              "Access lists of a vRouter, a rule a line.",
              List.of("acl", "name", "rule")),
          new Definition(
              "services",
              Source.VROUTER,
              "Link-local services of a vRouter.",
              List.of("address", "port", "protocol", "socket")),
          new Definition(
              "flow",
              Source.VROUTER,
              "Flows of a vRouter.",
              List.of("vif", "protocol", "source", "destination", "nat", "action", "reason")),
          new Definition(
              "drops",
              Source.VROUTER,
              "Dropped packets of a vRouter, by reason.",
              List.of("reason", "packets", "text")),
          new Definition(
              "ports",
              Source.VROUTER,
              "Ports that were added to a vRouter.",
              List.of("id", "device", "state")));

  @CommandLine.Option(
      names = "--watch",
      arity = "0..1",
      fallbackValue = "2",
      paramLabel = "SECONDS",
      description = "Prints it anew every so often (default: 2), until interrupted.")
  private int watch;

  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  private final Definition table;

  private TableCommand(Definition table) {
    this.table = table;
  }

  static CommandLine commandLine(Definition table) {
    CommandLine commandLine = new CommandLine(new TableCommand(table));
    CommandLine.Model.CommandSpec spec = commandLine.getCommandSpec();
    spec.usageMessage().description(table.description());
    for (String filter : table.source().filters()) {
      spec.addOption(
          CommandLine.Model.OptionSpec.builder("--" + filter)
              .type(String.class)
              .paramLabel("NAME")
              .description("Only of this " + filter + ".")
              .build());
    }
    return commandLine;
  }

  @Override
  public Integer call() throws InterruptedException {
    print();
    while (watch > 0) {
      TimeUnit.SECONDS.sleep(watch);
      // To the upper left corner, and nothing below.
      output.print("\u001b[H\u001b[2J");
      print();
    }
    return 0;
  }

  private void print() {
    List<JsonNode> rows = new ArrayList<>();
    switch (table.source()) {
      case CONTROL -> rows.addAll(rows(endpoints.control()));
      case VROUTER -> {
        Map<String, Rest> hosts = endpoints.vrouters();
        for (Map.Entry<String, Rest> host : hosts.entrySet()) {
          for (JsonNode row : rows(host.getValue())) {
            rows.add(hosts.size() > 1 ? withHost(host.getKey(), row) : row);
          }
        }
      }
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode array = json.putArray(table.name().replace('-', '_'));
    rows.forEach(array::add);
    List<String> first = new ArrayList<>(List.of("host"));
    first.addAll(table.columns());
    output.print(json, Table.of(rows, first).lines());
  }

  static JsonNode withHost(String host, JsonNode row) {
    ObjectNode named = JsonNodeFactory.instance.objectNode().put("host", host);
    row.forEachEntry(named::set);
    return named;
  }

  private List<JsonNode> rows(Rest server) {
    List<String> query = new ArrayList<>();
    for (String filter : table.source().filters()) {
      String value = spec.commandLine().getParseResult().matchedOptionValue("--" + filter, "");
      if (!value.isEmpty()) {
        query.add(filter + "=" + URLEncoder.encode(value, StandardCharsets.UTF_8));
      }
    }
    String path = "/" + table.name() + (query.isEmpty() ? "" : "?" + String.join("&", query));
    return list(server.get(path));
  }

  /** The list of an answer such as `{"peers": […]}`. */
  static List<JsonNode> list(JsonNode answer) {
    for (JsonNode value : answer) {
      if (value.isArray()) {
        return List.copyOf(value.values());
      }
    }
    return List.of();
  }
}
