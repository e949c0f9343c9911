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
      ControllerCommand.class,
      VrouterCommand.class,
      DemoCommand.class,
      StatusCommand.class,
      ObjectCommands.Get.class,
      ObjectCommands.ListThem.class,
      ObjectCommands.Create.class,
      ObjectCommands.Change.class,
      ObjectCommands.Delete.class,
      WhyCommand.class,
      TraceCommand.class
    })
public final class Main {
  /** The program as a command line that can be executed, also within another program. */
  public static CommandLine commandLine() {
    CommandLine weft = new CommandLine(new Main());
    TableCommand.DEFINITIONS.forEach(
        table -> weft.addSubcommand(table.name(), TableCommand.commandLine(table)));
    return weft.setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler((e, command, _) -> failed(command, e));
  }

  /**
   * What went wrong outside this program is told on one line; a fault of our own keeps its trace.
   */
  private static int failed(CommandLine command, Exception e) {
    if (e instanceof Failure failure) {
      command.getErr().println("weft: " + failure.text());
    } else if (e instanceof IOException
        || e instanceof LabException
        || e instanceof weft.store.StoreException) {
      command.getErr().println("weft: " + e);
    } else {
      e.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return 1;
  }

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }
}
