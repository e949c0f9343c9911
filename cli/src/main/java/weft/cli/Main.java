package weft.cli;

import java.io.IOException;
import picocli.CommandLine;
import weft.cli.demo.DemoCommand;
import weft.lab.LabException;
import weft.store.StoreException;

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
      LabCommand.class,
      StatusCommand.class,
      GetCommand.class,
      ListCommand.class,
      CreateCommand.class,
      EditCommand.class,
      SetCommand.class,
      DeleteCommand.class,
      ApplyCommand.class,
      DiffCommand.class,
      ExplainCommand.class,
      CompletionCommand.class,
      NamesCommand.class,
      BenchCommand.class,
      BackupCommands.Save.class,
      BackupCommands.Load.class,
      WhyCommand.class,
      TraceCommand.class,
      WhyDroppedCommand.class,
      VerifyCommand.class,
      CaptureCommand.class
    })
public final class Main {
  /** The program as a command line that can be executed, also within another program. */
  public static CommandLine commandLine() {
    CommandLine weft = new CommandLine(new Main());
    TableCommand.DEFINITIONS.forEach(
        table -> weft.addSubcommand(table.name(), TableCommand.commandLine(table)));
    return weft.setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler((e, _) -> misunderstood(e))
        .setExecutionExceptionHandler((e, command, _) -> failed(command, e));
  }

  /** On one line, with what may have been meant. */
  private static int misunderstood(CommandLine.ParameterException e) {
    CommandLine command = e.getCommandLine();
    String hint = command.getCommandSpec().qualifiedName() + " --help";
    if (e instanceof CommandLine.UnmatchedArgumentException unmatched
        && !unmatched.getSuggestions().isEmpty()) {
      hint = String.join(", ", unmatched.getSuggestions());
    }
    command.getErr().println("weft: " + e.getMessage() + " (try: " + hint + ")");
    command.getErr().flush();
    return CommandLine.ExitCode.USAGE;
  }

  /**
   * What went wrong outside this program is told on one line; a fault of our own keeps its trace.
   */
  private static int failed(CommandLine command, Exception e) {
    switch (e) {
      case Failure failure -> command.getErr().println("weft: " + failure.text());
      case LabException lab -> command.getErr().println("weft: " + lab.getMessage());
      case StoreException store -> command.getErr().println("weft: " + store.getMessage());
      // The class says what went wrong, where the message is but the name of a file.
      case IOException io when io.getClass() != IOException.class ->
          command.getErr().println("weft: " + io);
      case IOException io -> command.getErr().println("weft: " + io.getMessage());
      default -> e.printStackTrace(command.getErr());
    }
    command.getErr().flush();
    return CommandLine.ExitCode.SOFTWARE;
  }

  public static void main(String[] arguments) {
    Parent.follow();
    System.exit(commandLine().execute(arguments));
  }
}
