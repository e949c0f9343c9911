package weft.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/** `weft trace`: what a host would do with a packet, decision by decision. */
@CommandLine.Command(
    name = "trace",
    mixinStandardHelpOptions = true,
    description = "Walks a packet that a guest would send through the live tables of its host.")
final class TraceCommand implements Callable<Integer> {
  @Mixin private Endpoints endpoints = new Endpoints();
  @Mixin private Output output = new Output();

  @Option(
      names = "--vif",
      required = true,
      paramLabel = "DEVICE",
      description = "The guest's interface: device name or id.")
  private String vif = "";

  @Option(names = "--src", required = true, description = "Source address.")
  private String source = "";

  @Option(names = "--dst", required = true, description = "Destination address.")
  private String destination = "";

  @Option(
      names = "--proto",
      defaultValue = "icmp",
      description = "icmp, tcp, udp or a number (default: ${DEFAULT-VALUE}).")
  private String protocol = "icmp";

  @Option(names = "--sport", defaultValue = "0", description = "Source port.")
  private int sourcePort;

  @Option(names = "--dport", defaultValue = "0", description = "Destination port.")
  private int destinationPort;

  @Spec private CommandLine.Model.CommandSpec spec = CommandLine.Model.CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    ObjectNode packet =
        Json.object()
            .put("vif", vif)
            .put("source", source)
            .put("destination", destination)
            .put("protocol", protocol)
            .put("source_port", sourcePort)
            .put("destination_port", destinationPort);
    PrintWriter out = spec.commandLine().getOut();
    try (HttpCalls calls = new HttpCalls(endpoints.vrouter())) {
      HttpCalls.Reply reply = calls.post("/trace", packet);
      if (!reply.ok()) {
        throw new IOException(reply.status() + ": " + reply.text().strip());
      }
      JsonNode trace = reply.json();
      if (output.form == Output.Form.JSON) {
        out.println(trace.toPrettyString());
      } else {
        trace.path("decisions").forEach(line -> out.println(line.asString()));
        out.println("=> " + Table.cell(trace.path("outcome")));
      }
      out.flush();
    }
    return 0;
  }
}
