package weft.controller.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/**
 * What all writers use and none deletes.
 *
 * @param network uuid of a network whose addresses they share
 * @param policies uuids of policies that they attach
 */
record Ground(String network, List<String> policies) {
  static final List<String> PROJECT = List.of("default-domain", "default-project");

  static Ground make(Ledger ledger, HttpCalls server) throws Exception {
    List<String> policies = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      policies.add(create(ledger, server, Ledger.Kind.POLICY, "policy" + i, Json.object()));
    }
    ObjectNode network = Json.object();
    subnet(network, "10.0.0.0", 16);
    return new Ground(create(ledger, server, Ledger.Kind.NETWORK, "shared", network), policies);
  }

  private static String create(
      Ledger ledger, HttpCalls server, Ledger.Kind kind, String name, ObjectNode body)
      throws Exception {
    String uuid = UUID.randomUUID().toString();
    body.put("uuid", uuid).put("display_name", "0");
    var fqName = body.putArray("fq_name");
    PROJECT.forEach(fqName::add);
    fqName.add(Ledger.PREFIX + name);
    ObjectNode wrapped = Json.object();
    wrapped.set(kind.type, body);
    HttpCalls.Reply reply = server.post("/" + kind.type + "s", wrapped);
    if (!reply.ok()) {
      throw new AssertionError(kind.type + ": " + reply.status() + " " + reply.text());
    }
    ledger.acknowledged(uuid, kind, kind.state(body));
    return uuid;
  }

  static void subnet(ObjectNode network, String address, int length) {
    ObjectNode ref = network.putArray("network_ipam_refs").addObject();
    var to = ref.putArray("to");
    PROJECT.forEach(to::add);
    to.add("default-network-ipam");
    ref.putObject("attr")
        .putArray("ipam_subnets")
        .addObject()
        .putObject("subnet")
        .put("ip_prefix", address)
        .put("ip_prefix_len", length);
  }
}
