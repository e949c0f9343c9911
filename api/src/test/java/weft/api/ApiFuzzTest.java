package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

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
}
