package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.schema.ObjectType;
import weft.schema.Schema;

/** Whatever is sent, the answer is no failure of ours, and the server goes on. */
class ApiFuzzTest {
  private static final List<String> JUNK =
      List.of(
          "null",
          "true",
          "0",
          "-1",
          "12",
          "1e400",
          "123456789012345678901234567890",
          "1.5",
          "''",
          "'x'",
          "'a:b'",
          "'\\u0000'",
          "'10.1.1.7'",
          "'::1'",
          "'135bfdf3-4865-42bb-ab25-87b1f9f137c6'",
          "[]",
          "{}",
          "[null]",
          "[[]]",
          "[{}]",
          "{'x':{'y':[1]}}",
          "['default-domain','default-project','vn']");

  private record Call(String method, String path, String body) {}

  private static List<Call> calls(String network, String port) {
    String name = "['default-domain','default-project','f']";
    String subnet =
        "{'subnet':{'ip_prefix':'10.2.0.0','ip_prefix_len':24},'default_gateway':'10.2.0.1','dns_server_address':'10.2.0.2','subnet_uuid':'235bfdf3-4865-42bb-ab25-87b1f9f137c6','allocation_pools':[{'start':'10.2.0.5','end':'10.2.0.9'}],'addr_from_start':true,'dns_nameservers':['1.1.1.1']}";
    String refs =
        "'network_ipam_refs':[{'to':['default-domain','default-project','default-network-ipam'],'attr':{'ipam_subnets':["
            + subnet
            + "]}}]";
    String rules =
        "{'policy_rule':[{'direction':'>','protocol':'any','src_addresses':[{'security_group':'local'}],'dst_addresses':[{'subnet':{'ip_prefix':'0.0.0.0','ip_prefix_len':0}}],'src_ports':[{'start_port':0,'end_port':65535}],'dst_ports':[{'start_port':0,'end_port':65535}],'ethertype':'IPv4'}]}";
    return List.of(
        new Call(
            "POST",
            "/virtual-networks",
            "{'virtual-network':{'fq_name':"
                + name
                + ",'parent_type':'project','mtu':1500,'is_shared':false,'perms2':{'owner':'o','share':[]},'id_perms':{'enable':true},"
                + refs
                + "}}"),
        new Call(
            "PUT",
            "/virtual-network/" + network,
            "{'virtual-network':{'display_name':'d','virtual_network_network_id':7,'is_shared':true,'perms2':{'owner':'o','global_access':7},"
                + refs
                + "}}"),
        new Call(
            "POST",
            "/network-ipams",
            "{'network-ipam':{'fq_name':"
                + name
                + ",'ipam_subnet_method':'flat-subnet','ipam_subnets':{'subnets':["
                + subnet
                + "]}}}"),
        new Call(
            "POST",
            "/virtual-machine-interfaces",
            "{'virtual-machine-interface':{'fq_name':"
                + name
                + ",'parent_type':'project','uuid':'335bfdf3-4865-42bb-ab25-87b1f9f137c6','virtual_network_refs':[{'uuid':'"
                + network
                + "'}],'virtual_machine_interface_mac_addresses':{'mac_address':['02:00:00:00:00:01']},'virtual_machine_interface_properties':{'sub_interface_vlan_tag':5},'port_security_enabled':true,'virtual_machine_interface_allowed_address_pairs':{'allowed_address_pair':[{'ip':{'ip_prefix':'1.1.1.1','ip_prefix_len':32},'mac':'','address_mode':'active-standby'}]}}}"),
        new Call(
            "PUT",
            "/virtual-machine-interface/" + port,
            "{'virtual-machine-interface':{'virtual_network_refs':[{'uuid':'"
                + network
                + "'}],'routing_instance_refs':[{'to':['default-domain','default-project','vn','vn'],'attr':{'direction':'both'}}],'virtual_machine_interface_properties':{'sub_interface_vlan_tag':5}}}"),
        new Call(
            "POST",
            "/instance-ips",
            "{'instance-ip':{'fq_name':['fi'],'instance_ip_address':'10.1.1.9','instance_ip_family':'v4','subnet_uuid':'x','virtual_network_refs':[{'uuid':'"
                + network
                + "'}]}}"),
        new Call(
            "POST",
            "/security-groups",
            "{'security-group':{'fq_name':"
                + name
                + ",'configured_security_group_id':3,'security_group_entries':"
                + rules
                + "}}"),
        new Call(
            "POST",
            "/network-policys",
            "{'network-policy':{'fq_name':" + name + ",'network_policy_entries':" + rules + "}}"),
        new Call(
            "POST",
            "/tags",
            "{'tag':{'fq_name':['tier=x'],'tag_type_name':'tier','tag_value':'x'}}"),
        new Call("POST", "/tag-types", "{'tag-type':{'fq_name':['tt'],'tag_type_id':'0x10'}}"),
        new Call("POST", "/route-targets", "{'route-target':{'fq_name':['target:1:2']}}"),
        new Call(
            "POST",
            "/logical-routers",
            "{'logical-router':{'fq_name':"
                + name
                + ",'virtual_machine_interface_refs':[{'uuid':'"
                + port
                + "'}]}}"),
        new Call(
            "POST",
            "/floating-ips",
            "{'floating-ip':{'fq_name':['default-domain','default-project','vn','pool','f'],'parent_type':'floating-ip-pool','floating_ip_address':'10.1.1.30'}}"),
        new Call(
            "POST",
            "/ref-update",
            "{'type':'virtual-network','uuid':'"
                + network
                + "','ref-type':'network-ipam','ref-fq-name':['default-domain','default-project','default-network-ipam'],'operation':'ADD','attr':{'ipam_subnets':["
                + subnet
                + "]}}"),
        new Call(
            "POST",
            "/ref-relax-for-delete",
            "{'uuid':'" + port + "','ref-uuid':'" + network + "'}"),
        new Call(
            "POST",
            "/prop-collection-update",
            "{'uuid':'"
                + port
                + "','updates':[{'field':'virtual_machine_interface_bindings','operation':'set','value':{'key':'k','value':'v'},'position':'k'}]}"),
        new Call(
            "POST",
            "/set-tag",
            "{'obj_type':'virtual-network','obj_uuid':'"
                + network
                + "','tier':{'is_global':true,'value':'t','add_values':['u'],'delete_values':['v']}}"),
        new Call(
            "POST",
            "/chmod",
            "{'uuid':'"
                + network
                + "','owner':'x','owner_access':7,'share':[{'tenant':'t','tenant_access':7}],'global_access':5}"),
        new Call(
            "POST",
            "/chown",
            "{'uuid':'" + network + "','owner':'135bfdf3-4865-42bb-ab25-87b1f9f137c6'}"),
        new Call(
            "POST",
            "/list-bulk-collection",
            "{'type':'virtual-network','obj_uuids':'"
                + network
                + "','parent_id':['"
                + network
                + "'],'fields':['a'],'filters':{'mtu':1},'count':false,'detail':true,'page_marker':'None','page_limit':2}"),
        new Call("POST", "/useragent-kv", "{'operation':'STORE','key':'k','value':'v'}"),
        new Call("POST", "/fqname-to-id", "{'type':'virtual-network','fq_name':" + name + "}"),
        new Call("POST", "/id-to-fqname", "{'uuid':'" + network + "'}"),
        new Call(
            "POST",
            "/virtual-network/" + network + "/ip-alloc",
            "{'count':2,'subnet':null,'family':'v4'}"),
        new Call("POST", "/virtual-network/" + network + "/ip-free", "{'ip_addr':['10.1.1.4']}"),
        new Call(
            "POST", "/virtual-network/" + network + "/subnet-ip-count", "{'subnet_list':['x']}"),
        new Call("PUT", "/aaa-mode", "{'aaa-mode':'no-auth'}"));
  }

