package weft.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;

/** `weft delete TYPE NAME…`. */
@CommandLine.Command(
    name = "delete",
    mixinStandardHelpOptions = true,
    description = "Deletes config objects of a type, all or none.")
final class DeleteCommand implements Callable<Integer> {
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
    Map<String, ObjectNode> objects = new LinkedHashMap<>();
    for (String name : names) {
      ObjectNode object = client.read(kind, name);
      objects.put(object.path("uuid").asString(""), object);
    }
    JsonNode _ = ApplyPlan.deletion(kind, List.copyOf(objects.values()), client).send(false);
    objects.forEach((uuid, object) ->
        output.print(
            JsonNodeFactory.instance.objectNode().put("uuid", uuid),
            List.of("deleted " + kind + " " + Types.text(object.path("fq_name")))));
    return 0;
  }
}
