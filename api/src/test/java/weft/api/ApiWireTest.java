package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.schema.ObjectType;
import weft.schema.Schema;
import weft.testkit.OpenMetricsText;

/** What clients trip over if it is otherwise: the form of answers, defaults, lists, pages. */
class ApiWireTest {
  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void homepageNamesEveryTypeUnderTheHostAsked() throws IOException {
    JsonNode home = api.calls.get("/").json();
    assertThat(home.path("href").asString()).isEqualTo(api.base);
    Set<String> hrefs = new HashSet<>();
    home.path("links").forEach(link -> hrefs.add(link.at("/link/href").asString()));
    for (ObjectType type : Schema.types()) {
      assertThat(hrefs).contains(api.base + "/" + type.name(), api.base + "/" + type.name() + "s");
      assertThat(api.get("/" + type.name() + "s").ok()).as(type.name()).isTrue();
    }
    assertThat(hrefs)
        .contains(api.base + "/virtual-network/%s/ip-alloc", api.base + "/network-policys");
  }

  @Test
  void identityOfANewObject() throws IOException {
    String uuid =
        api.create(
            "virtual-network",
            "{'fq_name':['default-domain','default-project','n'],'uuid':'ffffffff-ffff-4fff-bfff-ffffffffffff'}");
    JsonNode vn = api.read("virtual-network", uuid);
    assertThat(vn.at("/id_perms/uuid/uuid_mslong").asString()).isEqualTo("18446744073709506559");
    assertThat(vn.at("/id_perms/uuid/uuid_lslong").asString()).isEqualTo("13835058055282163711");
    assertThat(vn.at("/id_perms/created").asString())
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
    assertThat(vn.path("display_name").asString()).isEqualTo("n");
    assertThat(vn.path("parent_href").asString())
        .isEqualTo(api.base + "/project/" + vn.path("parent_uuid").asString());
    assertThat(vn.has("network_ipam_refs")).as("empty lists are absent").isFalse();
    assertThat(vn.has("mtu")).as("unset properties are absent").isFalse();
    assertThat(vn.at("/routing_instances/0/to/3").asString()).isEqualTo("n");
    String project = api.create("project", "{'fq_name':['default-domain','p']}");
    assertThat(api.read("project", project).at("/perms2/owner").asString())
        .isEqualTo(project.replace("-", ""));
  }

  @Test
  void etagAndNotModified() throws IOException {
    String uuid =
        api.create("network-policy", "{'fq_name':['default-domain','default-project','e']}");
    HttpCalls.Reply first = api.get("/network-policy/" + uuid);
    String tag = first.header("etag");
    assertThat(tag)
        .isEqualTo(
            "\"" + first.json().at("/network-policy/id_perms/last_modified").asString() + "\"");
    assertThat(
            api.calls.call("GET", "/network-policy/" + uuid, null, "If-None-Match", tag).status())
        .isEqualTo(304);
    assertThat(
            api.put("/network-policy/" + uuid, "{'network-policy':{'display_name':'other'}}").ok())
        .isTrue();
    assertThat(
            api.calls.call("GET", "/network-policy/" + uuid, null, "If-None-Match", tag).status())
        .isEqualTo(200);
  }

