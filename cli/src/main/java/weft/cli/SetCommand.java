package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;

/** `weft set TYPE NAME key=value…`. */
@CommandLine.Command(
    name = "set",
    mixinStandardHelpOptions = true,
    description = "Changes properties or references of a config object.")
final class SetCommand implements Callable<Integer> {
  @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = Words.TYPE)
  private String type = "";

  @CommandLine.Parameters(index = "1", paramLabel = "NAME", description = Words.NAME)
  private String name = "";

  @CommandLine.Parameters(
      index = "2..*",
      paramLabel = "KEY=VALUE",
      description = "null takes the property away.")
  private List<String> words = new ArrayList<>();

  @CommandLine.Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "JSON or YAML with what changes; - reads standard input.")
  private @Nullable String file;

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    ObjectType kind = Types.of(type);
    ObjectNode body =
        file == null ? JsonNodeFactory.instance.objectNode() : Words.object(file, kind);
    Assignments.apply(words, kind, body);
    if (body.isEmpty()) {
      throw new Failure("say what changes: weft set " + type + " " + name + " KEY=VALUE");
    }
    ConfigClient client = new ConfigClient(endpoints.api(), project.name());
    String uuid = client.uuid(kind, name);
    client.update(kind, uuid, body);
    output.print(
        JsonNodeFactory.instance.objectNode().put("uuid", uuid),
        List.of("changed " + kind + " " + name));
    return 0;
  }
}
