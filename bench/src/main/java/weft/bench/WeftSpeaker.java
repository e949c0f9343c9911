package weft.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/** `weft controller` with the config API, by which it learns its peers, and the control node. */
final class WeftSpeaker implements Speaker {
  private final Server server;

  private WeftSpeaker(Server server) {
    this.server = server;
  }

  static WeftSpeaker start(Plan plan, Path directory) throws IOException, InterruptedException {
    Server server =
        Server.start(
            directory,
            Map.of(
                "roles",
                "api,control",
                "control.address",
                HOST,
                "control.bgp.port",
                Integer.toString(PORT),
                "control.bgp.retry.seconds",
                "600"));
    try (HttpCalls calls = new HttpCalls("http://127.0.0.1:" + server.address().getPort())) {
      for (Plan.Session session : plan.sessions()) {
        HttpCalls.Reply reply = calls.post("/bgp-routers", router(session, plan.kind()));
        if (!reply.ok()) {
          throw new IOException("no BGP router: " + reply.text());
        }
      }
      return new WeftSpeaker(server);
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private static ObjectNode router(Plan.Session session, BgpLoad.Kind kind) {
    ObjectNode body = Json.object();
    ObjectNode router = body.putObject("bgp-router");
    router.put("parent_type", "routing-instance");
    router
        .putArray("fq_name")
        .add("default-domain")
        .add("default-project")
        .add("ip-fabric")
        .add("__default__")
        .add(session.name());
    ObjectNode parameters = router.putObject("bgp_router_parameters");
    parameters.put("vendor", "bench").put("router_type", "router");
    parameters.put("address", session.address()).put("identifier", session.address());
    parameters.put("autonomous_system", session.asn()).put("port", 1).put("hold_time", 240);
    String family =
        switch (kind) {
          case VPNV4 -> "inet-vpn";
          case EVPN -> "e-vpn";
          case IPV4 -> "inet";
        };
    parameters.putObject("address_families").putArray("family").add(family);
    return body;
  }

  @Override
  public String name() {
    return Make.WEFT.title;
  }

  @Override
  public long pid() {
    return server.pid();
  }

  /** What is in use of the heap, once the garbage is gone. */
  long heapBytes() throws IOException {
    return server.heapBytes();
  }

  @Override
  public void close() {
    server.close();
  }
}
