package weft.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** `weft apply -f …`. */
@CommandLine.Command(
    name = "apply",
    mixinStandardHelpOptions = true,
    description = {
      "Makes the config as files say: shows what changes, asks, and changes it in one transaction.",
      "What a file does not name stays as it is; null takes it away."
    })
final class ApplyCommand implements Callable<Integer> {
  @CommandLine.Mixin private final Sources sources = new Sources();

  @CommandLine.Option(
      names = {"-y", "--yes"},
      description = "Do not ask.")
  private boolean yes;

  @CommandLine.Option(
      names = "--dry-run",
      description = "Have the server check all of it, and change nothing.")
  private boolean dryRun;

  @CommandLine.Option(
      names = "--label",
      paramLabel = "NAME",
      description = "Marks the objects, as an annotation, as those of this set of files.")
  private @Nullable String label;

  @CommandLine.Option(
      names = "--prune",
      description = "Deletes what bears the label and is in the files no more.")
  private boolean prune;

  @CommandLine.Mixin private final Project project = new Project();
  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    if (prune && label == null) {
      throw new Failure("--prune deletes what bears a label: say which with --label NAME");
    }
    ConfigClient client = new ConfigClient(endpoints.api(), project.name());
    List<Manifest> manifests = sources.manifests();
    ApplyPlan plan = ApplyPlan.of(manifests, client, label, prune);
    if (plan.isEmpty()) {
      output.print("nothing to change");
      return 0;
    }
    JsonNode rehearsal = plan.send(true);
    Terminal.printDiff(plan.diff(), output);
    if (dryRun) {
      output.print(rehearsal, List.of(plan.summary() + " (dry run)"));
      return 0;
    }
    if (!yes) {
      if (!Terminal.isInteractive()) {
        throw new Failure(plan.summary() + ": nobody is there to be asked, so say --yes");
      }
      if (!Terminal.confirm(plan.summary() + "; go ahead?")) {
        output.print("nothing changed");
        return 1;
      }
    }
    JsonNode _ = plan.send(false);
    output.print(
        "done: "
            + plan.summary()
                .replace(" to ", " ")
                .replace("create", "created")
                .replace("change", "changed")
                .replace("delete", "deleted"));
    return 0;
  }
}
