package weft.cli;

import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** The names of objects that begin as typed, for the shell's completion. */
@CommandLine.Command(name = "__names", hidden = true)
final class NamesCommand implements Callable<Integer> {
  private static final int MOST = 2000;

  @CommandLine.Parameters(index = "0")
  private String type = "";

  @CommandLine.Parameters(index = "1", arity = "0..1")
  private String prefix = "";

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() {
    @Nullable String within = project.name();
    ConfigClient client = new ConfigClient(endpoints.api(), within);
    try {
      for (JsonNode each : client.list(Types.of(type), Map.of(), MOST)) {
        print(Types.text(each.path("fq_name")), within);
        if (!prefix.isEmpty()) {
          print(each.path("uuid").asString(""), null);
        }
      }
    } catch (Failure _) {
      return 1; // Whoever presses the tab key wants names or silence.
    }
    return 0;
  }

  /** In full, and within the project that is chosen without it. */
  private void print(String name, @Nullable String within) {
    if (name.startsWith(prefix)) {
      spec.commandLine().getOut().println(name);
    } else if (within != null
        && name.startsWith(within + ":")
        && name.startsWith(prefix, within.length() + 1)) {
      spec.commandLine().getOut().println(name.substring(within.length() + 1));
    }
  }
}
