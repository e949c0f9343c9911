package weft.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The commands that print one table of a control node or of a vRouter. */
final class TableCommands {
  /**
   * A table that a daemon shows.
   *
   * @param name of the command, of the path and of the list in the answer
   * @param columns those that people look at first
   */
  private record View(String name, String description, List<String> columns) {}

  private static final List<View> VROUTER =
      List.of(
          new View(
              "vif",
              "Interfaces of a vRouter.",
              List.of("vif", "device", "kind", "mac", "address", "vrf", "vrf_name")),
          new View("vrf", "VRFs of a vRouter.", List.of("vrf", "name")),
          new View("nh", "Next hops of a vRouter.", List.of("nh", "type")),
          new View(
              "rt",
              "Routes of a vRouter, of all VRFs or one.",
              List.of("vrf", "prefix", "nh", "next_hop", "label", "arp", "mac")),
          new View(
              "bridge",
              "Bridge entries of a vRouter.",
              List.of("vrf", "mac", "nh", "next_hop", "label")),
          new View("mpls", "Incoming labels of a vRouter.", List.of("label", "nh")),
          new View("vxlan", "Incoming VNIs of a vRouter.", List.of("vni", "nh")),
          new View(
              "acl",
              "Access control lists of a vRouter, a rule a line.",
              List.of("acl", "name", "rule")),
          new View(
              "flow",
              "Flows of a vRouter.",
              List.of("vif", "protocol", "source", "destination", "action", "reason")),
          new View(
              "drops",
              "Dropped packets of a vRouter, by reason.",
              List.of("reason", "packets", "text")),
          new View(
              "ports", "Ports that were added to a vRouter.", List.of("id", "device", "state")));

  private static final List<View> CONTROL =
      List.of(
          new View(
              "peers",
              "XMPP and BGP peers of a control node.",
              List.of("peer", "type", "address", "asn", "state")),
          new View(
              "routes",
              "Routes of a control node.",
              List.of("table", "prefix", "protocol", "source", "next_hop", "label")),
          new View("tables", "Routing tables of a control node.", List.of("table")),
          new View(
              "rt-groups",
              "Route targets of a control node and who uses them.",
              List.of("route_target")));

  private TableCommands() {}

  static void addTo(CommandLine root) {
    for (View view : VROUTER) {
      root.addSubcommand(view.name(), described(new VrouterTable(view), view));
    }
    for (View view : CONTROL) {
      root.addSubcommand(view.name(), described(new ControlTable(view), view));
    }
  }

  private static CommandLine described(Object command, View view) {
    CommandLine line = new CommandLine(command);
    line.getCommandSpec().usageMessage().description(view.description());
    return line;
  }

  private static Map<String, String> query(Map<String, @Nullable String> parameters) {
    Map<String, String> given = new TreeMap<>();
    parameters.forEach((key, value) -> {
      if (value != null) {
        given.put(key, value);
      }
    });
    return given;
  }

  /** One table of a vRouter. */
  @CommandLine.Command(mixinStandardHelpOptions = true)
  private static final class VrouterTable implements Callable<Integer> {
    private final View view;

    @Mixin private Endpoints endpoints = new Endpoints();
    @Mixin private Output output = new Output();
    @Spec private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Option(names = "--vrf", description = "Only this VRF, by id or name.")
    private @Nullable String vrf;

    VrouterTable(View view) {
      this.view = view;
    }

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable String> parameters = new TreeMap<>();
      parameters.put("vrf", vrf);
      output.print(
          endpoints.vrouter(),
          "/" + view.name(),
          query(parameters),
          view.name(),
          view.columns(),
          spec.commandLine().getOut());
      return 0;
    }
  }

  /** One table of a control node. */
  @CommandLine.Command(mixinStandardHelpOptions = true)
  private static final class ControlTable implements Callable<Integer> {
    private final View view;

    @Mixin private Endpoints endpoints = new Endpoints();
    @Mixin private Output output = new Output();
    @Spec private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Option(names = "--table", description = "Only this table.")
    private @Nullable String table;

    @Option(names = "--prefix", description = "Only this prefix.")
    private @Nullable String prefix;

    ControlTable(View view) {
      this.view = view;
    }

    @Override
    public Integer call() throws IOException {
      Map<String, @Nullable String> parameters = new TreeMap<>();
      parameters.put("table", table);
      parameters.put("prefix", prefix);
      output.print(
          endpoints.control(),
          "/" + view.name(),
          query(parameters),
          view.name().replace('-', '_'),
          view.columns(),
          spec.commandLine().getOut());
      return 0;
    }
  }
}
