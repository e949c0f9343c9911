package weft.lab.openstack;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import weft.lab.Await;
import weft.lab.LabException;

/** What a user makes through OpenStack's APIs, and can take away again. */
final class Project {
  private static final Duration LIMIT = Duration.ofMinutes(3);

  private final Cloud cloud;

  /** What takes away what was made, the last first. */
  private final Deque<Runnable> endings = new ArrayDeque<>();

  Project(Cloud cloud) {
    this.cloud = cloud;
  }

  private String make(String collection, String singular, String body) {
    JsonNode answer = cloud.post("neutron", "/v2.0/" + collection, body);
    String id = answer.path(singular).path("id").asString("");
    endings.push(() -> delete("neutron", "/v2.0/" + collection + "/" + id));
    return id;
  }

  /** Deletes it, and waits until it has gone. */
  private void delete(String service, String path) {
    if (cloud.exists(service, path)) {
      cloud.delete(service, path);
    }
    Await.until(path + " is gone", LIMIT, () -> !cloud.exists(service, path));
  }

  /**
   * A network with one subnet.
   *
   * @param external whether it is where floating addresses come from
   */
  String network(String name, String subnet, boolean external) {
    String id =
        make(
            "networks",
            "network",
            "{'network':{'name':'%s'%s}}"
                .formatted(name, external ? ",'router:external':true" : ""));
    make(
        "subnets",
        "subnet",
        "{'subnet':{'network_id':'%s','ip_version':4,'cidr':'%s'}}".formatted(id, subnet));
    return id;
  }

  /** A router that joins networks, with a gateway. */
  void router(String name, String external, String... networks) {
    String id =
        make(
            "routers",
            "router",
            "{'router':{'name':'%s','external_gateway_info':{'network_id':'%s'}}}"
                .formatted(name, external));
    for (String network : networks) {
      String subnet = "{'subnet_id':'%s'}".formatted(subnet(network));
      cloud.put("neutron", "/v2.0/routers/" + id + "/add_router_interface", subnet);
      endings.push(
          () -> cloud.put("neutron", "/v2.0/routers/" + id + "/remove_router_interface", subnet));
    }
  }

  private String subnet(String network) {
    return cloud
        .get("neutron", "/v2.0/networks/" + network)
        .path("network")
        .path("subnets")
        .path(0)
        .asString("");
  }

  /** A security group without rules for what comes in. */
  String group(String name) {
    return make("security-groups", "security_group", "{'security_group':{'name':'" + name + "'}}");
  }

  /** Lets pings in; returns the rule. */
  String allowPings(String group) {
    return cloud
        .post(
            "neutron",
            "/v2.0/security-group-rules",
            "{'security_group_rule':{'security_group_id':'%s','direction':'ingress','protocol':'icmp'}}"
                .formatted(group))
        .path("security_group_rule")
        .path("id")
        .asString("");
  }

  void forbid(String rule) {
    cloud.delete("neutron", "/v2.0/security-group-rules/" + rule);
  }

  /** A floating address for a port; returns it. */
  String floating(String external, String port) {
    String id =
        make(
            "floatingips",
            "floatingip",
            "{'floatingip':{'floating_network_id':'%s','port_id':'%s'}}".formatted(external, port));
    return cloud
        .get("neutron", "/v2.0/floatingips/" + id)
        .path("floatingip")
        .path("floating_ip_address")
        .asString("");
  }

  /** Asks Nova for a machine; returns its id. */
  String server(String name, String network, String group) {
    Map<String, String> ids = new TreeMap<>();
    cloud
        .list("glance", "/v2/images?name=" + Machines.IMAGE, "images")
        .forEach(image -> ids.put("image", image.path("id").asString("")));
    cloud
        .list("nova", "/v2.1/flavors", "flavors")
        .forEach(
            flavor -> ids.put(flavor.path("name").asString(""), flavor.path("id").asString("")));
    String id =
        cloud
            .post(
                "nova",
                "/v2.1/servers",
                """
                {'server':{'name':'%s','imageRef':'%s','flavorRef':'%s','networks':[{'uuid':'%s'}],
                  'security_groups':[{'name':'%s'}]}}
                """
                    .formatted(name, ids.get("image"), ids.get(Machines.FLAVOR), network, group))
            .path("server")
            .path("id")
            .asString("");
    endings.push(() -> delete("nova", "/v2.1/servers/" + id));
    return id;
  }

  void awaitActive(String server) {
    Await.until(
        "machine " + server + " is active",
        LIMIT,
        () -> {
          JsonNode now = cloud.get("nova", "/v2.1/servers/" + server).path("server");
          if (now.path("status").asString("").equals("ERROR")) {
            throw new LabException("Nova says: " + now.path("fault").path("message").asString(""));
          }
          return now.path("status").asString("").equals("ACTIVE");
        });
  }

  /** The ports of a device. */
  List<JsonNode> ports(String device) {
    return cloud.list("neutron", "/v2.0/ports?device_id=" + device, "ports");
  }

  /** Takes away all that was made. @throws LabException if some of it stays */
  void close() {
    List<String> failures = new ArrayList<>();
    while (!endings.isEmpty()) {
      try {
        endings.pop().run();
      } catch (LabException e) {
        failures.add(e.getMessage());
      }
    }
    if (!failures.isEmpty()) {
      throw new LabException(String.join("; ", failures));
    }
  }
}
