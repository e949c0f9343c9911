package weft.cli;

import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import weft.bench.ConfigBench;
import weft.bench.ControlBench;
import weft.bench.Namespace;
import weft.bench.OpenStackBench;
import weft.bench.Rehearsal;
import weft.bench.Report;
import weft.bench.XmppBench;
import weft.bench.vrouter.VrouterBench;

/** `weft bench`: measures the real programs on this machine. */
@CommandLine.Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    description = "Measures speed and memory on this machine, beside goals and peers.",
    subcommands = {
      BenchCommand.Config.class,
      BenchCommand.Control.class,
      BenchCommand.Vrouter.class,
      BenchCommand.OpenStack.class,
      BenchCommand.Rehearse.class
    })
final class BenchCommand {
  /** How figures are printed; exit code 1 if a goal is missed. */
  static int print(Report report, Output output) {
    if (output.json()) {
      report.json().forEach(figure -> output.print(figure.toString()));
    } else {
      Table.of(report.json(), List.of("name", "value", "unit")).lines().forEach(output::print);
    }
    return report.met() ? 0 : 1;
  }

  /** To standard error, so that standard output holds the figures alone. */
  static Report report() {
    return new Report(System.err::println);
  }

  /** `weft bench config`. */
  @CommandLine.Command(
      name = "config",
      mixinStandardHelpOptions = true,
      description = "The config API: creates, reads and lists a second, times, memory.")
  static final class Config implements Callable<Integer> {
    @CommandLine.Mixin private Output output = new Output();

    @CommandLine.Option(
        names = "--quick",
        description = "With fewer objects and shorter: under five minutes on two cores.")
    private boolean quick;

    @CommandLine.Option(
        names = "--store",
        paramLabel = "embedded|etcd",
        description = "On which store (default: ${DEFAULT-VALUE}).")
    private ConfigBench.Engine store = ConfigBench.Engine.EMBEDDED;

    @Override
    public Integer call() throws Exception {
      Report report = report();
      new ConfigBench(quick ? ConfigBench.Size.QUICK : ConfigBench.Size.FULL, store).run(report);
      return print(report, output);
    }
  }

  /** `weft bench control`. */
  @CommandLine.Command(
      name = "control",
      mixinStandardHelpOptions = true,
      description =
          "The control node as a BGP speaker, beside BIRD, FRR and GoBGP, and under many agents.")
  static final class Control implements Callable<Integer> {
    /** What may be measured alone. */
    enum Part {
      BGP,
      XMPP
    }

    @CommandLine.Mixin private Output output = new Output();

    @CommandLine.Option(
        names = "--quick",
        description = "With fewer routes: under five minutes on two cores.")
    private boolean quick;

    @CommandLine.Option(names = "--only", paramLabel = "bgp|xmpp", description = "One side alone.")
    private @Nullable Part only;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

    @Override
    public Integer call() throws Exception {
      if (!Namespace.isInside()) {
        return Namespace.enter(spec.root().commandLine().getParseResult().originalArgs());
      }
      Report report = report();
      if (only != Part.XMPP) {
        new ControlBench(quick ? ControlBench.Size.QUICK : ControlBench.Size.FULL, report).run();
      }
      if (only != Part.BGP) {
        new XmppBench(quick ? XmppBench.Size.QUICK : XmppBench.Size.FULL, report).run();
      }
      return print(report, output);
    }
  }

  /** `weft bench rehearse`: what the launcher runs after a build. */
  @CommandLine.Command(
      name = "rehearse",
      mixinStandardHelpOptions = true,
      description = "Makes the file by which controllers start warm.")
  static final class Rehearse implements Callable<Integer> {
    @CommandLine.Parameters(paramLabel = "FILE", description = "Where to write it.")
    private Path cache = Path.of("controller.aot");

    @Override
    public Integer call() throws Exception {
      Rehearsal.run(cache);
      return 0;
    }
  }

  /** `weft bench vrouter`. */
  @CommandLine.Command(
      name = "vrouter",
      mixinStandardHelpOptions = true,
      description =
          "The datapath beside plain routing, the kernel's VXLAN and Open vSwitch, as root.")
  static final class Vrouter implements Callable<Integer> {
    @CommandLine.Mixin private Output output = new Output();

    @CommandLine.Option(
        names = "--quick",
        description = "With fewer rounds and smaller tables: under five minutes on two cores.")
    private boolean quick;

    @CommandLine.Option(
        names = "--only",
        split = ",",
        paramLabel = "PART",
        description = "These alone: ${COMPLETION-CANDIDATES}.")
    private Set<VrouterBench.Part> only = EnumSet.allOf(VrouterBench.Part.class);

    @Override
    public Integer call() throws Exception {
      Report report = report();
      VrouterBench.Size size = quick ? VrouterBench.Size.QUICK : VrouterBench.Size.FULL;
      new VrouterBench(size, only, report).run();
      return print(report, output);
    }
  }

  /** `weft bench openstack`. */
  @CommandLine.Command(
      name = "openstack",
      mixinStandardHelpOptions = true,
      description = "Neutron over Weft beside Neutron with ML2: calls, lists and Tempest, as root.")
  static final class OpenStack implements Callable<Integer> {
    @CommandLine.Mixin private Output output = new Output();

    @CommandLine.Option(
        names = "--quick",
        description = "With fewer ports and tests: under five minutes on two cores.")
    private boolean quick;

    @Override
    public Integer call() throws Exception {
      Report report = report();
      Path source = Path.of(System.getProperty("weft.root", ".")).toAbsolutePath();
      new OpenStackBench(
              source, quick ? OpenStackBench.Size.QUICK : OpenStackBench.Size.FULL, report)
          .run();
      return print(report, output);
    }
  }
}