  @Test
  void updatesReplaceAndUnset() throws IOException {
    String uuid =
        api.create(
            "virtual-network",
            "{'fq_name':['default-domain','default-project','u'],'mtu':'1400','fabric_snat':true,'nosuchprop':1}");
    JsonNode vn = api.read("virtual-network", uuid);
    assertThat(vn.path("mtu").isNumber()).as("numbers as text are numbers").isTrue();
    assertThat(vn.has("nosuchprop")).isFalse();
    assertThat(api.put("/virtual-network/" + uuid, "{}").text()).isEmpty();
    assertThat(
            api.put(
                    "/virtual-network/" + uuid,
                    "{'virtual-network':{'mtu':null,'fq_name':['a','b','c'],'id_perms':{'enable':false,'description':'d'}}}")
                .ok())
        .isTrue();
    JsonNode after = api.read("virtual-network", uuid);
    assertThat(after.has("mtu")).isFalse();
    assertThat(after.path("fq_name")).isEqualTo(vn.path("fq_name"));
    assertThat(after.at("/id_perms/enable").asBoolean()).isFalse();
    assertThat(after.at("/id_perms/description").asString()).isEqualTo("d");
    assertThat(after.at("/id_perms/created")).isEqualTo(vn.at("/id_perms/created"));
    assertThat(
            api.put("/virtual-network/" + uuid, "{'virtual-network':{'perms2':{'owner_access':7}}}")
                .status())
        .isEqualTo(400);
    assertThat(api.put("/virtual-network/" + uuid, "{'virtual-network':{'is_shared':true}}").ok())
        .isTrue();
    assertThat(api.read("virtual-network", uuid).at("/perms2/global_access").asInt()).isEqualTo(7);
  }

  @Test
  void portsHaveMacAndRoutingInstance() throws IOException {
    api.create("virtual-network", "{'fq_name':['default-domain','default-project','v']}");
    String uuid =
        api.create(
            "virtual-machine-interface",
            "{'fq_name':['default-domain','default-project','p'],'parent_type':'project','uuid':'135bfdf3-4865-42bb-ab25-87b1f9f137c6','virtual_network_refs':[{'to':['default-domain','default-project','v']}]}");
    JsonNode port = api.read("virtual-machine-interface", uuid);
    assertThat(port.at("/virtual_machine_interface_mac_addresses/mac_address/0").asString())
        .isEqualTo("02:13:5b:fd:f3:48");
    assertThat(port.at("/routing_instance_refs/0/attr/direction").asString()).isEqualTo("both");
    assertThat(port.at("/routing_instance_refs/0/attr").has("vlan_tag")).isTrue();
    assertThat(port.at("/virtual_network_refs/0").has("attr")).as("attr is there, null").isTrue();
    assertThat(
            api.post(
                    "/virtual-machine-interfaces",
                    "{'virtual-machine-interface':{'fq_name':['default-domain','default-project','q'],'parent_type':'project'}}")
                .status())
        .isEqualTo(400);
    assertThat(
            api.put(
                    "/virtual-machine-interface/" + uuid,
                    "{'virtual-machine-interface':{'virtual_machine_interface_mac_addresses':{'mac_address':['zz']}}}")
                .status())
        .isEqualTo(400);
    assertThat(
            api.put(
                    "/virtual-machine-interface/" + uuid,
                    "{'virtual-machine-interface':{'port_security_enabled':false,'virtual_machine_interface_allowed_address_pairs':{'allowed_address_pair':[{'ip':{'ip_prefix':'1.1.1.1','ip_prefix_len':32}}]}}}")
                .status())
        .isEqualTo(400);
  }

  @Test
  void securityGroupsHaveNumbersAndRulesUuids() throws IOException {
    String rule =
        "{'direction':'>','protocol':'any','src_addresses':[{'security_group':'local'}],'dst_addresses':[{'subnet':{'ip_prefix':'0.0.0.0','ip_prefix_len':0}}],'src_ports':[{'start_port':0,'end_port':65535}],'dst_ports':[{'start_port':0,'end_port':65535}],'ethertype':'IPv4'}";
    String uuid =
        api.create(
            "security-group",
            "{'fq_name':['default-domain','default-project','sg'],'security_group_entries':{'policy_rule':["
                + rule
                + "]}}");
    JsonNode sg = api.read("security-group", uuid);
    assertThat(sg.path("security_group_id").asLong()).isGreaterThanOrEqualTo(8_000_000);
    assertThat(sg.at("/security_group_entries/policy_rule/0/rule_uuid").asString()).hasSize(36);
    HttpCalls.Reply twice =
        api.put(
            "/security-group/" + uuid,
            "{'security-group':{'security_group_entries':{'policy_rule':["
                + rule
                + ","
                + rule
                + "]}}}");
    assertThat(twice.status()).isEqualTo(409);
    assertThat(twice.text()).startsWith("Rule already exists : ");
    assertThat(
            api.put(
                    "/security-group/" + uuid,
                    "{'security-group':{'configured_security_group_id':100}}")
                .ok())
        .isTrue();
    assertThat(api.read("security-group", uuid).path("security_group_id").asLong()).isEqualTo(100);
  }

