package weft.cli;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** `weft why-dropped`: follows the drops of vRouters as they come. */
@CommandLine.Command(
    name = "why-dropped",
    mixinStandardHelpOptions = true,
    description = "Follows dropped packets as they come: reason, flow, and the rule that decided.")
final class WhyDroppedCommand implements Callable<Integer> {
  private static final long STEP_MS = 300;
  private static final List<String> WORDS =
      List.of("device", "reason", "protocol", "source", "destination", "acl", "rule", "text");

  @CommandLine.Option(
      names = "--vif",
      paramLabel = "DEVICE",
      description = "Only at this interface, such as tap12345678-90.")
  private String vif = "";

  @CommandLine.Option(
      names = "--for",
      paramLabel = "SECONDS",
      description = "Ends after so long (default: until interrupted).")
  private int seconds = Integer.MAX_VALUE;

  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() throws InterruptedException {
    Map<String, Rest> hosts = endpoints.vrouters();
    Map<String, Long> seen = new HashMap<>();
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    do {
      for (Map.Entry<String, Rest> host : hosts.entrySet()) {
        long after = seen.getOrDefault(host.getKey(), -1L);
        JsonNode answer = host.getValue().get("/why-dropped?after=" + after);
        seen.put(host.getKey(), answer.path("last").asLong());
        for (JsonNode drop : TableCommand.list(answer)) {
          if (vif.isEmpty() || vif.equals(drop.path("device").asString())) {
            output.print(
                TableCommand.withHost(host.getKey(), drop),
                List.of(line(hosts.size() > 1 ? host.getKey() : "", drop)));
          }
        }
      }
      TimeUnit.MILLISECONDS.sleep(STEP_MS);
    } while (System.nanoTime() < end);
    return 0;
  }

  private static String line(String host, JsonNode drop) {
    List<String> words = new ArrayList<>(List.of(host));
    for (String word : WORDS) {
      String text = drop.path(word).asString("");
      words.add(word.equals("destination") && !text.isEmpty() ? "-> " + text : text);
    }
    words.removeIf(String::isEmpty);
    return String.join("  ", words);
  }
}
