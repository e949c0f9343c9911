package weft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import weft.controller.Controller;
import weft.controller.ControllerOptions;
import weft.state.FaultHandler;

/** `weft controller`: config API, compiler and control node in one process. */
@CommandLine.Command(
    name = "controller",
    mixinStandardHelpOptions = true,
    description = "Runs the controller: config API, compiler and control node.")
final class ControllerCommand implements Callable<Integer> {
  /** The exit code after a fault of the program's own. */
  private static final int FAULT = 70;

  @CommandLine.Option(names = "--config", description = "Properties file; without, all defaults.")
  private @Nullable Path config;

  @CommandLine.Option(
      names = "--defaults",
      description = "Print all keys with their defaults as a properties file, and end.")
  private boolean defaults;

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (defaults) {
      spec.commandLine().getOut().print(ControllerOptions.defaults());
      spec.commandLine().getOut().flush();
      return 0;
    }
    ControllerOptions options;
    try {
      options =
          config == null ? ControllerOptions.of(new Properties()) : ControllerOptions.read(config);
    } catch (IllegalArgumentException e) {
      String file = config == null ? "" : config + ": ";
      throw new CommandLine.ParameterException(spec.commandLine(), file + e.getMessage(), e);
    }
    Controller controller = Controller.start(options, stopOnFault());
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .unstarted(() -> {
                  controller.close();
                  ended.countDown();
                }));
    ended.await();
    return 0;
  }

  /** What is wrong in the program itself is not to go on: the supervisor starts it anew. */
  private static FaultHandler stopOnFault() {
    Logger log = LoggerFactory.getLogger(Controller.class);
    return (where, cause) -> {
      log.error("fault in {}: stopping", where, cause);
      Runtime.getRuntime().halt(FAULT);
    };
  }
}