  @Test
  void listsNarrowPageAndCount() throws IOException {
    List<String> uuids = new ArrayList<>();
    for (String name : List.of("a", "b", "c", "d", "e")) {
      uuids.add(
          api.create(
              "network-policy",
              "{'fq_name':['default-domain','default-project','"
                  + name
                  + "'],'annotations':{'key_value_pair':[{'key':'k','value':'"
                  + name
                  + "'}]}}"));
    }
    String list = "/network-policys?";
    assertThat(api.get(list + "count=true").json().at("/network-policys/count").asInt())
        .isEqualTo(5);
    assertThat(names(list + "obj_uuids=" + uuids.get(3) + "," + uuids.get(0)))
        .containsExactly("d", "a");
    assertThat(names(list + "filters=display_name==%22a%22,display_name==%22c%22"))
        .containsExactly("a", "c");
    assertThat(names(list + "filters=id_perms==%7B%22enable%22:true%7D,display_name==%22e%22"))
        .containsExactly("e");
    assertThat(names(list + "filters=display_name==%22zz%22")).isEmpty();
    assertThat(
            names(list + "parent_fq_name_str=default-domain:default-project&parent_type=project"))
        .hasSize(5);
    assertThat(names(list + "parent_fq_name_str=default-domain:nosuch")).isEmpty();
    JsonNode first = api.get(list + "page_marker=None&page_limit=2").json();
    assertThat(first.path("marker").asString())
        .isEqualTo("default-domain:default-project:b:" + uuids.get(1));
    JsonNode last =
        api.get(list + "page_limit=9&page_marker=" + first.path("marker").asString()).json();
    assertThat(last.path("network-policys").size()).isEqualTo(3);
    assertThat(last.path("marker").isNull()).isTrue();
    assertThat(names(list + "page_limit=2")).as("no pages without a marker").hasSize(5);
    JsonNode bulk =
        api.post(
                "/list-bulk-collection",
                "{'type':'network-policy','detail':true,'fields':['display_name'],'filters':{'display_name':['a','b']}}")
            .json();
    assertThat(bulk.path("network-policys").size()).isEqualTo(2);
    assertThat(bulk.at("/network-policys/0/network-policy/name").asString()).isEqualTo("a");
    String project =
        api.post(
                "/fqname-to-id",
                "{'type':'project','fq_name':['default-domain','default-project']}")
            .json()
            .path("uuid")
            .asString();
    assertThat(names(list + "parent_id=" + project)).hasSize(5);
  }

  private List<String> names(String path) throws IOException {
    HttpCalls.Reply reply = api.get(path);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    List<String> names = new ArrayList<>();
    reply
        .json()
        .path("network-policys")
        .forEach(item -> names.add(item.at("/fq_name/2").asString()));
    return names;
  }

