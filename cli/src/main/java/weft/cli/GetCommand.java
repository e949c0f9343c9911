package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;

/** `weft get TYPE NAME…`. */
@CommandLine.Command(
    name = "get",
    mixinStandardHelpOptions = true,
    description = "Shows config objects; with -o yaml in the form that weft apply takes.")
final class GetCommand implements Callable<Integer> {
  @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = Words.TYPE)
  private String type = "";

  @CommandLine.Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "NAME",
      description = Words.NAME)
  private List<String> names = new ArrayList<>();

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    ConfigClient client = new ConfigClient(endpoints.api(), project.name());
    ObjectType kind = Types.of(type);
    List<ObjectNode> objects = names.stream().map(name -> client.read(kind, name)).toList();
    switch (output.format()) {
      case YAML -> output.printYaml(objects.stream().map(each -> Manifest.of(kind, each)).toList());
      case JSON -> output.print(objects.size() == 1 ? objects.getFirst() : list(kind, objects));
      case TABLE -> {
        for (int i = 0; i < objects.size(); i++) {
          if (i > 0) {
            output.print("");
          }
          Outline.of(forPeople(objects.get(i))).forEach(output::print);
        }
      }
    }
    return 0;
  }

  private static JsonNode list(ObjectType type, List<ObjectNode> objects) {
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.putArray(type.plural()).addAll(objects);
    return list;
  }

  /** Names joined and references short; what every object has, and nobody reads, left out. */
  private static JsonNode forPeople(JsonNode object) {
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    object.forEachEntry((key, value) -> {
      switch (key) {
        case "fq_name" -> shown.put(key, Types.text(value));
        case "id_perms", "perms2", "href", "parent_href" -> {}
        default -> shown.set(key, value.isArray() ? links(value) : value);
      }
    });
    return shown;
  }

  private static JsonNode links(JsonNode list) {
    ArrayNode shown = JsonNodeFactory.instance.arrayNode();
    for (JsonNode each : list) {
      if (!each.has("to")) {
        return list;
      }
      JsonNode attr = each.path("attr");
      if (!Table.text(attr).isEmpty()) {
        ObjectNode link = shown.addObject().put("to", Types.text(each.get("to")));
        link.set("attr", attr);
      } else {
        shown.add(Types.text(each.get("to")));
      }
    }
    return shown;
  }
}
