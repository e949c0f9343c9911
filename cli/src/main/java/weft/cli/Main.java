package weft.cli;

import java.io.IOException;
import picocli.CommandLine;
import weft.cli.demo.DemoCommand;
import weft.lab.LabException;

/** The `weft` program: daemons, lab and operator's tools under one name. */
@CommandLine.Command(
    name = "weft",
    mixinStandardHelpOptions = true,
    version = "weft 0.1.0",
    description = "A software-defined network for private clouds.",
    subcommands = {
      CommandLine.HelpCommand.class,
      VrouterCommand.class,
      DemoCommand.class,
      TraceCommand.class
    })
public final class Main {
  /** The program as a command line that can be executed, also within another program. */
  public static CommandLine commandLine() {
    CommandLine line = new CommandLine(new Main());
    TableCommands.addTo(line);
    return line.setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((e, command, _) -> failed(command, e));
  }

  /**
   * What went wrong outside this program is told on one line; a fault of our own keeps its trace.
   */
  private static int failed(CommandLine command, Exception e) {
    if (e instanceof IOException || e instanceof LabException) {
      command.getErr().println("weft: " + e);
    } else {
      e.printStackTrace(command.getErr());
    }
    return 1;
  }

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }
}
