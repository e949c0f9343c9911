package weft.cli;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import weft.lab.LabException;
import weft.lab.openstack.OpenStack;
import weft.lab.openstack.Site;
import weft.lab.openstack.Tempest;

/** `weft lab`: whole systems around Weft on this machine. */
@CommandLine.Command(
    name = "lab",
    mixinStandardHelpOptions = true,
    description = "Whole systems around Weft on this machine.",
    subcommands = {LabCommand.OpenStackCommand.class})
final class LabCommand implements Runnable {
  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }

  /** What can be done with an OpenStack. */
  enum Action {
    UP,
    DOWN,
    STATUS,
    TEMPEST
  }

  /** `weft lab openstack`. */
  @CommandLine.Command(
      name = "openstack",
      mixinStandardHelpOptions = true,
      description = "An OpenStack of Debian's packages, its network made by Weft.")
  static final class OpenStackCommand implements Callable<Integer> {
    private static final int WORKERS = 2;

    @CommandLine.Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "ACTION",
        description = "${COMPLETION-CANDIDATES}")
    private Action action = Action.STATUS;

    @CommandLine.Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "TESTS",
        defaultValue = Tempest.NETWORK,
        description = "Which of Tempest's tests: a regular expression (default: ${DEFAULT-VALUE}).")
    private String tests = Tempest.NETWORK;

    @CommandLine.Option(
        names = "--directory",
        defaultValue = "/var/lib/weft/openstack",
        description = "Where all of it lies (default: ${DEFAULT-VALUE}).")
    private Path directory = Path.of("/var/lib/weft/openstack");

    @CommandLine.Option(
        names = "--network-only",
        description = "Start Keystone, Weft's controller and Neutron alone: no virtual machines.")
    private boolean networkOnly;

    @CommandLine.Option(
        names = "--check",
        description =
            "Boot machines and try what a cloud is for; one that is not up is brought up for it.")
    private boolean check;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() {
      if (check) {
        return check();
      }
      switch (action) {
        case UP -> up();
        case DOWN -> opened().down();
        case STATUS -> opened().status().forEach(this::tell);
        case TEMPEST -> {
          return judge();
        }
      }
      return 0;
    }

    /** What did not pass, with its reason, and the sums. */
    private int judge() {
      Tempest tempest = opened().tempest();
      Tempest.Outcome outcome = tempest.run(tests, WORKERS);
      outcome.skipped().forEach((name, reason) -> tell("skipped  " + name + ": " + reason));
      outcome.failed().forEach((name, text) -> tell("FAILED   " + name + "\n" + text));
      tempest.byExtension(tests, outcome).forEach(this::tell);
      tell(outcome.toString());
      return outcome.failed().isEmpty() ? 0 : 1;
    }

    /** One that was brought up for it goes again, unless something failed. */
    private int check() {
      boolean own = !Site.exists(directory);
      if (own) {
        up();
      }
      boolean worked = opened().check();
      if (own && worked) {
        opened().down();
      }
      return worked ? 0 : 1;
    }

    private void up() {
      if (Site.exists(directory)) {
        throw new LabException("an OpenStack is in " + directory + ": take it down first");
      }
      OpenStack openStack =
          new OpenStack(Site.create(directory.toAbsolutePath(), source(), true), this::tell);
      if (networkOnly) {
        openStack.startNetworking();
      } else {
        openStack.startAll();
      }
      tell("");
      tell(openStack.environment());
      if (!networkOnly) {
        tell(openStack.toTry());
      }
    }

    private OpenStack opened() {
      return new OpenStack(Site.open(directory.toAbsolutePath(), source()), this::tell);
    }

    private static Path source() {
      return Path.of(System.getProperty("weft.root", ".")).toAbsolutePath();
    }

    private void tell(String line) {
      spec.commandLine().getOut().println(line);
      spec.commandLine().getOut().flush();
    }
  }
}
