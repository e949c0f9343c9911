package weft.cli;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
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
  /** Who has a table. */
  enum Source {
    CONTROL,
    VROUTER
  }

  /**
   * A table that can be printed.
   *
   * @param name of the command and of the path
   * @param columns those that come first; of a control node's, the only ones unless all are asked
   *     for
   * @param filters by what it can be narrowed: query parameters that are options too
   */
  record Definition(
      String name,
      Source source,
      String description,
      List<String> columns,
      Map<String, String> filters) {

    /** A table of vRouters. */
    Definition(String name, Source source, String description, List<String> columns) {
      this(name, source, description, columns, Map.of("vrf", "NAME"));
    }
  }

  static final List<Definition> DEFINITIONS =
      List.of(
          new Definition(
              "peers",
              Source.CONTROL,
              "XMPP and BGP peers of a control node.",
              List.of(
                  "peer",
                  "type",
                  "asn",
                  "state",
                  "last_flap",
                  "last_flap_reason",
                  "messages_in",
                  "messages_out"),
              filters("peer", "NAME|ADDRESS", "type", "BGP|XMPP", "state", "STATE")),
          new Definition(
              "routes",
              Source.CONTROL,
              "Routes of a control node, each path with why it is used or not.",
              List.of(
                  "table",
                  "prefix",
                  "best",
                  "protocol",
                  "source",
                  "next_hop",
                  "label",
                  "security_groups",
                  "origin_vn",
                  "why"),
              filters(
                  "table",
                  "TABLE|INSTANCE",
                  "prefix",
                  "PREFIX|ADDRESS|MAC",
                  "within",
                  "PREFIX",
                  "source",
                  "PEER",
                  "protocol",
                  "XMPP|BGP|Static|Aggregate|Local",
                  "target",
                  "TARGET",
                  "best",
                  "true|false")),
          new Definition(
              "tables",
              Source.CONTROL,
              "Routing tables of a control node.",
              List.of("table", "routes", "paths", "peers"),
              filters("table", "TABLE|INSTANCE")),
          new Definition(
              "rt-groups",
              Source.CONTROL,
              "Route targets of a control node: who imports and exports them, and who wants them.",
              List.of("route_target", "importers", "exporters", "routes", "wanted_by"),
              filters("target", "TARGET", "instance", "NAME")),
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
              "hosts",
              Source.VROUTER,
              "Hosts that a vRouter's tunnels lead to, and whether they live.",
              List.of("address", "state", "silent_ms", "round_trip_us", "answers", "silences")),
          new Definition(
              "health",
              Source.VROUTER,
              "Health checks of the guests of a vRouter.",
              List.of("device", "check", "type", "monitor", "state", "failures", "detail")),
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

  private static final int USUAL_LIMIT = 1000;
  private static final int MOST_IN_ONE_ANSWER = 10_000;

  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  private final Definition table;

  private TableCommand(Definition table) {
    this.table = table;
  }

  /**
   * @param namesAndLabels each option's name and what its value is, in turn
   */
  private static Map<String, String> filters(String... namesAndLabels) {
    Map<String, String> filters = new LinkedHashMap<>();
    for (int i = 0; i < namesAndLabels.length; i += 2) {
      filters.put(namesAndLabels[i], namesAndLabels[i + 1]);
    }
    return Collections.unmodifiableMap(filters);
  }

  static CommandLine commandLine(Definition table) {
    CommandLine commandLine = new CommandLine(new TableCommand(table));
    CommandLine.Model.CommandSpec spec = commandLine.getCommandSpec();
    spec.usageMessage().description(table.description());
    table
        .filters()
        .forEach((filter, label) ->
            spec.addOption(option(filter, label, "Only of this " + filter + ".")));
    if (table.source() == Source.CONTROL) {
      spec.addOption(
          option("limit", "NUMBER", "How many at most (default: " + USUAL_LIMIT + "; 0: all)."));
      spec.addOption(option("after", "PLACE", "Goes on where an earlier answer stopped."));
      spec.addOption(
          CommandLine.Model.OptionSpec.builder("--wide")
              .type(boolean.class)
              .description("All columns.")
              .build());
    }
    return commandLine;
  }

  private static CommandLine.Model.OptionSpec option(
      String name, String label, String description) {
    return CommandLine.Model.OptionSpec.builder("--" + name)
        .type(String.class)
        .paramLabel(label)
        .description(description)
        .build();
  }

  private <T> T option(String name, T otherwise) {
    return spec.commandLine().getParseResult().matchedOptionValue("--" + name, otherwise);
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
    switch (table.source()) {
      case CONTROL -> printPages(endpoints.control());
      case VROUTER -> printHosts(endpoints.vrouters());
    }
  }

  private void printHosts(Map<String, Rest> hosts) {
    List<JsonNode> rows = new ArrayList<>();
    long leftOut = 0;
    for (Map.Entry<String, Rest> host : hosts.entrySet()) {
      JsonNode answer = host.getValue().get(path(List.of()));
      leftOut += answer.path("left_out").asLong(0);
      for (JsonNode row : list(answer)) {
        rows.add(hosts.size() > 1 ? withHost(host.getKey(), row) : row);
      }
    }
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    ArrayNode array = json.putArray(table.name().replace('-', '_'));
    rows.forEach(array::add);
    List<String> first = new ArrayList<>(List.of("host"));
    first.addAll(table.columns());
    output.print(json, Table.of(rows, first).lines());
    if (leftOut > 0) {
      PrintWriter err = spec.commandLine().getErr();
      err.println(leftOut + " more are left out");
      err.flush();
    }
  }

  /**
   * Page by page, so that a long table is never here as a whole; in JSON and YAML a document each.
   */
  private void printPages(Rest server) {
    int limit = limit();
    boolean all = limit == 0;
    String after = option("after", "");
    do {
      int count = all ? MOST_IN_ONE_ANSWER : Math.min(limit, MOST_IN_ONE_ANSWER);
      List<String> page = new ArrayList<>(List.of("limit=" + count));
      if (!after.isEmpty()) {
        page.add("after=" + encoded(after));
      }
      JsonNode answer = server.get(path(page));
      List<JsonNode> rows = list(answer);
      output.print(answer, lines(rows));
      after = answer.path("next").asString("");
      limit -= count;
    } while (!after.isEmpty() && (all || limit > 0));
    if (!after.isEmpty()) {
      PrintWriter err = spec.commandLine().getErr();
      err.println("There is more: --after " + after + ", or --limit 0");
      err.flush();
    }
  }

  private List<String> lines(List<JsonNode> rows) {
    return option("wide", Boolean.FALSE)
        ? Table.of(rows, table.columns()).lines()
        : Table.of(rows, table.columns()).only(table.columns()).lines();
  }

  private int limit() {
    String text = option("limit", Integer.toString(USUAL_LIMIT));
    try {
      int limit = Integer.parseInt(text);
      if (limit >= 0) {
        return limit;
      }
    } catch (NumberFormatException _) {
      // Told below.
    }
    throw new CommandLine.ParameterException(
        spec.commandLine(), "--limit: '" + text + "' is not a number of rows");
  }

  private String path(List<String> more) {
    List<String> query = new ArrayList<>(more);
    for (String filter : table.filters().keySet()) {
      String value = option(filter, "");
      if (!value.isEmpty()) {
        query.add(filter + "=" + encoded(value));
      }
    }
    return "/" + table.name() + (query.isEmpty() ? "" : "?" + String.join("&", query));
  }

  private static String encoded(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  static JsonNode withHost(String host, JsonNode row) {
    ObjectNode named = JsonNodeFactory.instance.objectNode().put("host", host);
    row.forEachEntry(named::set);
    return named;
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
