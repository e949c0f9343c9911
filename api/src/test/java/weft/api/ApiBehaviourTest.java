package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** What the server adds to objects and refuses, beyond what the schema says. */
class ApiBehaviourTest {
  private static final String P = "'default-domain','default-project',";
  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
  }

  /** Whatever a test did, objects and allocations agree. */
  @AfterEach
  void auditAndStop() throws IOException {
    assertThat(api.post("/db-check", "{}").text()).isEqualTo("{\"results\":[]}");
    api.close();
  }

  private HttpCalls.Reply ask(String type, String name, String more) throws IOException {
    return api.post("/" + type + "s", "{'" + type + "':" + body(type, name, more) + "}");
  }

  private String make(String type, String name, String more) throws IOException {
    return api.create(type, body(type, name, more));
  }

  private static String body(String type, String name, String more) {
    boolean port = type.equals("virtual-machine-interface");
    return "{'fq_name':["
        + P
        + "'"
        + name
        + "']"
        + (port ? ",'parent_type':'project'" : "")
        + more
        + "}";
  }

  private HttpCalls.Reply change(String type, String uuid, String body) throws IOException {
    return api.put("/" + type + "/" + uuid, "{'" + type + "':{" + body + "}}");
  }

  private static void refused(HttpCalls.Reply reply, int status, String text) {
    assertThat(reply.status() + " " + reply.text()).isEqualTo(status + " " + text);
  }

  private static void allowed(HttpCalls.Reply reply) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
  }

  private static String ref(String list, String uuid) {
    return ",'" + list + "_refs':[{'uuid':'" + uuid + "'}]";
  }

  @Test
  void vxlanIdsAndNetworkIdsAreOfOnePool() throws IOException {
    String vxlan = ",'virtual_network_properties':{'vxlan_network_identifier':%d}";
    String one = make("virtual-network", "one", vxlan.formatted(6));
    assertThat(api.read("virtual-network", one).path("virtual_network_network_id").asInt())
        .isEqualTo(5);
    String two = make("virtual-network", "two", "");
    assertThat(api.read("virtual-network", two).path("virtual_network_network_id").asInt())
        .isEqualTo(7);
    String taken = "Cannot set VXLAN_ID: 7, it has already been set";
    refused(ask("virtual-network", "three", vxlan.formatted(7)), 400, taken);
    refused(change("virtual-network", one, vxlan.formatted(7).substring(1)), 400, taken);
    allowed(change("virtual-network", two, vxlan.formatted(7).substring(1)));
    String before = modified(two);
    allowed(change("virtual-network", two, "'virtual_network_network_id':7" + vxlan.formatted(7)));
    assertThat(modified(two)).as("nothing has changed").isEqualTo(before);
    allowed(change("virtual-network", one, "'virtual_network_properties':null"));
    make("virtual-network", "three", vxlan.formatted(6));
    allowed(api.delete("/virtual-network/" + one));
    make("virtual-network", "four", vxlan.formatted(5));
  }

  private String modified(String network) throws IOException {
    return api.read("virtual-network", network).at("/id_perms/last_modified").asString();
  }

  @Test
  void sharingIsSaidInTwoWays() throws IOException {
    String network = make("virtual-network", "net", ",'is_shared':true");
    assertThat(access(network)).isEqualTo("7 true");
    allowed(change("virtual-network", network, "'is_shared':false"));
    assertThat(access(network)).isEqualTo("0 false");
    allowed(change("virtual-network", network, "'router_external':true"));
    assertThat(access(network)).isEqualTo("5 false");
    allowed(change("virtual-network", network, "'perms2':{'owner':'o','global_access':7}"));
    assertThat(access(network)).isEqualTo("7 true");
    refused(
        change(
            "virtual-network",
            network,
            "'is_shared':true,'perms2':{'owner':'o','global_access':5}"),
        400,
        "Inconsistent is_shared (True) and global_access (5)");
    refused(
        change(
            "virtual-network",
            network,
            "'router_external':true,'perms2':{'owner':'o','global_access':0}"),
        400,
        "Inconsistent router_external (True) and global_access (0)");
  }

  private String access(String network) throws IOException {
    JsonNode read = api.read("virtual-network", network);
    return read.at("/perms2/global_access").asString() + " " + read.path("is_shared").asString();
  }

  @Test
  void networksOfProviders() throws IOException {
    refused(
        ask("virtual-network", "x", ",'provider_properties':{'physical_network':'p'}"),
        400,
        "Segmenation ID must be configured to create");
    String details = "'provider_properties':{'segmentation_id':%d,'physical_network':'physnet1'}";
    String network = make("virtual-network", "net", "," + details.formatted(7));
    allowed(change("virtual-network", network, details.formatted(8)));
    String port = make("virtual-machine-interface", "p", ref("virtual_network", network));
    refused(
        change("virtual-network", network, details.formatted(9)),
        409,
        "Update provider_details property of VN with ports (" + network + ") is not allowed");
    allowed(change("virtual-network", network, details.formatted(8)));
    allowed(api.delete("/virtual-machine-interface/" + port));
    allowed(change("virtual-network", network, details.formatted(9)));
    String provider = make("virtual-network", "provider", ",'is_provider_network':true");
    refused(
        change("virtual-network", provider, "'is_provider_network':false"),
        400,
        "Update is_provider_network property from True to False of VN ("
            + provider
            + ") is not allowed");
    allowed(change("virtual-network", network, ref("virtual_network", provider).substring(1)));
  }

  @Test
  void targetsThatTheCompilerGivesOut() throws IOException {
    String list = ",'route_target_list':{'route_target':['%s']}";
    refused(
        ask("virtual-network", "a", list.formatted("target:64512:8000001")),
        400,
        "Configured route target must use ASN that is different from global ASN or route target"
            + " value must be less than 8000000 and greater than 16777216");
    make("virtual-network", "b", list.formatted("target:64512:7"));
    make("virtual-network", "c", list.formatted("target:1:8000001"));
    refused(
        ask("virtual-network", "d", list.formatted("target:x")),
        400,
        "Route target must be of the format 'target:<asn>:<number>' or 'target:<ip>:<number>'");
    refused(
        ask(
            "virtual-network",
            "e",
            list.formatted("target:1:1") + ",'multi_policy_service_chains_enabled':true"),
        409,
        "Multi policy service chains are not supported, with both import export external route"
            + " targets");
  }

  @Test
  void subInterfacesDifferInTheirVlan() throws IOException {
    String network = make("virtual-network", "net", "");
    String primary = make("virtual-machine-interface", "p", ref("virtual_network", network));
    String vlan =
        ref("virtual_network", network)
            + ",'virtual_machine_interface_properties':{'sub_interface_vlan_tag':%d}";
    String sub = vlan + ref("virtual_machine_interface", primary);
    String five = make("virtual-machine-interface", "five", sub.formatted(5));
    refused(
        ask("virtual-machine-interface", "again", sub.formatted(5)),
        400,
        "Two sub interfaces under same primary port can't have same Vlan tag");
    make("virtual-machine-interface", "six", sub.formatted(6));
    refused(
        ask(
            "virtual-machine-interface",
            "nested",
            vlan.formatted(7) + ref("virtual_machine_interface", five)),
        400,
        "sub interface can't have another sub interface as it's primary port");
    refused(
        change(
            "virtual-machine-interface",
            five,
            "'virtual_machine_interface_properties':{'sub_interface_vlan_tag':9}"),
        400,
        "Cannot change sub-interface VLAN tag ID");
    refused(
        ask("virtual-machine-interface", "far", vlan.formatted(4095)),
        400,
        "Invalid sub-interface VLAN tag ID: 4095, range is 0 to 4094");
  }

  private String bindings(String port) throws IOException {
    return api.read("virtual-machine-interface", port)
        .at("/virtual_machine_interface_bindings/key_value_pair")
        .toString();
  }

  @Test
  void bindingsSayHowAPortIsPluggedIn() throws IOException {
    String network = make("virtual-network", "net", "");
    String pairs =
        "'virtual_machine_interface_bindings':{'key_value_pair':[{'key':'%s','value':'%s'}]}";
    String more = ref("virtual_network", network) + "," + pairs;
    String port = make("virtual-machine-interface", "p", more.formatted("host_id", "h1"));
    assertThat(bindings(port))
        .isEqualTo(
            "[{\"key\":\"host_id\",\"value\":\"h1\"},{\"key\":\"vnic_type\",\"value\":\"normal\"}]");
    api.create(
        "virtual-router",
        "{'fq_name':['default-global-system-config','h2.dc'],'virtual_router_dpdk_enabled':true,'virtual_router_ip_address':'10.0.0.2'}");
    String user = make("virtual-machine-interface", "u", more.formatted("host_id", "h2"));
    assertThat(bindings(user))
        .contains("\"vhostuser\"")
        .contains("/var/run/vrouter/uvh_vif_tap" + user.substring(0, 11) + "\\\"");
    allowed(change("virtual-machine-interface", user, pairs.formatted("host_id", "h1")));
    assertThat(bindings(user)).doesNotContain("vif");
    refused(
        ask("virtual-machine-interface", "d", more.formatted("vnic_type", "direct")),
        400,
        "No provider details in direct port request");
    String machine = api.create("virtual-machine", "{'fq_name':['vm']}");
    allowed(
        change("virtual-machine-interface", port, ref("virtual_machine", machine).substring(1)));
    refused(
        change("virtual-machine-interface", port, pairs.formatted("vnic_type", "virtio-forwarder")),
        409,
        "Vnic_type can not be modified when port is linked to Vrouter or VM.");
  }

  @Test
  void routersBetweenVxlansHaveANetworkOfTheirOwn() throws IOException {
    String router =
        make(
            "logical-router",
            "lr",
            ",'logical_router_type':'vxlan-routing','vxlan_network_identifier':'77','configured_route_target_list':{'route_target':['target:1:1']}");
    JsonNode ref = api.read("logical-router", router).at("/virtual_network_refs/0");
    assertThat(ref.at("/to/2").asString()).isEqualTo("__contrail_lr_internal_vn_" + router + "__");
    assertThat(ref.at("/attr/logical_router_virtual_network_type").asString())
        .isEqualTo("InternalVirtualNetwork");
    JsonNode network = api.read("virtual-network", ref.path("uuid").asString());
    assertThat(network.at("/virtual_network_properties/vxlan_network_identifier").asInt())
        .isEqualTo(77);
    assertThat(network.at("/virtual_network_properties/forwarding_mode").asString())
        .isEqualTo("l3");
    assertThat(network.at("/id_perms/user_visible").asBoolean()).isFalse();
    assertThat(network.at("/route_target_list/route_target/0").asString()).isEqualTo("target:1:1");
    allowed(change("logical-router", router, "'vxlan_network_identifier':'78'"));
    allowed(change("logical-router", router, "'virtual_network_refs':[]"));
    network = api.read("virtual-network", ref.path("uuid").asString());
    assertThat(network.at("/virtual_network_properties/vxlan_network_identifier").asInt())
        .isEqualTo(78);
    refused(
        change("logical-router", router, "'logical_router_type':'snat-routing'"),
        400,
        "Cannot update logical_router_type for a Logical Router");
    refused(
        ask(
            "logical-router",
            "other",
            ",'logical_router_type':'vxlan-routing','vxlan_network_identifier':'78'"),
        400,
        "Cannot set VXLAN_ID: 78, it has already been set");
    allowed(api.delete("/logical-router/" + router));
    assertThat(api.get("/virtual-network/" + ref.path("uuid").asString()).status()).isEqualTo(404);
    String snat = make("logical-router", "snat", "");
    assertThat(api.read("logical-router", snat).path("logical_router_type").asString())
        .isEqualTo("snat-routing");
  }

  @Test
  void rulesSayWhatCanBeMeant() throws IOException {
    String rule =
        ",'%s':{'policy_rule':[{'direction':'>','protocol':'%s','src_addresses':[%s],'dst_addresses':[%s],'src_ports':[],'dst_ports':[],'ethertype':'IPv4'}]}";
    String local = "{'security_group':'local'}";
    String v4 = "{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':8}}";
    String v6 = "{'subnet':{'ip_prefix':'fd00::','ip_prefix_len':8}}";
    String sg = "security_group_entries";
    make("security-group", "ok", rule.formatted(sg, "tcp", v4, local));
    make("security-group", "number", rule.formatted(sg, "132", v4, local));
    refused(
        ask("security-group", "p", rule.formatted(sg, "tpc", v4, local)),
        400,
        "Rule with invalid protocol : tpc");
    refused(
        ask("security-group", "n", rule.formatted(sg, "256", v4, local)),
        400,
        "Rule with invalid protocol : 256");
    refused(
        ask("security-group", "e", rule.formatted(sg, "tcp", v6, local)),
        400,
        "Rule subnet fd00::/8 doesn't match ethertype IPv4");
    refused(
        ask("security-group", "l", rule.formatted(sg, "tcp", v4, v4)),
        400,
        "At least one of source or destination addresses must be 'local'");
    refused(
        ask("network-policy", "a", rule.formatted("network_policy_entries", "tcp", v4, v4)),
        400,
        "Action is required");
  }

  @Test
  void poolsOfFloatingAddressesNameSubnetsOfTheirNetwork() throws IOException {
    String network = api.network("pub", "{'subnet':{'ip_prefix':'192.0.2.0','ip_prefix_len':24}}");
    String other = "135bfdf3-4865-42bb-ab25-87b1f9f137c6";
    refused(
        ask(
            "floating-ip-pool",
            "pub','x",
            ",'floating_ip_pool_subnets':{'subnet_uuid':['" + other + "']}"),
        400,
        "Subnet " + other + " was not found in virtual-network " + network);
    make("floating-ip-pool", "pub','pool", "");
    String ip = make("floating-ip", "pub','pool','f", ",'parent_type':'floating-ip-pool'");
    assertThat(api.read("floating-ip", ip).at("/project_refs/0/to/1").asString())
        .isEqualTo("default-project");
  }

  @Test
  void projectsHaveADefaultApplicationPolicySet() throws IOException {
    String project = api.create("project", "{'fq_name':['default-domain','p']}");
    JsonNode set = api.read("project", project).at("/application_policy_set_refs/0");
    assertThat(set.at("/to/2").asString()).isEqualTo("default-application-policy-set");
    assertThat(
            api.read("application-policy-set", set.path("uuid").asString())
                .path("all_applications")
                .asBoolean())
        .isTrue();
    allowed(change("project", project, "'application_policy_set_refs':[]"));
    assertThat(api.read("project", project).at("/application_policy_set_refs/0/uuid"))
        .as("reading brings it back")
        .isEqualTo(set.path("uuid"));
    allowed(api.delete("/project/" + project));
    assertThat(api.get("/application-policy-set/" + set.path("uuid").asString()).status())
        .isEqualTo(404);
  }

  @Test
  void tagsHaveNumbersThatAreGivenOrChosen() throws IOException {
    String tag = "{'fq_name':['%1$s=%2$s'],'tag_type_name':'%1$s','tag_value':'%2$s'%3$s}";
    String first = api.create("tag", tag.formatted("tier", "web", ""));
    assertThat(api.read("tag", first).path("tag_id").asString()).isEqualTo("0x00020001");
    String made = api.create("tag", tag.formatted("colour", "red", ""));
    JsonNode type = api.read("tag", made).at("/tag_type_refs/0");
    assertThat(type.at("/to/0").asString()).isEqualTo("colour");
    assertThat(api.read("tag", made).path("tag_id").asString()).isEqualTo("0x00070001");
    String own = api.create("tag", tag.formatted("mine", "x", ",'tag_id':'0x80018002'"));
    assertThat(api.read("tag", own).path("tag_id").asString()).isEqualTo("0x80018002");
    refused(
        api.post("/tags", "{'tag':" + tag.formatted("mine", "y", ",'tag_id':'0x80018002'") + "}"),
        400,
        "Requested Tag id is already allocated");
    refused(
        api.post("/tags", "{'tag':" + tag.formatted("mine", "z", ",'tag_id':'0x80010002'") + "}"),
        400,
        "Tag id can be set only for user defined tags in range 32768-65535");
    refused(
        change("tag", first, "'tag_value':'db'"),
        400,
        "Tag name, type, value or ID cannot be updated: tag_value");
  }

  @Test
  void tagsAreSetAsTheirTypeAllows() throws IOException {
    String network = make("virtual-network", "net", "");
    for (String each : List.of("tier=a", "tier=b", "label=a", "label=b")) {
      String[] parts = each.split("=");
      api.create(
          "tag",
          "{'fq_name':['"
              + each
              + "'],'tag_type_name':'"
              + parts[0]
              + "','tag_value':'"
              + parts[1]
              + "'}");
    }
    allowed(tag(network, "'tier':{'is_global':true,'value':'a'}"));
    allowed(tag(network, "'tier':{'is_global':true,'value':'b'}"));
    allowed(tag(network, "'label':{'is_global':true,'add_values':['a','b']}"));
    assertThat(tags(network)).isEqualTo("[tier=b, label=a, label=b]");
    refused(
        tag(network, "'tier':{'is_global':true,'add_values':['a']}"),
        400,
        "Tag type tier cannot be set multiple times on a same object.");
    refused(
        tag(network, "'tier':{'is_global':true}"),
        400,
        "No valid value provided for tag type tier");
    refused(
        tag(network, "'tier':{'value':'a'}"),
        404,
        "Tag with FQName ['default-domain', 'default-project', 'tier=a'] not found");
    allowed(tag(network, "'label':{'is_global':true,'delete_values':['a']},'tier':null"));
    assertThat(tags(network)).isEqualTo("[label=b]");
  }

  private HttpCalls.Reply tag(String network, String wish) throws IOException {
    return api.post(
        "/set-tag", "{'obj_type':'virtual-network','obj_uuid':'" + network + "'," + wish + "}");
  }

  private String tags(String network) throws IOException {
    return api.read("virtual-network", network)
        .path("tag_refs")
        .valueStream()
        .map(ref -> ref.at("/to/0").asString())
        .toList()
        .toString();
  }

  @Test
  void numbersOfSubClustersAndForwardingClasses() throws IOException {
    String cluster = "{'fq_name':['%s'],'sub_cluster_asn':65000%s}";
    String one = api.create("sub-cluster", cluster.formatted("a", ""));
    assertThat(api.read("sub-cluster", one).path("sub_cluster_id").asInt()).isEqualTo(1);
    refused(
        api.post(
            "/sub-clusters",
            "{'sub-cluster':" + cluster.formatted("b", ",'sub_cluster_id':1") + "}"),
        400,
        "Sub-cluster ID '1' is already used, choose another one");
    allowed(change("sub-cluster", one, "'sub_cluster_id':9"));
    api.create("sub-cluster", cluster.formatted("b", ",'sub_cluster_id':1"));
    refused(
        change("sub-cluster", one, "'sub_cluster_asn':1"),
        400,
        "Sub cluster ASN can not be modified");
    String forwarding =
        "{'fq_name':['default-global-system-config','default-global-qos-config','%s'],'forwarding_class_id':3}";
    api.create("forwarding-class", forwarding.formatted("a"));
    refused(
        api.post("/forwarding-classs", "{'forwarding-class':" + forwarding.formatted("b") + "}"),
        400,
        "Forwarding class is configured with a id 3");
  }

  @Test
  void addressesInUnitsAndOfGateways() throws IOException {
    String network =
        api.network("net", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':27},'alloc_unit':4}");
    String ip = ",'virtual_network_refs':[{'uuid':'" + network + "'}]";
    String first = api.create("instance-ip", "{'fq_name':['i1']" + ip + "}");
    assertThat(api.read("instance-ip", first).path("instance_ip_address").asString())
        .isEqualTo("10.1.1.24");
    HttpCalls.Reply off =
        api.post(
            "/instance-ips",
            "{'instance-ip':{'fq_name':['i2'],'instance_ip_address':'10.1.1.9'" + ip + "}}");
    assertThat(off.status() + off.text()).startsWith("400").endsWith("10.1.1.9 not aligned");
    String port = make("virtual-machine-interface", "p", ip);
    String machine = api.create("virtual-machine", "{'fq_name':['vm']}");
    api.create(
        "instance-ip",
        "{'fq_name':['gw'],'instance_ip_address':'10.1.1.30'"
            + ip
            + ref("virtual_machine_interface", port)
            + "}");
    refused(
        change("virtual-machine-interface", port, ref("virtual_machine", machine).substring(1)),
        400,
        "Gateway IP cannot be used by VM port");
    HttpCalls.Reply odd =
        ask(
            "virtual-network",
            "odd",
            ",'network_ipam_refs':[{'to':["
                + P
                + "'default-network-ipam'],'attr':{'ipam_subnets':[{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24},'alloc_unit':3}]}}]");
    assertThat(odd.status() + odd.text()).startsWith("400").contains("Not power of 2");
  }

  @Test
  void whatTheServerMadeIsItsOwn() throws IOException {
    String network = make("virtual-network", "net", "");
    String instance =
        api.read("virtual-network", network).at("/routing_instances/0/uuid").asString();
    assertThat(api.delete("/routing-instance/" + instance).status()).isEqualTo(409);
    assertThat(change("routing-instance", instance, "'routing_instance_is_default':false").status())
        .isEqualTo(409);
    allowed(change("virtual-network", network, "'fabric_snat':true"));
    assertThat(
            api.read("routing-instance", instance).path("routing_instance_fabric_snat").asBoolean())
        .isTrue();
    allowed(api.delete("/virtual-network/" + network));
    for (String name :
        List.of("system-defined-bottle-request-size-limit", "system-defined-node-status")) {
      allowed(
          api.post(
              "/fqname-to-id",
              "{'type':'alarm','fq_name':['default-global-system-config','" + name + "']}"));
    }
    allowed(
        api.post(
            "/fqname-to-id",
            "{'type':'routing-instance','fq_name':[" + P + "'dci-network','__default__']}"));
  }

  @Test
  void addressesSetApartForOneHost() throws IOException {
    String ipam =
        make(
            "network-ipam",
            "flat",
            ",'ipam_subnet_method':'flat-subnet','ipam_subnets':{'subnets':[{'subnet':{'ip_prefix':'10.7.0.0','ip_prefix_len':24},'allocation_pools':[{'start':'10.7.0.10','end':'10.7.0.11','vrouter_specific_pool':true},{'start':'10.7.0.20','end':'10.7.0.20'}]}]}");
    String router =
        "{'fq_name':['default-global-system-config','%s'],'virtual_router_ip_address':'10.0.0.1','network_ipam_refs':[{'uuid':'"
            + ipam
            + "','attr':{'allocation_pools':[{'start':'10.7.0.%s','end':'10.7.0.11'}]}}]}";
    refused(
        api.post("/virtual-routers", "{'virtual-router':" + router.formatted("h0", "9") + "}"),
        400,
        "vrouter allocation-pool start:10.7.0.9, end:10.7.0.11 not in ipam");
    String host = api.create("virtual-router", router.formatted("h1", "10"));
    refused(
        api.post("/virtual-routers", "{'virtual-router':" + router.formatted("h2", "10") + "}"),
        400,
        "vrouter allocation-pool start:10.7.0.10, end:10.7.0.11 is used in other vrouter:" + host);
    String ip = "{'fq_name':['%s']" + ref("virtual_router", host) + "}";
    String first = api.create("instance-ip", ip.formatted("i1"));
    api.create("instance-ip", ip.formatted("i2"));
    assertThat(api.read("instance-ip", first).path("instance_ip_address").asString())
        .isEqualTo("10.7.0.11");
    assertThat(api.post("/instance-ips", "{'instance-ip':" + ip.formatted("i3") + "}").status())
        .isEqualTo(400);
    String own = "{'fq_name':['%s']" + ref("network_ipam", ipam) + "}";
    String open = api.create("instance-ip", own.formatted("i4"));
    assertThat(api.read("instance-ip", open).path("instance_ip_address").asString())
        .isEqualTo("10.7.0.20");
    assertThat(api.post("/instance-ips", "{'instance-ip':" + own.formatted("i5") + "}").status())
        .isEqualTo(400);
    assertThat(change("virtual-router", host, "'network_ipam_refs':[]").text())
        .startsWith("Cannot Delete allocation pool, 10.7.0.1");
    allowed(api.delete("/instance-ip/" + first));
    api.create("instance-ip", ip.formatted("i3"));
  }
}
