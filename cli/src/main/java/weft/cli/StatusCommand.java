package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.function.Function;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** `weft status`: who runs, and how it is doing; exit code 1 if somebody does not answer. */
@CommandLine.Command(
    name = "status",
    mixinStandardHelpOptions = true,
    description = "Controller, peers and vRouters at a glance.")
final class StatusCommand implements Callable<Integer> {
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  private final ObjectNode json = JsonNodeFactory.instance.objectNode();
  private final List<JsonNode> rows = new ArrayList<>();
  private boolean allWell = true;

  @Override
  public Integer call() {
    add("controller", "controller", endpoints.controller(), StatusCommand::controller);
    add("config api", "api", endpoints.api(), _ -> "");
    addPeers();
    for (Map.Entry<String, Rest> host : endpoints.vrouters().entrySet()) {
      add("vrouter " + host.getKey(), host.getKey(), host.getValue(), StatusCommand::vrouter);
    }
    output.print(json, Table.of(rows, List.of("part", "at", "state")).lines());
    return allWell ? 0 : 1;
  }

  private static String controller(JsonNode status) {
    List<String> roles = new ArrayList<>();
    status.path("roles").forEach(role -> roles.add(role.path("role").asString("")));
    JsonNode compiler = status.path("compiler");
    String derived =
        compiler.isMissingNode()
            ? ""
            : ", "
                + compiler.path("derived").asInt(0)
                + " objects derived, "
                + compiler.path("pending").size()
                + " pending; compiler led by "
                + status.at("/leaders/compiler").asString("nobody");
    JsonNode store = status.path("store");
    String away =
        store.path("state").asString("up").equals("up")
            ? ""
            : "; store away: " + store.path("reason").asString("");
    return "runs "
        + String.join(", ", roles)
        + "; "
        + status.at("/config/objects").asInt(0)
        + " objects"
        + derived
        + away;
  }

  private static String vrouter(JsonNode status) {
    String disk = status.path("disk").asString("");
    return "control node "
        + status.path("control").asString("unknown")
        + ", "
        + status.path("ports_active").asInt(0)
        + " of "
        + status.path("ports").asInt(0)
        + " ports active, tables "
        + (status.path("tables_in_sync").asBoolean(false) ? "in sync" : "not in sync")
        + ", up "
        + status.path("up_seconds").asLong(0)
        + " s"
        + (disk.isEmpty() ? "" : "; data directory: " + disk);
  }

  private void add(String part, String key, Rest server, Function<JsonNode, String> detail) {
    try {
      JsonNode status = server.get(key.equals("api") ? "/" : "/status");
      String text = detail.apply(status);
      row(part, server, "up", text);
      json.set(key, key.equals("api") ? state("up") : status);
    } catch (Failure e) {
      row(part, server, "down", e.text());
      json.set(key, state("down"));
      allWell = false;
    }
  }

  private static ObjectNode state(String text) {
    return JsonNodeFactory.instance.objectNode().put("state", text);
  }

  private void addPeers() {
    Rest server = endpoints.control();
    try {
      List<JsonNode> peers = TableCommand.list(server.get("/peers"));
      List<String> texts = new ArrayList<>();
      for (JsonNode peer : peers) {
        texts.add(Table.text(peer.path("peer")) + " " + Table.text(peer.path("state")));
      }
      row("control node", server, "up", texts.isEmpty() ? "no peers" : String.join("; ", texts));
      var array = json.putArray("peers");
      peers.forEach(array::add);
    } catch (Failure e) {
      row("control node", server, "down", e.text());
      allWell = false;
    }
  }

  private void row(String part, Rest server, String state, String detail) {
    rows.add(
        JsonNodeFactory.instance
            .objectNode()
            .put("part", part)
            .put("at", server.base())
            .put("state", state)
            .put("detail", detail));
  }
}
