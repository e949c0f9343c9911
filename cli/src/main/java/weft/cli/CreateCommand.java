package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.FqName;
import weft.schema.ObjectType;

/** `weft create TYPE [NAME] [-f FILE] [key=value…]`. */
@CommandLine.Command(
    name = "create",
    mixinStandardHelpOptions = true,
    description = "Creates a config object.")
final class CreateCommand implements Callable<Integer> {
  @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = Words.TYPE)
  private String type = "";

  @CommandLine.Parameters(
      index = "1..*",
      paramLabel = "NAME | KEY=VALUE",
      description = {
        "Its name, in full or within the project, and properties:",
        "mtu=1500, a.b=text, network_policy_refs=name,name"
      })
  private List<String> words = new ArrayList<>();

  @CommandLine.Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "JSON or YAML of the object; - reads standard input.")
  private @Nullable String file;

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    ObjectType kind = Types.of(type);
    ObjectNode body =
        file == null ? JsonNodeFactory.instance.objectNode() : Words.object(file, kind);
    List<String> assignments = new ArrayList<>(words);
    if (!assignments.isEmpty() && assignments.getFirst().indexOf('=') < 0) {
      FqName name = Types.nameOfNew(kind, assignments.removeFirst(), project.name());
      body.set("fq_name", name.toJson());
      String parentType = Types.parentType(kind, name);
      if (parentType != null && !body.has("parent_type")) {
        body.put("parent_type", parentType);
      }
    }
    Assignments.apply(assignments, kind, body);
    if (!body.has("fq_name")) {
      throw new Failure("name the object: weft create " + type + " default-domain:project:name");
    }
    JsonNode created = new ConfigClient(endpoints.api(), project.name()).create(kind, body);
    String name = Types.text(created.path("fq_name"));
    String uuid = created.path("uuid").asString("");
    output.print(created, List.of("created " + kind + " " + name + " " + uuid));
    return 0;
  }
}
