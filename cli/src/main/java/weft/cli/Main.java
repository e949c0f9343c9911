package weft.cli;

import picocli.CommandLine;
import weft.cli.demo.DemoCommand;

/** The `weft` program: daemons, lab and operator's tools under one name. */
@CommandLine.Command(
    name = "weft",
    mixinStandardHelpOptions = true,
    version = "weft 0.1.0",
    description = "A software-defined network for private clouds.",
    subcommands = {CommandLine.HelpCommand.class, VrouterCommand.class, DemoCommand.class})
public final class Main {
  /** The program as a command line that can be executed, also within another program. */
  public static CommandLine commandLine() {
    return new CommandLine(new Main());
  }

  public static void main(String[] arguments) {
    System.exit(commandLine().execute(arguments));
  }
}
