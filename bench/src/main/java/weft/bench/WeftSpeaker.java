package weft.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/** `weft controller` with the config API, by which it learns its peers, and the control node. */
final class WeftSpeaker implements Speaker {
  private final Server server;
  private final int port;

  private WeftSpeaker(Server server, int port) {
    this.server = server;
    this.port = port;
  }

  static WeftSpeaker start(Plan plan, Path directory) throws IOException, InterruptedException {
    Server server = Server.start(directory, settings("api,control", PORT));
    try {
      return of(server, PORT, plan, Set.of(plan.kind()));
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  /** Those of a controller that is a BGP speaker here. */
  static Map<String, String> settings(String roles, int port) {
    return Map.of(
        "roles",
        roles,
        "control.address",
        HOST,
        "control.bgp.port",
        Integer.toString(port),
        "control.bgp.retry.seconds",
        "600");
  }

  /** Tells a controller with such settings of the sessions to come. */
  static WeftSpeaker of(Server server, int port, Plan plan, Set<BgpLoad.Kind> kinds)
      throws IOException, InterruptedException {
    try (HttpCalls calls = new HttpCalls("http://127.0.0.1:" + server.address().getPort())) {
      for (Plan.Session session : plan.sessions()) {
        HttpCalls.Reply reply = calls.post("/bgp-routers", router(session, kinds));
        if (!reply.ok()) {
          throw new IOException("no BGP router: " + reply.text());
        }
      }
    }
    return new WeftSpeaker(server, port);
  }

  private static ObjectNode router(Plan.Session session, Set<BgpLoad.Kind> kinds) {
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
    ArrayNode families = parameters.putObject("address_families").putArray("family");
    for (BgpLoad.Kind kind : kinds) {
      families.add(
          switch (kind) {
            case VPNV4 -> "inet-vpn";
            case EVPN -> "e-vpn";
            case IPV4 -> "inet";
          });
    }
    return body;
  }

  @Override
  public InetSocketAddress address() {
    return new InetSocketAddress(InetAddress.ofLiteral(HOST), port);
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
