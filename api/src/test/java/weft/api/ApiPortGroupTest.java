package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/** Ports of bare machines, and the groups of switch ports that they make. */
class ApiPortGroupTest {
  private static final String SYSTEM = "'default-global-system-config'";

  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
    fabric("fabric", "");
    api.create(
        "physical-router",
        "{'fq_name':[" + SYSTEM + ",'leaf'],'parent_type':'global-system-config'}");
    for (int i = 0; i < 8; i++) {
      api.create(
          "physical-interface",
          "{'fq_name':[%s,'leaf','xe-%d'],'parent_type':'physical-router'}".formatted(SYSTEM, i));
    }
    for (String network : List.of("one", "two")) {
      api.network(network, "{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24}}");
    }
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void fabric(String name, String more) throws IOException {
    api.create(
        "fabric",
        "{'fq_name':[%s,'%s'],'parent_type':'global-system-config'%s}"
            .formatted(SYSTEM, name, more));
  }

  private static String links(String fabric, int... ports) {
    ArrayNode links = Json.array();
    for (int port : ports) {
      links
          .addObject()
          .put("fabric", fabric)
          .put("switch_info", "leaf")
          .put("port_id", "xe-" + port);
    }
    ObjectNode profile = Json.object();
    profile.set("local_link_information", links);
    return Json.text(profile);
  }

  /** The bindings of a bare machine's port. */
  private static ObjectNode bindings(String profile, String... more) {
    ObjectNode bindings = Json.object();
    ArrayNode pairs = bindings.putArray("key_value_pair");
    pairs.addObject().put("key", "vnic_type").put("value", "baremetal");
    pairs.addObject().put("key", "profile").put("value", profile);
    for (int i = 0; i < more.length; i += 2) {
      pairs.addObject().put("key", more[i]).put("value", more[i + 1]);
    }
    return bindings;
  }

  private HttpCalls.Reply port(String name, String network, ObjectNode bindings)
      throws IOException {
    return port(api, name, network, bindings);
  }

  private static HttpCalls.Reply port(TestApi at, String name, String network, ObjectNode bindings)
      throws IOException {
    ObjectNode body = Json.object();
    ObjectNode port = body.putObject("virtual-machine-interface");
    port.set("fq_name", TestApi.json("['default-domain','default-project','" + name + "']"));
    port.put("parent_type", "project");
    port.set(
        "virtual_network_refs",
        TestApi.json("[{'to':['default-domain','default-project','" + network + "']}]"));
    port.set("virtual_machine_interface_bindings", bindings);
    return at.calls.post("/virtual-machine-interfaces", body);
  }

