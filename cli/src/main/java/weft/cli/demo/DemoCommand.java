package weft.cli.demo;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import weft.lab.LabException;

/** `weft demo`: shows the whole of Weft at work on this machine. */
@CommandLine.Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Two compute hosts and two tenants on this machine, and packets between them.")
public final class DemoCommand implements Callable<Integer> {
  @CommandLine.Option(
      names = "--check",
      description = "End after the checks: exit code 0 if all held, else 1.")
  private boolean check;

  @CommandLine.Option(
      names = "--measure",
      description =
          "End after measuring: memory, time from port to first ping, throughput beside plain routing.")
  private boolean measure;

  @CommandLine.Option(
      names = "--name",
      defaultValue = "weft",
      description = "Starts the name of all that is made (default: ${DEFAULT-VALUE}).")
  private String name = "weft";

  @CommandLine.Spec
  private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() throws IOException, InterruptedException {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    Narrator narrator = new Narrator(out);
    CommandLine root = spec.root().commandLine();
    CountDownLatch ended = new CountDownLatch(1);
    try (Demo demo = Demo.start(narrator, arguments -> root.execute(arguments), name)) {
      Thread hook = Thread.ofPlatform().unstarted(() -> closeOnce(demo, ended));
      Runtime.getRuntime().addShutdownHook(hook);
      boolean good = show(demo, narrator, out);
      if (!good) {
        out.println("Logs are kept in " + demo.keepFiles());
      }
      if (good && !check && !measure) {
        demo.whatNext();
        out.println("\nIt all stays up until Ctrl-C.");
        ended.await();
      }
      Runtime.getRuntime().removeShutdownHook(hook);
      return good ? 0 : 1;
    }
  }

  /** Goes through all chapters; true if every claim held. */
  private boolean show(Demo demo, Narrator narrator, PrintWriter out) {
    try {
      demo.bringUp();
      if (measure) {
        new Measurement(narrator, demo).run();
      } else {
        demo.showTables();
        demo.changeEncapsulation();
        demo.showIsolation();
        demo.joinNetworks();
        demo.showSurvival();
      }
    } catch (LabException e) {
      out.println("\nThe demo stopped: " + e.getMessage());
      return false;
    }
    out.printf(
        "%n%s after %d s%n",
        narrator.failures().isEmpty() ? "All checks held" : "Failed: " + narrator.failures(),
        narrator.elapsed().toSeconds());
    return narrator.failures().isEmpty();
  }

  private static void closeOnce(Demo demo, CountDownLatch ended) {
    demo.close();
    ended.countDown();
  }
}
