package weft.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** Prints what a command found, in the format that its user chose. */
final class Output {
  @CommandLine.Option(
      names = {"-o", "--output"},
      paramLabel = "table|json",
      description = "How to print (default: table).")
  private Format format = Format.TABLE;

  @CommandLine.Spec(CommandLine.Spec.Target.MIXEE)
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  boolean json() {
    return format == Format.JSON;
  }

  void print(JsonNode json, List<String> lines) {
    if (json()) {
      print(Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(json));
    } else {
      lines.forEach(this::print);
    }
  }

  void print(String line) {
    PrintWriter out = spec.commandLine().getOut();
    out.println(line);
    out.flush();
  }
}