  private static String uuid(HttpCalls.Reply reply) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.json().at("/virtual-machine-interface/uuid").asString();
  }

  private HttpCalls.Reply bind(String port, ObjectNode bindings) throws IOException {
    ObjectNode body = Json.object();
    body.putObject("virtual-machine-interface").set("virtual_machine_interface_bindings", bindings);
    return api.calls.put("/virtual-machine-interface/" + port, body);
  }

  /** `NAME: links; ports` of each group. */
  private List<String> groups() throws IOException {
    List<String> groups = new ArrayList<>();
    for (JsonNode each :
        api.get("/virtual-port-groups?detail=true").json().path("virtual-port-groups")) {
      JsonNode group = each.path("virtual-port-group");
      groups.add(
          group.path("fq_name").path(2).asString()
              + ": "
              + ends(group.path("physical_interface_refs"))
              + "; "
              + ends(group.path("virtual_machine_interface_refs")));
    }
    assertThat(api.post("/db-check", "{}").text()).isEqualTo("{\"results\":[]}");
    return groups.stream().sorted().toList();
  }

  private static String ends(JsonNode refs) {
    Set<String> names = new TreeSet<>();
    refs.forEach(ref -> names.add(ref.path("to").path(2).asString()));
    return String.join(" ", names);
  }

  private static void refused(HttpCalls.Reply reply, int status, String text) {
    assertThat(reply.status() + " " + reply.text()).isEqualTo(status + " " + text);
  }

  @Test
  void aGroupComesAndGoesWithItsPorts() throws IOException {
    String first = uuid(port("a", "one", bindings(links("fabric", 0, 1))));
    assertThat(groups()).containsExactly("vpg-internal-0: xe-0 xe-1; a");
    String second =
        uuid(port("b", "two", bindings(links("fabric", 0, 1), "vpg", "vpg-internal-0")));
    String third = uuid(port("c", "one", bindings(links("fabric", 2))));
    assertThat(groups())
        .containsExactly("vpg-internal-0: xe-0 xe-1; a b", "vpg-internal-1: xe-2; c");
    api.delete("/virtual-machine-interface/" + first);
    assertThat(groups()).containsExactly("vpg-internal-0: xe-0 xe-1; b", "vpg-internal-1: xe-2; c");
    api.delete("/virtual-machine-interface/" + second);
    assertThat(groups()).containsExactly("vpg-internal-1: xe-2; c");
    uuid(port("d", "one", bindings(links("fabric", 0))));
    assertThat(groups()).containsExactly("vpg-internal-0: xe-0; d", "vpg-internal-1: xe-2; c");
    JsonNode group =
        api.get("/virtual-port-groups?detail=true").json().at("/virtual-port-groups/0");
    assertThat(group.at("/virtual-port-group/virtual_port_group_user_created").asBoolean())
        .isFalse();
    assertThat(group.at("/virtual-port-group/virtual_port_group_lacp_enabled").asBoolean())
        .isTrue();
    assertThat(api.read("virtual-machine-interface", third).has("uuid")).isTrue();
  }

  @Test
  void aPortThatIsBoundAnew() throws IOException {
    String port = uuid(port("a", "one", bindings("{}")));
    assertThat(groups()).isEmpty();
    assertThat(bind(port, bindings(links("fabric", 0))).status()).isEqualTo(200);
    assertThat(groups()).containsExactly("vpg-internal-0: xe-0; a");
    assertThat(bind(port, bindings(links("fabric", 1, 2))).status()).isEqualTo(200);
    assertThat(groups()).containsExactly("vpg-internal-0: xe-1 xe-2; a");
    api.create(
        "virtual-port-group",
        "{'fq_name':[%s,'fabric','mine'],'parent_type':'fabric'}".formatted(SYSTEM));
    assertThat(bind(port, bindings(links("fabric", 3), "vpg", "mine")).status()).isEqualTo(200);
    assertThat(groups()).containsExactly("mine: xe-3; a");
    assertThat(bind(port, bindings("{}")).status()).isEqualTo(200);
    assertThat(groups()).containsExactly("mine: xe-3; ");
  }

  @Test
  void whatIsRefused() throws IOException {
    String port = uuid(port("a", "one", bindings(links("fabric", 0))));
    refused(
        port("b", "one", bindings(links("fabric", 0))),
        400,
        "Physical interface xe-0 already belong to the vpg vpg-internal-0");
    refused(
        port("b", "one", bindings(links("fabric", 1, 9))),
        404,
        "Unable to attach Physical interface to Virtual Port Group (vpg-internal-missing). No such"
            + " Physical Interface object (xe-9) exists");
    refused(
        port("b", "one", bindings(links("fabric", 1), "vpg", "none")),
        404,
        "Vpg object none is not found");
    refused(port("b", "one", bindings(links("elsewhere", 1))), 404, "No such fabric (elsewhere)");
    assertThat(port("b", "one", bindings("not json")).text())
        .startsWith("the binding profile is not JSON: ");
    String group =
        api.get("/virtual-port-groups").json().at("/virtual-port-groups/0/uuid").asString();
    refused(
        api.delete("/virtual-port-group/" + group),
        400,
        "Virtual port group("
            + group
            + ") can not be deleted as refernces to VMI and BMS instance association still"
            + " exists.");
    HttpCalls.Reply own =
        api.post(
            "/virtual-port-groups",
            "{'virtual-port-group':{'fq_name':[%s,'fabric','vpg-internal-7'],'parent_type':'fabric'}}"
                .formatted(SYSTEM));
    assertThat(own.text())
        .endsWith("with name vpg-internal as prefix can only be created internally");
    assertThat(groups()).containsExactly("vpg-internal-0: xe-0; a");
    assertThat(api.delete("/virtual-machine-interface/" + port).status()).isEqualTo(200);
    assertThat(groups()).isEmpty();
  }

  @Test
  void vlansOfAnEnterprise() throws IOException {
    fabric("campus", ",'fabric_enterprise_style':true");
    uuid(port("a", "one", bindings(links("campus", 0), "tor_port_vlan_id", "10")));
    String vpg = "vpg-internal-0";
    assertThat(
            port("b", "two", bindings(links("campus", 0), "vpg", vpg, "tor_port_vlan_id", "20"))
                .text())
        .startsWith("Untagged VLAN(10) already exists in VPG(");
    assertThat(port("b", "two", bindings(links("campus", 1), "tor_port_vlan_id", "10")).text())
        .contains("Not Allowed in fabric enterprise style");
    assertThat(port("b", "one", bindings(links("campus", 1), "tor_port_vlan_id", "11")).text())
        .contains("Not Allowed in fabric enterprise style");
    uuid(port("b", "one", bindings(links("campus", 1), "tor_port_vlan_id", "10")));
    assertThat(groups()).containsExactly("vpg-internal-0: xe-0; a", "vpg-internal-1: xe-1; b");
  }

  /** Each of the switch ports goes to one of those who want it. */
  @RepeatedTest(5)
  void manyAtOnce() throws Exception {
    try (TestApi other = api.second();
        ExecutorService threads = Executors.newFixedThreadPool(8)) {
      List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        int number = i;
        TestApi at = number < 8 ? api : other;
        calls.add(() -> port(at, "p" + number, "one", bindings(links("fabric", number % 8))));
      }
      List<HttpCalls.Reply> replies = new ArrayList<>();
      for (Future<HttpCalls.Reply> reply : threads.invokeAll(calls)) {
        replies.add(reply.get());
      }
      assertThat(replies.stream().filter(HttpCalls.Reply::ok)).as("%s", replies).hasSize(8);
      api.db.sync().toCompletableFuture().get();
      assertThat(groups()).hasSize(8).allMatch(each -> each.matches("vpg-internal-.*: xe-.; p.*"));
    }
  }
}
