package weft.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import weft.agent.Agent;
import weft.agent.AgentOptions;

/** `weft vrouter`: the agent of one compute host. */
@CommandLine.Command(
    name = "vrouter",
    mixinStandardHelpOptions = true,
    description = "Runs the vRouter agent of this compute host. Forwarding goes on when it ends.")
final class VrouterCommand implements Callable<Integer> {
  @CommandLine.Option(names = "--config", required = true, description = "Properties file.")
  private Path config = Path.of("");

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    AgentOptions options;
    try {
      options = AgentOptions.read(config);
    } catch (IllegalArgumentException e) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), config + ": " + e.getMessage(), e);
    }
    try (Agent agent = Agent.start(options)) {
      CountDownLatch forever = new CountDownLatch(1);
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(agent::close));
      forever.await();
    }
    return 0;
  }
}
