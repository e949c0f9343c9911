package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.math.BigInteger;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.schema.ObjectType;
import weft.schema.Schema;
import weft.state.FaultHandler;

/** What existing clients trip over, one by one, numbered as in the compatibility checklist. */
class WireTrapsTest {
  private static final String P = "'default-domain','default-project',";
  private static Controller controller;
  private static HttpCalls api;
  private static int made;

  @BeforeAll
  static void start(@TempDir Path directory) throws IOException {
    Properties properties = new Properties();
    properties.setProperty("data.dir", directory.resolve("data").toString());
    properties.setProperty("roles", "api,compiler");
    for (String address : new String[] {"api", "status"}) {
      properties.setProperty(address + ".address", "127.0.0.1");
      properties.setProperty(address + ".port", "0");
    }
    controller = Controller.start(ControllerOptions.of(properties), FaultHandler.rethrow());
    api = new HttpCalls("http://127.0.0.1:" + controller.apiPort().orElseThrow());
  }

  @AfterAll
  static void stop() {
    api.close();
    controller.close();
  }

  private static HttpCalls.Reply post(String path, String body) throws IOException {
    return api.call("POST", path, body.replace('\'', '"'));
  }

  private static HttpCalls.Reply put(String path, String body) throws IOException {
    return api.call("PUT", path, body.replace('\'', '"'));
  }

  private static String create(String type, String body) throws IOException {
    HttpCalls.Reply reply = post("/" + type + "s", "{'" + type + "':" + body + "}");
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.json().path(type).path("uuid").asString();
  }

  private static String name() {
    return "n" + made++;
  }

  private static String network(String subnet) throws IOException {
    String refs =
        subnet.isEmpty()
            ? ""
            : ",'network_ipam_refs':[{'to':["
                + P
                + "'default-network-ipam'],'attr':{'ipam_subnets':["
                + subnet
                + "]}}]";
    return create("virtual-network", "{'fq_name':[" + P + "'" + name() + "']" + refs + "}");
  }

  private static String port(String network, String uuid) throws IOException {
    return create(
        "virtual-machine-interface",
        "{'uuid':'"
            + uuid
            + "','fq_name':["
            + P
            + "'"
            + name()
            + "'],'parent_type':'project','virtual_network_refs':[{'uuid':'"
            + network
            + "'}]}");
  }

  private static JsonNode read(String type, String uuid) throws IOException {
    return api.get("/" + type + "/" + uuid).json().path(type);
  }

  private static JsonNode detail(String type, String uuid, String more) throws IOException {
    String path = "/" + type + "s?detail=true&obj_uuids=" + uuid + more;
    return api.get(path).json().path(type + "s").path(0).path(type);
  }

  @Test
  void trap01SuccessIs200AndNothingElse() throws IOException {
    String network = network("");
    String port = port(network, UUID.randomUUID().toString());
    List<HttpCalls.Reply> replies = new ArrayList<>();
    replies.add(put("/virtual-network/" + network, "{'virtual-network':{'mtu':1400}}"));
    replies.add(put("/virtual-network/" + network, "{}"));
    replies.add(post("/id-to-fqname", "{'uuid':'" + network + "'}"));
    replies.add(post("/useragent-kv", "{'operation':'STORE','key':'k','value':'v'}"));
    replies.add(post("/chmod", "{'uuid':'" + network + "','global_access':5}"));
    replies.add(
        post(
            "/prop-collection-update",
            "{'uuid':'"
                + port
                + "','updates':[{'field':'virtual_machine_interface_bindings','operation':'set','value':{'key':'a','value':'b'},'position':'a'}]}"));
    replies.add(post("/list-bulk-collection", "{'type':'virtual-network'}"));
    replies.add(api.delete("/virtual-machine-interface/" + port));
    replies.add(api.delete("/virtual-network/" + network));
    assertThat(replies).extracting(HttpCalls.Reply::status).containsOnly(200);
  }

