package weft.cli;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/** `weft diff -f …`. */
@CommandLine.Command(
    name = "diff",
    mixinStandardHelpOptions = true,
    description = "Shows what weft apply would change.",
    exitCodeListHeading = "Exit codes:%n",
    exitCodeList = {"0:nothing would change", "1:something would", "2:trouble"})
final class DiffCommand implements Callable<Integer> {
  @CommandLine.Mixin private final Sources sources = new Sources();

  @CommandLine.Option(names = "--label", paramLabel = "NAME", description = "As of weft apply.")
  private @Nullable String label;

  @CommandLine.Option(names = "--prune", description = "As of weft apply.")
  private boolean prune;

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() {
    try {
      ConfigClient client = new ConfigClient(endpoints.api(), project.name());
      ApplyPlan plan = ApplyPlan.of(sources.manifests(), client, label, prune);
      Terminal.printDiff(plan.diff(), output);
      return plan.isEmpty() ? 0 : 1;
    } catch (Failure e) {
      spec.commandLine().getErr().println("weft: " + e.text());
      spec.commandLine().getErr().flush();
      return 2;
    }
  }
}
