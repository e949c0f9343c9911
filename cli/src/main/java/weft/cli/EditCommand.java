package weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ObjectType;

/** `weft edit TYPE NAME`. */
@CommandLine.Command(
    name = "edit",
    mixinStandardHelpOptions = true,
    description = {
      "Opens a config object as YAML in $VISUAL, $EDITOR or vi, and changes what was changed there.",
      "What is wrong is told at the top of the file, which is opened again."
    })
final class EditCommand implements Callable<Integer> {
  private static final String REMARK = "# ";

  @CommandLine.Parameters(index = "0", paramLabel = "TYPE", description = Words.TYPE)
  private String type = "";

  @CommandLine.Parameters(index = "1", paramLabel = "NAME", description = Words.NAME)
  private String name = "";

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() throws IOException, InterruptedException {
    ConfigClient client = new ConfigClient(endpoints.api(), project.name());
    ObjectType kind = Types.of(type);
    ObjectNode object = client.read(kind, name);
    Path file = Files.createTempFile("weft-" + kind.name() + "-", ".yaml");
    String text = Yaml.write(Manifest.of(kind, object));
    while (true) {
      Files.writeString(file, text);
      open(file);
      String edited = Files.readString(file);
      if (edited.equals(text)) {
        output.print(
            text.startsWith(REMARK)
                ? "nothing changed; your text is in " + file
                : "nothing changed");
        if (!text.startsWith(REMARK)) {
          Files.delete(file);
        }
        return text.startsWith(REMARK) ? 1 : 0;
      }
      Optional<String> trouble = send(client, kind, object, file.toString(), edited);
      if (trouble.isEmpty()) {
        Files.delete(file);
        return 0;
      }
      text = REMARK + trouble.get() + "\n" + withoutRemarks(edited);
    }
  }

  private static String withoutRemarks(String text) {
    StringBuilder rest = new StringBuilder();
    text.lines()
        .dropWhile(line -> line.startsWith(REMARK))
        .forEach(line -> rest.append(line).append('\n'));
    return rest.toString();
  }

  /** What is wrong with the text; nothing if all is done. */
  private Optional<String> send(
      ConfigClient client, ObjectType kind, ObjectNode object, String file, String edited) {
    try {
      ObjectNode changes = changes(kind, object, Yaml.read(file, edited));
      if (changes.isEmpty()) {
        output.print("nothing changed");
        return Optional.empty();
      }
      JsonNode _ = ApplyPlan.change(kind, object, changes, client).send(false);
      output.print(
          "changed %s %s: %s"
              .formatted(
                  kind,
                  Types.text(object.path("fq_name")),
                  String.join(", ", changes.propertyNames())));
      return Optional.empty();
    } catch (Failure e) {
      return Optional.of(e.text());
    }
  }

  /** The fields that differ; null for those that are gone. */
  private static ObjectNode changes(
      ObjectType kind, ObjectNode object, List<Yaml.Document> documents) {
    if (documents.size() != 1) {
      throw new Failure("one document is expected");
    }
    Manifest after = Manifest.read(documents.getFirst()).getFirst();
    String text = Yaml.write(Manifest.of(kind, object));
    Manifest before = Manifest.read(Yaml.read("", text).getFirst()).getFirst();
    if (!after.key().equals(before.key()) || after.body().has("uuid")) {
      throw new Failure("type, name and uuid of an object cannot change");
    }
    ObjectNode changes = JsonNodeFactory.instance.objectNode();
    after
        .body()
        .forEachEntry((field, value) -> {
          boolean gone = value.isNull() && !before.body().has(field);
          if (!gone && !value.equals(before.body().path(field))) {
            changes.set(field, value);
          }
        });
    for (String field : before.body().propertyNames()) {
      if (!after.body().has(field)) {
        boolean list = kind.reference(field) != null;
        changes.set(
            field,
            list ? JsonNodeFactory.instance.arrayNode() : JsonNodeFactory.instance.nullNode());
      }
    }
    return changes;
  }

  private static void open(Path file) throws IOException, InterruptedException {
    String editor = System.getenv("VISUAL");
    if (editor == null || editor.isBlank()) {
      editor = System.getenv("EDITOR");
    }
    if (editor == null || editor.isBlank()) {
      editor = "vi";
    }
    int status =
        new ProcessBuilder("sh", "-c", editor + " \"$1\"", "sh", file.toString())
            .inheritIO()
            .start()
            .waitFor();
    if (status != 0) {
      throw new Failure(editor + " ended with " + status + "; the text is in " + file);
    }
  }
}
