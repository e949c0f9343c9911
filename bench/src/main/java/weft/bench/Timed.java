package weft.bench;

import java.io.IOException;

/** Runs traffic against a server, and tells people what it took of both. */
final class Timed {
  private final Server server;
  private final Report report;

  Timed(Server server, Report report) {
    this.server = server;
    this.report = report;
  }

  /** Each client sends its next request when it has the answer to the last. */
  Load.Seen closed(String name, int clients, int count, Load.Traffic traffic) throws IOException {
    try (Load load = new Load(server.address(), clients)) {
      long cpu = server.cpu().toNanos();
      return told(name, load.run(traffic, count), cpu);
    }
  }

  /** At a steady rate, whatever the answers do. */
  Load.Seen paced(String name, int clients, int count, double perSecond, Load.Traffic traffic)
      throws IOException {
    try (Load load = new Load(server.address(), clients)) {
      long cpu = server.cpu().toNanos();
      return told(name, load.paced(traffic, count, perSecond), cpu);
    }
  }

  private Load.Seen told(String name, Load.Seen seen, long cpuBefore) {
    report.say(
        "%s: %.0f/s; p50 %.2f ms, p99 %.2f ms; CPU of the server %.0f us a request, of the client %.0f us"
            .formatted(
                name,
                seen.rate(),
                seen.percentileMs(0.5),
                seen.percentileMs(0.99),
                (server.cpu().toNanos() - cpuBefore) / 1e3 / seen.requests(),
                seen.clientCpuNs() / 1e3 / seen.requests()));
    return seen;
  }
}
