package weft.bench.vrouter;

import java.time.Duration;
import java.util.List;
import tools.jackson.databind.JsonNode;
import weft.http.Json;
import weft.lab.Await;
import weft.lab.Command;

/** Bulk TCP, by iperf3. */
final class Streams {
  /** Linux's own. Others, such as BBR, send by timers, and so not as fast as packets can go. */
  private static final String CONGESTION_CONTROL = "cubic";

  private Streams() {}

  /** Bits a second that arrive. */
  static double bitsPerSecond(GuestPath path, int streams, Duration time) {
    path.to().run("iperf3", "-s", "-1", "-D").orThrow();
    Await.until(
        "iperf3 listens",
        Duration.ofSeconds(20),
        () -> path.to().run("ss", "-ltn").output().contains(":5201"));
    List<String> client =
        Command.prefixed(
            path.from().prefix(),
            "iperf3",
            "-J",
            "-A",
            "0,1",
            "-C",
            CONGESTION_CONTROL,
            "-P",
            Integer.toString(streams),
            "-t",
            Long.toString(Math.max(1, time.toSeconds())),
            "-c",
            path.address());
    JsonNode report = Json.parse(Command.run(client, time.plusSeconds(60)).orThrow());
    return report.path("end").path("sum_received").path("bits_per_second").asDouble();
  }
}
