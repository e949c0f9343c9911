package weft.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** Prints what a command found, in the format that its user chose. */
final class Output {
  @CommandLine.Option(
      names = {"-o", "--output"},
      paramLabel = "table|yaml|json",
      description = "How to print (default: table).")
  private Format format = Format.TABLE;

  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  Format format() {
    return format;
  }

  boolean json() {
    return format == Format.JSON;
  }

  void print(JsonNode json, List<String> lines) {
    switch (format) {
      case TABLE -> lines.forEach(this::print);
      case YAML -> print(Yaml.write(json).stripTrailing());
      case JSON -> print(json);
    }
  }

  void print(JsonNode json) {
    print(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
  }

  /** A document for each. */
  void printYaml(List<? extends JsonNode> trees) {
    for (int i = 0; i < trees.size(); i++) {
      if (i > 0) {
        print("---");
      }
      print(Yaml.write(trees.get(i)).stripTrailing());
    }
  }

  void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
