package weft.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import weft.schema.ObjectType;
import weft.schema.Schema;

/** `weft completion bash`: a script by which the shell completes commands, types and names. */
@CommandLine.Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = {
      "Prints what a shell needs to complete commands, options, types, fields and names:",
      "  source <(weft completion bash)"
    })
final class CompletionCommand implements Callable<Integer> {
  private static final String SCRIPT = "/weft/cli/completion.bash";
  private static final String ZSH =
      "autoload -U +X compinit && compinit\nautoload -U +X bashcompinit && bashcompinit\n";

  /** The shells that there is a script for. */
  enum Shell {
    BASH,
    ZSH
  }

  @CommandLine.Parameters(paramLabel = "bash|zsh", description = "Which shell.")
  private Shell shell = Shell.BASH;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    StringBuilder script = new StringBuilder(shell == Shell.ZSH ? ZSH : "");
    CommandLine weft = spec.parent().commandLine();
    Map<String, String> options = new TreeMap<>();
    weft.getSubcommands()
        .forEach((name, command) -> {
          if (!command.getCommandSpec().usageMessage().hidden()) {
            options.put(name, String.join(" ", options(command)));
          }
        });
    declare(script, "_weft_options", options);
    Map<String, String> fields = new TreeMap<>();
    for (ObjectType type : Schema.types()) {
      fields.put(type.name(), String.join(" ", fields(type)));
    }
    declare(script, "_weft_fields", fields);
    Map<String, String> shorts = new TreeMap<>();
    Types.words().forEach(word -> shorts.put(word, Types.of(word).name()));
    declare(script, "_weft_types", shorts);
    try (InputStream in = CompletionCommand.class.getResourceAsStream(SCRIPT)) {
      if (in == null) {
        throw new IllegalStateException(SCRIPT + " is missing");
      }
      script.append(new String(in.readAllBytes(), StandardCharsets.UTF_8));
    }
    spec.commandLine().getOut().print(script);
    spec.commandLine().getOut().flush();
    return 0;
  }

  private static List<String> options(CommandLine command) {
    TreeSet<String> names = new TreeSet<>();
    command
        .getCommandSpec()
        .options()
        .forEach(option -> {
          if (!option.hidden()) {
            names.add(option.longestName());
          }
        });
    return List.copyOf(names);
  }

  private static List<String> fields(ObjectType type) {
    List<String> names = new ArrayList<>();
    type.properties().forEach(each -> names.add(each.name()));
    type.references().forEach(each -> names.add(each.name()));
    return names;
  }

  private static void declare(StringBuilder script, String name, Map<String, String> map) {
    script.append("declare -gA ").append(name).append("=(\n");
    map.forEach(
        (key, value) -> script.append("  [").append(key).append("]='").append(value).append("'\n"));
    script.append(")\n");
  }
}