  /** Sent as it is, for the library does not let go of the host it connects to. */
  private static JsonNode rawGet(String path, String host) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", controller.apiPort().orElseThrow())) {
      String request =
          "GET " + path + " HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      return Json.parse(answer.substring(answer.indexOf("\r\n\r\n") + 4));
    }
  }

  @Test
  void trap02TheHomepageLinksToEverythingUnderTheHostAskedFor() throws IOException {
    JsonNode home = rawGet("/", "api.example.org:8082");
    assertThat(home.path("href").asString()).isEqualTo("http://api.example.org:8082");
    Set<String> links = new HashSet<>();
    for (JsonNode each : home.path("links")) {
      JsonNode link = each.path("link");
      assertThat(link.path("href").asString()).startsWith("http://api.example.org:8082/");
      links.add(link.path("rel").asString() + " " + link.path("href").asString());
    }
    for (ObjectType type : Schema.types()) {
      assertThat(links)
          .contains("collection http://api.example.org:8082/" + type.plural())
          .contains("resource-base http://api.example.org:8082/" + type.name());
    }
    for (String action :
        List.of("fqname-to-id", "ref-update", "list-bulk-collection", "useragent-kv", "set-tag")) {
      assertThat(links).contains("action http://api.example.org:8082/" + action);
    }
  }

  @Test
  void trap03PluralsAreNaive() throws IOException {
    for (String plural : List.of("network-policys", "virtual-DNSs", "address-groups", "aliass")) {
      boolean known = !plural.equals("aliass");
      assertThat(api.get("/" + plural).status()).as(plural).isEqualTo(known ? 200 : 404);
    }
    assertThat(api.get("/network-policies").text()).isEqualTo("Not found: '/network-policies'");
  }

  @Test
  void trap04ErrorsAreTextWithPythonLists() throws IOException {
    String body = "{'virtual-network':{'fq_name':[" + P + "'twice']}}";
    String uuid = post("/virtual-networks", body).json().at("/virtual-network/uuid").asString();
    HttpCalls.Reply reply = post("/virtual-networks", body);
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.header("content-type")).isEqualTo("text/html; charset=UTF-8");
    assertThat(reply.text())
        .isEqualTo(
            "['default-domain', 'default-project', 'twice'] already exists with uuid: " + uuid);
  }

  @Test
  void trap05AMissingParentIs404() throws IOException {
    HttpCalls.Reply reply =
        post(
            "/virtual-networks",
            "{'virtual-network':{'fq_name':['default-domain','nosuch','x'],'parent_type':'project'}}");
    assertThat(reply.status() + " " + reply.text())
        .isEqualTo("404 Name['default-domain', 'nosuch'] not found");
  }

  @Test
  void trap06WhatIsEmptyOrUnsetIsAbsent() throws IOException {
    JsonNode network = read("virtual-network", network(""));
    for (String absent :
        List.of(
            "mtu",
            "network_ipam_refs",
            "virtual_machine_interface_back_refs",
            "floating_ip_pools",
            "port_security_enabled")) {
      assertThat(network.has(absent)).as(absent).isFalse();
    }
    assertThat(network.has("display_name")).isTrue();
  }

  @Test
  void trap07AReferenceWithoutDataHasANull() throws IOException {
    String port = port(network(""), UUID.randomUUID().toString());
    JsonNode ref = read("virtual-machine-interface", port).at("/virtual_network_refs/0");
    assertThat(ref.has("attr")).isTrue();
    assertThat(ref.path("attr").isNull()).isTrue();
  }

  @Test
  void trap08HalvesOfUuidsAreUnsigned() throws IOException {
    String uuid = "f09c1c01-89dd-4294-b0b2-d82de509ac4d";
    create("virtual-machine", "{'fq_name':['vm-unsigned'],'uuid':'" + uuid + "'}");
    JsonNode halves = read("virtual-machine", uuid).at("/id_perms/uuid");
    assertThat(halves.path("uuid_mslong").bigIntegerValue())
        .isEqualTo(new BigInteger("f09c1c0189dd4294", 16));
    assertThat(halves.path("uuid_lslong").bigIntegerValue())
        .isEqualTo(new BigInteger("b0b2d82de509ac4d", 16));
  }

  @Test
  void trap09TimesHaveSixDigitsOfFractionAndNoZone() throws IOException {
    JsonNode idPerms = read("virtual-network", network("")).path("id_perms");
    for (String field : List.of("created", "last_modified")) {
      assertThat(idPerms.path(field).asString())
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
    }
  }

  @Test
  void trap10OwnersHaveNoDashes() throws IOException {
    String project = create("project", "{'fq_name':['default-domain','" + name() + "']}");
    assertThat(read("project", project).at("/perms2/owner").asString())
        .isEqualTo(project.replace("-", ""));
  }

  @Test
  void trap11ReferencesInDetailedListsHaveNoHref() throws IOException {
    String port = port(network(""), UUID.randomUUID().toString());
    JsonNode listed = detail("virtual-machine-interface", port, "");
    assertThat(listed.at("/virtual_network_refs/0/uuid").isString()).isTrue();
    assertThat(listed.at("/virtual_network_refs/0").has("href")).isFalse();
    assertThat(listed.has("href")).isTrue();
  }

  @Test
  void trap12BackReferencesInDetailOnlyByFields() throws IOException {
    String network = network("");
    String port = port(network, UUID.randomUUID().toString());
    String field = "virtual_machine_interface_back_refs";
    assertThat(detail("virtual-network", network, "").has(field)).isFalse();
    assertThat(detail("virtual-network", network, "&fields=" + field).at("/" + field + "/0/uuid"))
        .hasToString("\"" + port + "\"");
  }

  @Test
  void trap13TheMarkerSwitchesPagingOn() throws IOException {
    network("");
    network("");
    JsonNode all = api.get("/virtual-networks?page_limit=1").json();
    assertThat(all.has("marker")).isFalse();
    assertThat(all.path("virtual-networks").size()).isGreaterThan(2);
    Set<String> seen = new HashSet<>();
    String marker = "None";
    while (marker != null) {
      JsonNode page = api.get("/virtual-networks?page_limit=1&page_marker=" + marker).json();
      page.path("virtual-networks").forEach(each -> seen.add(each.path("uuid").asString()));
      marker = page.path("marker").isNull() ? null : page.path("marker").asString();
    }
    assertThat(seen).hasSizeGreaterThanOrEqualTo(all.path("virtual-networks").size());
  }

  @Test
  void trap14UnknownPropertiesAreAcceptedAtTheTopAlone() throws IOException {
    String body = "{'virtual-network':{'fq_name':[" + P + "'%s'],%s}}";
    assertThat(post("/virtual-networks", body.formatted(name(), "'nosuch':1")).status())
        .isEqualTo(200);
    assertThat(
            post(
                    "/virtual-networks",
                    body.formatted(name(), "'virtual_network_properties':{'nosuch':1}"))
                .status())
        .isEqualTo(400);
  }

  @Test
  void trap15TheMacIsMadeOfTheUuid() throws IOException {
    String uuid = "135bfdf3-4865-42bb-ab25-87b1f9f137c6";
    port(network(""), uuid);
    assertThat(
            read("virtual-machine-interface", uuid)
                .at("/virtual_machine_interface_mac_addresses/mac_address")
                .toString())
        .isEqualTo("[\"02:13:5b:fd:f3:48\"]");
  }

  private static String address(String network) throws IOException {
    String ip =
        create(
            "instance-ip",
            "{'fq_name':['" + name() + "'],'virtual_network_refs':[{'uuid':'" + network + "'}]}");
    return read("instance-ip", ip).path("instance_ip_address").asString();
  }

  @Test
  void trap16AddressesGoDownwardsUnlessFromTheStart() throws IOException {
    String subnet = "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}%s}";
    String down = network(subnet.formatted(""));
    assertThat(List.of(address(down), address(down))).containsExactly("10.1.1.252", "10.1.1.251");
    String up = network(subnet.formatted(",'addr_from_start':true"));
    assertThat(List.of(address(up), address(up))).containsExactly("10.1.1.3", "10.1.1.4");
  }

  @Test
  void trap17NeutronErrorsAre400WithTheNameOfAnException() throws IOException {
    String uuid = "235bfdf3-4865-42bb-ab25-87b1f9f137c6";
    HttpCalls.Reply reply =
        post(
            "/neutron/port",
            "{'context':{'operation':'READ','type':'port','is_admin':true,'roles':['admin'],'tenant_id':'','tenant':'','user_id':'','request_id':'r'},'data':{'id':'"
                + uuid
                + "','resource':{},'filters':{},'fields':[]}}");
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.json().path("exception").asString()).isEqualTo("PortNotFound");
    assertThat(reply.json().path("port_id").asString()).isEqualTo(uuid);
  }

  @Test
  void trap18NumbersOfGroupsNetworksAndRouteTargets() throws IOException {
    String group = create("security-group", "{'fq_name':[" + P + "'" + name() + "']}");
    assertThat(read("security-group", group).path("security_group_id").asLong())
        .isGreaterThanOrEqualTo(8_000_000);
    String network = network("");
    JsonNode made = read("virtual-network", network);
    assertThat(made.path("virtual_network_network_id").asLong()).isBetween(5L, 1L << 24);
    String instance = made.at("/routing_instances/0/uuid").asString();
    // The answers themselves are the pace.
    long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
    JsonNode target = Json.object();
    while (!target.isString() && System.nanoTime() < deadline) {
      target = read("routing-instance", instance).at("/route_target_refs/0/to/0");
    }
    assertThat(target.asString("")).startsWith("target:64512:");
    assertThat(Long.parseLong(target.asString().split(":")[2])).isBetween(8_000_000L, 1L << 24);
  }

  @Test
  void trap19WhoHasTheLatestIsToldSo() throws IOException {
    String path = "/virtual-network/" + network("");
    HttpCalls.Reply first = api.get(path);
    String tag = first.header("etag");
    assertThat(tag)
        .isEqualTo(
            "\"" + first.json().at("/virtual-network/id_perms/last_modified").asString() + "\"");
    HttpCalls.Reply second = api.call("GET", path, null, "If-None-Match", tag);
    assertThat(second.status()).isEqualTo(304);
    assertThat(second.text()).isEmpty();
    put(path, "{'virtual-network':{'mtu':1400}}");
    assertThat(api.call("GET", path, null, "If-None-Match", tag).status()).isEqualTo(200);
  }

  @Test
  void trap20ReferencesAreUpdatedByUuidOrName() throws IOException {
    String network = network("");
    String name = name();
    String policy = create("network-policy", "{'fq_name':[" + P + "'" + name + "']}");
    String update =
        "{'type':'virtual-network','uuid':'"
            + network
            + "','ref-type':'network-policy',%s,'operation':'%s','attr':{'sequence':{'major':0,'minor':0}}}";
    String byName = "'ref-uuid':null,'ref-fq-name':[" + P + "'" + name + "']";
    String byUuid = "'ref-uuid':'" + policy + "'";
    for (String each : List.of(byName, byUuid)) {
      assertThat(post("/ref-update", update.formatted(each, "ADD")).text())
          .isEqualTo("{\"uuid\":\"" + network + "\"}");
      assertThat(read("virtual-network", network).at("/network_policy_refs/0/uuid").asString())
          .isEqualTo(policy);
      assertThat(post("/ref-update", update.formatted(each, "DELETE")).status()).isEqualTo(200);
      assertThat(read("virtual-network", network).has("network_policy_refs")).isFalse();
    }
  }

  @Test
  void trap21HrefsNameTheHostAskedFor() throws IOException {
    String network = network("");
    JsonNode read =
        rawGet("/virtual-network/" + network, "sdn.example.org").path("virtual-network");
    assertThat(read.path("href").asString())
        .isEqualTo("http://sdn.example.org/virtual-network/" + network);
    assertThat(read.path("parent_href").asString()).startsWith("http://sdn.example.org/project/");
    assertThat(read.at("/routing_instances/0/href").asString())
        .startsWith("http://sdn.example.org/routing-instance/");
  }
}