  @Test
  void backReferencesOnReadAndOnDemandInLists() throws IOException {
    String policy =
        api.create("network-policy", "{'fq_name':['default-domain','default-project','np']}");
    String network =
        api.create("virtual-network", "{'fq_name':['default-domain','default-project','vn']}");
    assertThat(
            api.post(
                    "/ref-update",
                    "{'type':'virtual-network','uuid':'"
                        + network
                        + "','ref-type':'network-policy','ref-uuid':'"
                        + policy
                        + "','operation':'ADD','attr':{'sequence':{'major':1,'minor':2}}}")
                .ok())
        .isTrue();
    assertThat(
            api.read("network-policy", policy)
                .at("/virtual_network_back_refs/0/attr/sequence/major")
                .asInt())
        .isEqualTo(1);
    JsonNode detail =
        api.get("/network-policys?detail=true&obj_uuids=" + policy)
            .json()
            .at("/network-policys/0/network-policy");
    assertThat(detail.has("virtual_network_back_refs")).isFalse();
    detail =
        api.get("/network-policys?detail=true&fields=virtual_network_back_refs&obj_uuids=" + policy)
            .json()
            .at("/network-policys/0/network-policy");
    assertThat(detail.at("/virtual_network_back_refs/0/uuid").asString()).isEqualTo(network);
    assertThat(detail.at("/virtual_network_back_refs/0").has("href")).isFalse();
    assertThat(
            api.post(
                    "/ref-update",
                    "{'type':'virtual-network','uuid':'"
                        + network
                        + "','ref-type':'network_policy','ref-uuid':'"
                        + policy
                        + "','operation':'DELETE'}")
                .ok())
        .isTrue();
    assertThat(api.delete("/network-policy/" + policy).ok()).isTrue();
  }

  @Test
  void relaxedReferencesDoNotHoldBack() throws IOException {
    String network =
        api.create("virtual-network", "{'fq_name':['default-domain','default-project','vn']}");
    String policy =
        api.create("network-policy", "{'fq_name':['default-domain','default-project','np']}");
    api.post(
        "/ref-update",
        "{'type':'virtual-network','uuid':'"
            + network
            + "','ref-type':'network-policy','ref-uuid':'"
            + policy
            + "','operation':'ADD','attr':{}}");
    assertThat(api.delete("/network-policy/" + policy).status()).isEqualTo(409);
    assertThat(
            api.post(
                    "/ref-relax-for-delete",
                    "{'uuid':'" + network + "','ref-uuid':'" + policy + "'}")
                .ok())
        .isTrue();
    assertThat(api.read("virtual-network", network).at("/network_policy_refs/0").has("relaxed"))
        .isFalse();
    String other =
        api.create("network-policy", "{'fq_name':['default-domain','default-project','other']}");
    String put =
        "{'virtual-network':{'network_policy_refs':[{'uuid':'%s','attr':{}},{'uuid':'%s','attr':{}}]}}";
    assertThat(api.put("/virtual-network/" + network, put.formatted(policy, other)).ok()).isTrue();
    assertThat(api.delete("/network-policy/" + other).status()).isEqualTo(409);
    assertThat(api.delete("/network-policy/" + policy).ok())
        .as("still relaxed after the list was written anew")
        .isTrue();
    assertThat(api.read("virtual-network", network).path("network_policy_refs")).hasSize(1);
  }