  @Test
  void junkIsRefused() throws IOException {
    long seed = Long.getLong("weft.seed", 7);
    Random random = new Random(seed);
    try (TestApi api = TestApi.inMemory()) {
      String network = api.network("vn", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
      api.create(
          "floating-ip-pool", "{'fq_name':['default-domain','default-project','vn','pool']}");
      String port =
          api.create(
              "virtual-machine-interface",
              "{'fq_name':['default-domain','default-project','p'],'parent_type':'project','virtual_network_refs':[{'uuid':'"
                  + network
                  + "'}]}");
      List<Call> calls = calls(network, port);
      List<String> failures = new ArrayList<>();
      for (int i = 0; i < 1200; i++) {
        Call call = calls.get(i % calls.size());
        JsonNode body = TestApi.json(call.body());
        for (int n = random.nextInt(1, 3); n > 0; n--) {
          body = mutated(body, random);
        }
        HttpCalls.Reply reply = api.calls.call(call.method(), call.path(), Json.text(body));
        if (reply.status() == 500) {
          failures.add(
              call.method() + " " + call.path() + " " + body + " answered " + reply.text());
        }
        assertThat(reply.status())
            .as(
                "seed %s: %s %s %s answered %s",
                seed, call.method(), call.path(), body, reply.text())
            .isIn(200, 400, 403, 404, 409, 500, 501);
      }
      assertThat(failures).as("seed %s:\n%s", seed, String.join("\n", failures)).isEmpty();
      assertThat(api.read("virtual-network", network).path("name").asString()).isEqualTo("vn");
      assertThat(api.get("/virtual-networks?detail=true").ok()).isTrue();
    }
  }

  /** With one place changed: another value there, or nothing. */
  private static JsonNode mutated(JsonNode body, Random random) {
    List<Runnable> places = new ArrayList<>();
    JsonNode junk = TestApi.json(JUNK.get(random.nextInt(JUNK.size())));
    boolean drop = random.nextInt(5) == 0;
    collect(body, junk, drop, places);
    if (!places.isEmpty()) {
      places.get(random.nextInt(places.size())).run();
    }
    return random.nextInt(200) == 0 ? junk : body;
  }

  private static void collect(JsonNode node, JsonNode junk, boolean drop, List<Runnable> places) {
    if (node instanceof ObjectNode object) {
      for (String name : List.copyOf(object.propertyNames())) {
        places.add(() -> {
          if (drop) {
            object.remove(name);
          } else {
            object.set(name, junk);
          }
        });
        collect(object.get(name), junk, drop, places);
      }
    } else if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int index = i;
        places.add(() -> {
          if (drop) {
            array.remove(index);
          } else {
            array.set(index, junk);
          }
        });
        collect(array.get(i), junk, drop, places);
      }
    }
  }

  /** Calls that are not changed in one place but tried as they are. */
  private static List<Call> further(String network, String port) {
    String vn = "'virtual-network':{'uuid':'" + network + "','mtu':1400}";
    return List.of(
        new Call("POST", "/transaction", "{'operations':[{'update':{" + vn + "}}]}"),
        new Call(
            "POST",
            "/transaction",
            "{'operations':[{'create':{'virtual-network':{'fq_name':['default-domain','default-project','t'],'parent_type':'project'}}},{'ref-update':{'type':'virtual-network','uuid':'"
                + network
                + "','ref-type':'network-policy','ref-fq-name':['default-domain','default-project','np'],'operation':'ADD','attr':null}}]}"),
        new Call("POST", "/int-pools", "{'pool':'p','start':1,'end':9}"),
        new Call("POST", "/int-pool", "{'pool':'p','owner':'o','value':3}"),
        new Call("DELETE", "/int-pool", "{'pool':'p','value':3}"),
        new Call("DELETE", "/int-pools", "{'pool':'p'}"),
        new Call(
            "POST",
            "/logical-routers",
            "{'logical-router':{'fq_name':['default-domain','default-project','x'],'logical_router_type':'vxlan-routing','vxlan_network_identifier':'99','configured_route_target_list':{'route_target':['target:1:1']}}}"),
        new Call(
            "POST",
            "/tags",
            "{'tag':{'fq_name':['odd=x'],'tag_type_name':'odd','tag_value':'x','tag_id':'0x80018001'}}"),
        new Call(
            "POST",
            "/sub-clusters",
            "{'sub-cluster':{'fq_name':['sc'],'sub_cluster_id':4,'sub_cluster_asn':65000}}"),
        new Call(
            "POST",
            "/floating-ip-pools",
            "{'floating-ip-pool':{'fq_name':['default-domain','default-project','vn','q'],'floating_ip_pool_subnets':{'subnet_uuid':['235bfdf3-4865-42bb-ab25-87b1f9f137c6']}}}"),
        new Call(
            "PUT",
            "/virtual-machine-interface/" + port,
            "{'virtual-machine-interface':{'virtual_machine_interface_bindings':{'key_value_pair':[{'key':'vnic_type','value':'direct'},{'key':'host_id','value':'h'}]}}}"),
        new Call(
            "POST",
            "/alarms",
            "{'alarm':{'fq_name':['default-global-system-config','a'],'alarm_severity':1,'uve_keys':{'uve_key':['vrouter']},'alarm_rules':{'or_list':[{'and_list':[{'operation':'range','operand1':'x','operand2':{'json_value':'[1,2]'}}]}]}}}"));
  }

  private static final List<Integer> REFUSALS = List.of(200, 400, 403, 404, 409, 412, 413, 501);

  private static void check(HttpCalls.Reply reply, Object call) {
    assertThat(reply.status()).as("%s answered %s", call, reply.text()).isIn(REFUSALS);
    assertThat(reply.text()).as("%s", call).doesNotContain("\tat ", "Exception");
  }

  private interface Junk {
    void run(TestApi api, String network, String port, Random random) throws IOException;
  }

  private static void with(Junk junk) throws IOException {
    Random random = new Random(Long.getLong("weft.seed", 7));
    try (TestApi api = TestApi.inMemory()) {
      String network = api.network("vn", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
      String port =
          api.create(
              "virtual-machine-interface",
              "{'fq_name':['default-domain','default-project','p'],'parent_type':'project','virtual_network_refs':[{'uuid':'"
                  + network
                  + "'}]}");
      junk.run(api, network, port, random);
      assertThat(api.post("/db-check", "{}").text()).isEqualTo("{\"results\":[]}");
    }
  }

  @Test
  void junkInFurtherCallsIsRefused() throws IOException {
    with((api, network, port, random) -> {
      List<Call> calls = further(network, port);
      for (int i = 0; i < 500; i++) {
        Call call = calls.get(i % calls.size());
        JsonNode body = TestApi.json(call.body());
        if (i >= calls.size()) {
          body = mutated(body, random);
        }
        check(api.calls.call(call.method(), call.path(), Json.text(body)), call.path() + body);
      }
    });
  }

  /** Every type with values of every kind in every property, and references to anything. */
  @Test
  void junkInEveryTypeIsRefused() throws IOException {
    with((api, network, port, random) -> {
      for (int round = 0; round < 4; round++) {
        for (ObjectType type : Schema.types()) {
          ObjectNode body = Json.object();
          boolean project = type.parent("project") != null;
          var name = body.putArray("fq_name");
          if (project) {
            name.add("default-domain").add("default-project");
            body.put("parent_type", "project");
          }
          name.add("j" + round);
          for (var property : type.properties()) {
            if (random.nextInt(3) == 0 && !property.name().equals("perms2")) {
              body.set(property.name(), TestApi.json(JUNK.get(random.nextInt(JUNK.size()))));
            }
          }
          for (var reference : type.references()) {
            if (random.nextInt(4) == 0) {
              String other = random.nextBoolean() ? network : port;
              body.putArray(reference.name()).addObject().put("uuid", other);
            }
          }
          ObjectNode wrapped = Json.object();
          wrapped.set(type.name(), body);
          check(api.calls.call("POST", "/" + type.plural(), Json.text(wrapped)), wrapped);
        }
      }
    });
  }

  @Test
  void junkInQueriesIsRefused() throws IOException {
    List<String> names =
        List.of(
            "parent_id",
            "parent_fq_name_str",
            "parent_type",
            "back_ref_id",
            "obj_uuids",
            "fq_names",
            "count",
            "detail",
            "fields",
            "filters",
            "shared",
            "exclude_hrefs",
            "page_marker",
            "page_limit",
            "exclude_children",
            "uuid",
            "position");
    List<String> values =
        List.of(
            "",
            "x",
            "None",
            "true",
            "-1",
            "0",
            "%00",
            "%FF",
            "a:b",
            "a==1",
            "mtu==",
            "mtu==%7B",
            "==",
            ",",
            ",,",
            "%22",
            "135bfdf3-4865-42bb-ab25-87b1f9f137c6",
            "9999999999",
            "%");
    with((api, network, port, random) -> {
      List<String> paths =
          List.of(
              "/virtual-networks",
              "/virtual-network/" + network,
              "/virtual-machine-interfaces",
              "/prop-collection-get",
              "/obj-perms",
              "/int-pool",
              "/instance-ip/" + network);
      for (int i = 0; i < 600; i++) {
        StringBuilder path = new StringBuilder(paths.get(random.nextInt(paths.size())));
        for (int n = random.nextInt(4); n >= 0; n--) {
          path.append(path.indexOf("?") < 0 ? '?' : '&')
              .append(names.get(random.nextInt(names.size())))
              .append('=')
              .append(random.nextInt(5) == 0 ? network : values.get(random.nextInt(values.size())));
        }
        String request = path.toString();
        if (!request.matches(".*%([^0-9A-F].*|)$")) {
          check(api.get(request), request);
        }
      }
      check(api.get("/watch?resource_type=nosuch"), "watch");
    });
  }

  @Test
  void deepHugeAndBrokenBodiesAreRefused() throws Exception {
    with((api, network, port, random) -> {
      for (int depth : new int[] {500, 5_000, 200_000}) {
        String deep = "[".repeat(depth) + "]".repeat(depth);
        for (String body :
            List.of(
                deep,
                "{\"virtual-network\":{\"fq_name\":" + deep + "}}",
                "{\"a\":".repeat(depth) + "1" + "}".repeat(depth))) {
          check(api.calls.call("POST", "/virtual-networks", body), "depth " + depth);
        }
      }
      String huge = "{\"virtual-network\":{\"x\":\"" + "y".repeat(1_100_000) + "\"}}";
      assertThat(api.calls.call("POST", "/virtual-networks", huge).status()).isEqualTo(413);
      assertThat(api.get("/virtual-networks").ok()).isTrue();
    });
  }

  @Test
  void bodiesThatAreNoUtf8AreRefused() throws Exception {
    try (TestApi api = TestApi.inMemory();
        HttpClient client = HttpClient.newHttpClient()) {
      byte[] body =
          "{\"virtual-network\":{\"fq_name\":[\"default-domain\",\"default-project\",\"?\"]}}"
              .getBytes(StandardCharsets.US_ASCII);
      for (int broken : new int[] {0xff, 0xc0, 0x80, 0xed, 0xf8}) {
        byte[] bytes = body.clone();
        bytes[bytes.length - 5] = (byte) broken;
        HttpRequest request =
            HttpRequest.newBuilder(URI.create(api.base + "/virtual-networks"))
                .POST(HttpRequest.BodyPublishers.ofByteArray(bytes))
                .build();
        HttpResponse<String> reply = client.send(request, HttpResponse.BodyHandlers.ofString());
        assertThat(reply.statusCode()).as("0x%x: %s", broken, reply.body()).isEqualTo(400);
      }
    }
  }

  /** Who refers to himself or in a circle can be read, and let go of again. */
  @Test
  void circlesOfReferencesHoldNothingUp() throws IOException {
    with((api, network, port, random) -> {
      String name = "['default-domain','default-project','%s']";
      String parent =
          ",'parent_type':'project','virtual_network_refs':[{'uuid':'" + network + "'}]";
      List<String> ring = new ArrayList<>();
      for (String each : List.of("a", "b", "c")) {
        ring.add(
            api.create(
                "virtual-machine-interface", "{'fq_name':" + name.formatted(each) + parent + "}"));
      }
      for (int i = 0; i < ring.size(); i++) {
        HttpCalls.Reply reply =
            api.post(
                "/ref-update",
                "{'type':'virtual-machine-interface','uuid':'"
                    + ring.get(i)
                    + "','ref-type':'virtual-machine-interface','ref-uuid':'"
                    + ring.get((i + 1) % 3)
                    + "','operation':'ADD'}");
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
      }
      assertThat(api.delete("/virtual-machine-interface/" + ring.getFirst()).status())
          .isEqualTo(409);
      assertThat(api.get("/virtual-machine-interfaces?detail=true").ok()).isTrue();
      for (String each : ring) {
        api.put(
            "/virtual-machine-interface/" + each,
            "{'virtual-machine-interface':{'virtual_machine_interface_refs':[]}}");
      }
      for (String each : ring) {
        assertThat(api.delete("/virtual-machine-interface/" + each).status()).isEqualTo(200);
      }
      check(
          api.post(
              "/virtual-networks",
              "{'virtual-network':{'fq_name':"
                  + name.formatted("d")
                  + ",'parent_uuid':'"
                  + port
                  + "','network_policy_refs':[{'uuid':'"
                  + network
                  + "'}]}}"),
          "ids of other types");
    });
  }
}
