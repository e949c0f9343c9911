package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * `weft trace`: walks a described packet through the live tables of a host, decision by decision.
 */
@CommandLine.Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description =
        "What the tables of a host do with a packet, and why; then those of the next host.")
final class TraceCommand implements Callable<Integer> {
  @CommandLine.Option(
      names = "--vif",
      required = true,
      paramLabel = "NAME",
      description = "Interface that the packet enters by, such as tap12345678-90.")
  private String vif = "";

  @CommandLine.Option(names = "--src", required = true, paramLabel = "IP")
  private String source = "";

  @CommandLine.Option(names = "--dst", required = true, paramLabel = "IP")
  private String destination = "";

  @CommandLine.Option(
      names = "--proto",
      paramLabel = "icmp|tcp|udp|NUMBER",
      description = "Default: icmp.")
  private String protocol = "icmp";

  @CommandLine.Option(names = "--sport", paramLabel = "PORT")
  private int sourcePort;

  @CommandLine.Option(names = "--dport", paramLabel = "PORT")
  private int destinationPort;

  @CommandLine.Mixin private final Endpoints endpoints = new Endpoints();
  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    ObjectNode packet =
        JsonNodeFactory.instance
            .objectNode()
            .put("vif", vif)
            .put("source", source)
            .put("destination", destination)
            .put("protocol", protocol)
            .put("source_port", sourcePort)
            .put("destination_port", destinationPort);
    JsonNode trace = endpoints.vrouter().post("/trace", packet);
    List<String> lines = lines(trace);
    ObjectNode whole = (ObjectNode) trace;
    JsonNode next = trace.path("next");
    Rest other = next.isObject() ? endpoints.vrouterAt(next.path("host").asString()) : null;
    if (other != null) {
      JsonNode there = other.post("/trace", next);
      lines.add("on " + next.path("host").asString() + ":");
      lines.addAll(lines(there));
      whole.set("there", there);
    }
    output.print(whole, lines);
    return 0;
  }

  private static List<String> lines(JsonNode trace) {
    List<String> lines = new ArrayList<>();
    trace.path("decisions").forEach(decision -> lines.add(Table.text(decision)));
    lines.add("=> " + Table.text(trace.path("outcome")));
    return lines;
  }
}