  @Test
  void deletingANetworkTakesItsRoutingInstanceAndNumbersBack() throws IOException {
    String one = api.network("one", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
    String other = api.network("other", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
    String mine = api.read("virtual-network", one).at("/routing_instances/0/uuid").asString();
    String its = api.read("virtual-network", other).at("/routing_instances/0/uuid").asString();
    api.post(
        "/ref-update",
        "{'type':'routing-instance','uuid':'"
            + its
            + "','ref-type':'routing-instance','ref-uuid':'"
            + mine
            + "','operation':'ADD'}");
    int id = api.read("virtual-network", one).path("virtual_network_network_id").asInt();
    api.post("/virtual-network/" + one + "/ip-alloc", "{'count':3}");
    assertThat(api.delete("/virtual-network/" + one).ok()).isTrue();
    assertThat(api.get("/routing-instance/" + mine).status()).isEqualTo(404);
    assertThat(api.read("routing-instance", its).has("routing_instance_refs")).isFalse();
    String again = api.network("one", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
    assertThat(api.read("virtual-network", again).path("virtual_network_network_id").asInt())
        .isEqualTo(id);
  }

  @Test
  void mapsAndListsChangeByElement() throws IOException {
    String uuid =
        api.create("network-policy", "{'fq_name':['default-domain','default-project','m']}");
    String update =
        "{'uuid':'"
            + uuid
            + "','updates':[{'field':'annotations','operation':'%s','value':{'key':'a','value':'%s'},'position':'a'}]}";
    assertThat(api.post("/prop-collection-update", update.formatted("set", "1")).ok()).isTrue();
    assertThat(api.post("/prop-collection-update", update.formatted("set", "2")).ok()).isTrue();
    assertThat(api.get("/prop-collection-get?uuid=" + uuid + "&fields=annotations").text())
        .isEqualTo("{\"annotations\":[[{\"key\":\"a\",\"value\":\"2\"},\"a\"]]}");
    assertThat(api.post("/prop-collection-update", update.formatted("delete", "2")).ok()).isTrue();
    assertThat(api.get("/prop-collection-get?uuid=" + uuid + "&fields=annotations").text())
        .isEqualTo("{\"annotations\":[]}");
    assertThat(api.post("/prop-collection-update", update.formatted("sing", "2")).status())
        .isEqualTo(400);
  }

  @Test
  void everyTypeCanBeMadeReadAndDeleted() throws IOException {
    for (ObjectType type : Schema.types()) {
      boolean special =
          Set.of(
                  "config-root",
                  "tag",
                  "tag-type",
                  "alarm",
                  "route-target",
                  "virtual-machine-interface",
                  "instance-ip",
                  "loadbalancer-healthmonitor",
                  "floating-ip",
                  "alias-ip")
              .contains(type.name());
      boolean project = type.parent("project") != null;
      if (special || !type.root() && !project) {
        continue;
      }
      String name = project ? "'default-domain','default-project','x1'" : "'x1'";
      String uuid =
          api.create(
              type.name(),
              "{'fq_name':[" + name + "]" + (project ? ",'parent_type':'project'" : "") + "}");
      assertThat(api.read(type.name(), uuid).path("name").asString())
          .as(type.name())
          .isEqualTo("x1");
      assertThat(
              api.put(
                      "/" + type.name() + "/" + uuid,
                      "{'" + type.name() + "':{'display_name':'y'}}")
                  .ok())
          .as(type.name())
          .isTrue();
      assertThat(
              api.get("/" + type.plural() + "?detail=true&obj_uuids=" + uuid)
                  .json()
                  .at("/" + type.plural() + "/0/" + type.name() + "/display_name")
                  .asString())
          .isEqualTo("y");
      HttpCalls.Reply deleted = api.delete("/" + type.name() + "/" + uuid);
      assertThat(deleted.status()).as(type.name() + deleted.text()).isEqualTo(200);
    }
  }

  @Test
  void startObjectsAreMadeOnce(@TempDir Path directory) throws IOException {
    String before;
    try (TestApi first = TestApi.onDisk(directory)) {
      before = first.db.image().objects("virtual-network").toString();
      assertThat(first.db.image().objects("virtual-network")).hasSize(4);
      assertThat(first.get("/global-vrouter-configs?detail=true").text())
          .contains("\"encapsulation\":[\"MPLSoUDP\",\"MPLSoGRE\",\"VXLAN\"]");
      assertThat(
              first
                  .post(
                      "/fqname-to-id",
                      "{'type':'routing-instance','fq_name':['default-domain','default-project','ip-fabric','__default__']}")
                  .ok())
          .isTrue();
    }
    try (TestApi second = TestApi.onDisk(directory)) {
      assertThat(second.db.image().objects("virtual-network").toString()).isEqualTo(before);
    }
  }

  @Test
  void describesAndCountsItself() throws IOException {
    assertThat(api.get("/openapi.json").json().path("paths").has("/virtual-networks")).isTrue();
    assertThat(api.get("/aaa-mode").text()).isEqualTo("{\"aaa-mode\":\"no-auth\"}");
    assertThat(OpenMetricsText.samples(api.get("/metrics").text()))
        .containsKeys(
            "weft_api_requests_total{method=GET,status=200}",
            "weft_api_read_seconds_count{}",
            "weft_config_objects{}");
  }
}
