package weft.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** `weft verify`: whether those who should agree do. */
@CommandLine.Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = "Whether those who should agree do.",
    subcommands = {VerifyCommand.Neutron.class})
final class VerifyCommand implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** `weft verify neutron`. */
  @CommandLine.Command(
      name = "neutron",
      mixinStandardHelpOptions = true,
      description = {
        "Holds what Neutron shows, what the config API has and what vRouters do against each"
            + " other.",
        "Names each difference; exit code 1 if there are any."
      })
  static final class Neutron implements Callable<Integer> {
    private static final List<String> COLLECTIONS =
        List.of("networks", "subnets", "ports", "routers", "floatingips", "security_groups");
    private static final List<String> TYPES =
        List.of(
            "virtual-network",
            "virtual-machine-interface",
            "instance-ip",
            "logical-router",
            "floating-ip",
            "security-group");

    @CommandLine.Option(
        names = "--neutron",
        paramLabel = "URL",
        description =
            "Neutron (WEFT_NEUTRON); without it what the config API answers Neutron's plugin.")
    private @Nullable String neutron;

    @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
    @CommandLine.Mixin private final Output output = new Output();

    @Override
    public Integer call() {
      Map<String, JsonNode> vrouters = new LinkedHashMap<>();
      for (Rest vrouter : endpoints.vrouters().values()) {
        String name = vrouter.get("/status").path("name").asString("");
        vrouters.put(name, vrouter.get("/ports").path("ports"));
      }
      List<NeutronComparison.Difference> differences =
          new NeutronComparison(shown(), stored()).differences(vrouters);
      ArrayNode json = JsonNodeFactory.instance.arrayNode();
      differences.forEach(each ->
          json.addObject()
              .put("kind", each.kind())
              .put("id", each.id())
              .put("difference", each.says()));
      List<String> lines =
          differences.stream().map(NeutronComparison.Difference::toString).toList();
      String end =
          "%d differences; vRouters: %s"
              .formatted(lines.size(), String.join(", ", vrouters.keySet()));
      output.print(
          json,
          java.util.stream.Stream.concat(lines.stream(), java.util.stream.Stream.of(end)).toList());
      return differences.isEmpty() ? 0 : 1;
    }

    private Map<String, Map<String, JsonNode>> shown() {
      String url = neutron == null ? System.getenv("WEFT_NEUTRON") : neutron;
      Rest server = url == null ? endpoints.api() : endpoints.openStack(url);
      Map<String, Map<String, JsonNode>> shown = new LinkedHashMap<>();
      for (String plural : COLLECTIONS) {
        JsonNode list =
            url == null
                ? server.post("/neutron/" + plural.substring(0, plural.length() - 1), readAll())
                : server.get("/v2.0/" + plural.replace('_', '-')).path(plural);
        Map<String, JsonNode> byId = new LinkedHashMap<>();
        list.forEach(each -> byId.put(each.path("id").asString(""), each));
        shown.put(plural, byId);
      }
      return shown;
    }

    private static ObjectNode readAll() {
      ObjectNode call = JsonNodeFactory.instance.objectNode();
      call.putObject("context").put("operation", "READALL").put("is_admin", true);
      call.putObject("data");
      return call;
    }

    private Map<String, Map<String, JsonNode>> stored() {
      ConfigClient client = new ConfigClient(endpoints.api(), null);
      Map<String, Map<String, JsonNode>> stored = new LinkedHashMap<>();
      for (String type : TYPES) {
        Map<String, JsonNode> byUuid = new LinkedHashMap<>();
        for (JsonNode each :
            client.list(Types.of(type), Map.of("detail", "true"), Integer.MAX_VALUE)) {
          byUuid.put(each.path("uuid").asString(""), each);
        }
        stored.put(type, byUuid);
      }
      return stored;
    }
  }
}
