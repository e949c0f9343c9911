package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** Networks, subnets, and who sees them. */
class NetworkTest {
  private static final UUID ONE = new UUID(0x1111, 1);
  private static final UUID TWO = new UUID(0x2222, 2);

  private TestNeutron neutron;
  private TestNeutron.Asking one;
  private TestNeutron.Asking two;

  @BeforeEach
  void start() throws IOException {
    neutron = new TestNeutron();
    one = neutron.user(ONE);
    two = neutron.user(TWO);
  }

  @AfterEach
  void stop() {
    neutron.close();
  }

  private String network(String more) throws IOException {
    return one.make("network", "{'name':'n'" + more + "}");
  }

  private String subnet(String network, String more) throws IOException {
    return one.make("subnet", "{'network_id':'" + network + "'" + more + "}");
  }

  private static List<String> names(JsonNode list) {
    List<String> names = new ArrayList<>();
    list.forEach(each -> names.add(each.path("name").asString()));
    return names;
  }

  @Test
  void keepsWhatWasSent() throws IOException {
    String id =
        network(
            ",'description':'d','mtu':1400,'admin_state_up':false,'port_security_enabled':false,"
                + "'provider:network_type':'vlan','provider:physical_network':'p',"
                + "'provider:segmentation_id':7");
    JsonNode network = one.read("network", id);
    assertThat(network.path("description").asString()).isEqualTo("d");
    assertThat(network.path("mtu").asInt()).isEqualTo(1400);
    assertThat(network.path("admin_state_up").asBoolean()).isFalse();
    assertThat(network.path("port_security_enabled").asBoolean()).isFalse();
    assertThat(network.path("provider:network_type").asString()).isEqualTo("vlan");
    assertThat(network.path("provider:physical_network").asString()).isEqualTo("p");
    assertThat(network.path("provider:segmentation_id").asInt()).isEqualTo(7);
    assertThat(network.path("tenant_id").asString()).isEqualTo(Ids.undashed(ONE));
    long revision = network.path("revision_number").asLong();
    JsonNode changed = one.update("network", id, "{'name':'other','description':''}");
    assertThat(changed.path("name").asString()).isEqualTo("other");
    assertThat(changed.path("description").asString()).isEmpty();
    assertThat(changed.path("revision_number").asLong()).isGreaterThan(revision);
  }

  @Test
  void twoNetworksMayHaveOneNameAndANameMayBeAnything() throws IOException {
    String first = network("");
    String second = network("");
    assertThat(second).isNotEqualTo(first);
    assertThat(one.read("network", second).path("name").asString()).isEqualTo("n");
    String odd = one.make("network", "{'name':'a:b<c>'}");
    assertThat(one.read("network", odd).path("name").asString()).isEqualTo("a:b<c>");
    String none = one.make("network", "{}");
    assertThat(one.read("network", none).path("name").asString()).isEmpty();
  }

  @Test
  void aProjectSeesItsOwnAndWhatIsSharedAndExternal() throws IOException {
    String own = network("");
    String shared = one.make("network", "{'name':'shared','shared':true}");
    one.make("network", "{'name':'out','router:external':true}");
    assertThat(names(two.list("network", "{}"))).containsExactlyInAnyOrder("shared", "out");
    assertThat(two.refusal("network", "READ", "{'id':'" + own + "'}")).isEqualTo("NetworkNotFound");
    assertThat(two.read("network", shared).path("shared").asBoolean()).isTrue();
    assertThat(two.undeleted("network", shared)).isEqualTo("NetworkNotFound");
    assertThat(names(neutron.admin().list("network", "{}")))
        .contains("n", "shared", "out", "ip-fabric", "default-virtual-network");
    assertThat(names(neutron.admin().list("network", "{'tenant_id':['" + ONE + "']}")))
        .containsExactlyInAnyOrder("n", "shared", "out");
    assertThat(names(one.list("network", "{'router:external':[true]}"))).containsExactly("out");
  }

  @Test
  void policiesShareANetworkWithOneProject() throws IOException {
    String id = network("");
    String policy =
        one.make(
            "rbac_policy",
            "{'object_type':'network','object_id':'"
                + id
                + "','action':'access_as_shared','target_tenant':'"
                + TWO
                + "'}");
    assertThat(names(two.list("network", "{}"))).containsExactly("n");
    assertThat(neutron.user(new UUID(3, 3)).list("network", "{}")).isEmpty();
    String port = two.make("port", "{'network_id':'" + id + "'}");
    assertThat(one.undeleted("rbac_policy", policy)).isEqualTo("RbacPolicyInUse");
    two.delete("port", port);
    one.delete("rbac_policy", policy);
    assertThat(two.list("network", "{}")).isEmpty();
  }

  @Test
  void aNetworkThatOthersUseStaysShared() throws IOException {
    String id = network(",'shared':true");
    two.make("port", "{'network_id':'" + id + "'}");
    assertThat(one.kept("network", id, "{'shared':false}")).isEqualTo("InvalidSharedSetting");
    assertThat(one.undeleted("network", id)).isEqualTo("NetworkInUse");
  }

  @Test
  void refusesWhatMakesNoSenseByNeutronsNames() throws IOException {
    String id = network("");
    String plain = "{'network_id':'" + id + "','cidr':'10.0.0.0/24'";
    assertThat(one.refused("network", "{'mtu':20}")).isEqualTo("BadRequest");
    assertThat(one.refused("subnet", "{'network_id':'" + new UUID(9, 9) + "','cidr':'1.0.0.0/8'}"))
        .isEqualTo("NetworkNotFound");
    assertThat(one.refused("subnet", "{'network_id':'" + id + "','cidr':'x'}"))
        .isEqualTo("InvalidInput");
    assertThat(one.refused("subnet", plain + ",'ip_version':6}")).isEqualTo("InvalidInput");
    assertThat(one.refused("subnet", plain + ",'gateway_ip':'10.0.1.1'}"))
        .isEqualTo("InvalidInput");
    String pools = plain + ",'allocation_pools':[{'start':'10.0.0.%s','end':'10.0.0.%s'}%s]}";
    assertThat(one.refused("subnet", pools.formatted("9", "5", "")))
        .isEqualTo("InvalidAllocationPool");
    assertThat(one.refused("subnet", pools.formatted("1", "5", "")))
        .isEqualTo("GatewayConflictWithAllocationPools");
    assertThat(one.refused("subnet", pools.formatted("2", "255", "")))
        .isEqualTo("OutOfBoundsAllocationPool");
    assertThat(
            one.refused(
                "subnet", pools.formatted("2", "9", ",{'start':'10.0.0.9','end':'10.0.0.12'}")))
        .isEqualTo("OverlappingAllocationPools");
    assertThat(one.refused("subnet", plain + ",'ipv6_ra_mode':'slaac'}")).isEqualTo("InvalidInput");
    subnet(id, ",'cidr':'10.0.0.0/24'");
    assertThat(one.refused("subnet", "{'network_id':'" + id + "','cidr':'10.0.0.128/25'}"))
        .isEqualTo("InvalidInput");
    assertThat(one.refused("subnet", "{'network_id':7,'cidr':[]}")).isEqualTo("NetworkNotFound");
    assertThat(one.refused("network", "{'name':{}}")).isEqualTo("BadRequest");
    assertThat(one.refusal("network", "PAINT", "{}")).isEqualTo("BadRequest");
    assertThat(one.refusal("firewall_group", "READ", "{'id':'x'}"))
        .isEqualTo("FirewallGroupNotFound");
    assertThat(one.call("nothing", "READ", "{}").status()).isEqualTo(404);
  }

  @Test
  void aSubnetChangesItsGatewayPoolsServersAndRoutes() throws IOException {
    String network = network("");
    String id =
        subnet(
            network,
            ",'cidr':'10.0.0.0/24','name':'s','gateway_ip':'10.0.0.254','dns_nameservers':['8.8.8.8',"
                + "'9.9.9.9'],'host_routes':[{'destination':'10.1.0.0/16','nexthop':'10.0.0.7'}],"
                + "'allocation_pools':[{'start':'10.0.0.10','end':'10.0.0.11'}]");
    JsonNode subnet = one.read("subnet", id);
    assertThat(subnet.path("gateway_ip").asString()).isEqualTo("10.0.0.254");
    assertThat(subnet.path("dns_nameservers").toString()).isEqualTo("[\"8.8.8.8\",\"9.9.9.9\"]");
    assertThat(subnet.path("host_routes").toString())
        .isEqualTo("[{\"destination\":\"10.1.0.0/16\",\"nexthop\":\"10.0.0.7\"}]");
    JsonNode port = one.create("port", "{'network_id':'" + network + "'}");
    assertThat(port.path("fixed_ips").path(0).path("ip_address").asString()).isEqualTo("10.0.0.10");
    JsonNode changed =
        one.update(
            "subnet",
            id,
            "{'name':'t','gateway_ip':null,'dns_nameservers':[],'host_routes':[],'enable_dhcp':false,"
                + "'description':'x','allocation_pools':[{'start':'10.0.0.40','end':'10.0.0.41'}]}");
    assertThat(changed.path("gateway_ip").isNull()).isTrue();
    assertThat(changed.path("dns_nameservers")).isEmpty();
    assertThat(changed.path("host_routes")).isEmpty();
    assertThat(changed.path("enable_dhcp").asBoolean()).isFalse();
    assertThat(changed.path("description").asString()).isEqualTo("x");
    assertThat(
            one.create("port", "{'network_id':'" + network + "'}")
                .path("fixed_ips")
                .path(0)
                .path("ip_address")
                .asString())
        .isEqualTo("10.0.0.40");
    assertThat(one.undeleted("subnet", id)).isEqualTo("SubnetInUse");
    assertThat(one.read("network", network).path("subnets").path(0).asString()).isEqualTo(id);
  }

  @Test
  void portsMakeTheirOwnAddressesWhereTheSubnetSaysSo() throws IOException {
    String network = network("");
    String slaac =
        subnet(
            network,
            ",'cidr':'2001:db8::/64','ip_version':6,'ipv6_ra_mode':'slaac',"
                + "'ipv6_address_mode':'slaac'");
    JsonNode port =
        one.create("port", "{'network_id':'" + network + "','mac_address':'fa:16:3e:00:00:01'}");
    assertThat(port.path("fixed_ips").path(0).path("ip_address").asString())
        .isEqualTo("2001:db8::f816:3eff:fe00:1");
    assertThat(one.read("subnet", slaac).path("ipv6_ra_mode").asString()).isEqualTo("slaac");
    assertThat(
            one.refused(
                "port",
                "{'network_id':'"
                    + network
                    + "','fixed_ips':[{'ip_address':'2001:db8::5','subnet_id':'"
                    + slaac
                    + "'}]}"))
        .isEqualTo("InvalidInput");
    one.delete("subnet", slaac);
    assertThat(one.read("port", port.path("id").asString()).path("fixed_ips")).isEmpty();
  }

  @Test
  void bulkCreationIsAllOrNothing() throws IOException {
    JsonNode made =
        one.ok("network", "CREATE", "{'resource':[{'name':'a'},{'network':{'name':'b'}}]}");
    assertThat(names(made)).containsExactly("a", "b");
    assertThat(
            one.refusal("network", "CREATE", "{'resources':[{'name':'c'},{'name':'d','mtu':1}]}"))
        .isEqualTo("BadRequest");
    assertThat(names(one.list("network", "{}"))).containsExactlyInAnyOrder("a", "b");
    String network = made.path(0).path("id").asString();
    one.ok(
        "subnet",
        "CREATE",
        "{'resources':[{'network_id':'%s','cidr':'10.0.0.0/24'},{'network_id':'%s','cidr':'10.0.1.0/24'}]}"
            .formatted(network, network));
    assertThat(one.read("network", network).path("subnets")).hasSize(2);
  }

  @Test
  void listsAreFilteredSortedPagedAndTrimmed() throws IOException {
    for (String name : List.of("c", "a", "d", "b")) {
      one.make("network", "{'name':'" + name + "'}");
    }
    String sorted = "'filters':{},'sorts':[['name',true]]";
    assertThat(names(one.ok("network", "READALL", "{" + sorted + "}")))
        .containsExactly("a", "b", "c", "d");
    JsonNode page = one.ok("network", "READALL", "{" + sorted + ",'limit':2}");
    assertThat(names(page)).containsExactly("a", "b");
    String marker = page.path(1).path("id").asString();
    assertThat(
            names(
                one.ok(
                    "network", "READALL", "{" + sorted + ",'limit':1,'marker':'" + marker + "'}")))
        .containsExactly("c");
    assertThat(
            names(
                one.ok(
                    "network",
                    "READALL",
                    "{" + sorted + ",'limit':1,'page_reverse':true,'marker':'" + marker + "'}")))
        .containsExactly("a");
    assertThat(names(one.list("network", "{'name':['a','d'],'admin_state_up':['True']}")))
        .containsExactlyInAnyOrder("a", "d");
    assertThat(one.list("network", "{'id':[]}")).isEmpty();
    JsonNode trimmed = one.ok("network", "READALL", "{'filters':{'name':'a'},'fields':['name']}");
    assertThat(trimmed.path(0).propertyNames())
        .containsExactlyInAnyOrder("name", "tenant_id", "project_id");
    assertThat(one.ok("network", "READCOUNT", "{'filters':{}}").path("count").asInt()).isEqualTo(4);
  }

  @Test
  void tagsAreSetFilteredAndGoWithTheLastBearer() throws IOException {
    String id = network("");
    String other = network("");
    String bearer = "{'resource':{'resource_type':'networks','resource_id':'%s','tags':%s}}";
    one.ok("tags", "UPDATE", bearer.formatted(id, "['red','a:b']"));
    one.ok("tags", "CREATE", bearer.formatted(other, "['red']"));
    assertThat(one.read("network", id).path("tags").toString()).isEqualTo("[\"a:b\",\"red\"]");
    assertThat(one.list("network", "{'tags':['red,a:b']}")).hasSize(1);
    assertThat(one.list("network", "{'not-tags':['red,a:b']}")).hasSize(1);
    assertThat(one.list("network", "{'tags-any':['red']}")).hasSize(2);
    assertThat(one.refusal("tags", "DELETE", bearer.formatted(other, "['blue']")))
        .isEqualTo("TagNotFound");
    one.delete("network", id);
    assertThat(neutron.db.image().objects("tag")).hasSize(1);
    one.ok("tags", "DELETE", bearer.formatted(other, "['red']"));
    assertThat(neutron.db.image().objects("tag")).isEmpty();
    String subnet = subnet(other, ",'cidr':'10.0.0.0/24'");
    one.ok("tags", "UPDATE", bearer.formatted(subnet, "['x']").replace("networks", "subnets"));
    assertThat(one.list("subnet", "{'tags':['x']}").path(0).path("tags").path(0).asString())
        .isEqualTo("x");
  }

  @Test
  void quotasAreReadWrittenAndHeld() throws IOException {
    TestNeutron.Asking admin = neutron.admin();
    assertThat(one.read("quota", Ids.undashed(ONE)).path("network").asInt()).isEqualTo(-1);
    assertThat(one.kept("quota", Ids.undashed(ONE), "{'network':5}")).isEqualTo("AdminRequired");
    admin.update("quota", Ids.undashed(ONE), "{'network':1,'port':2}");
    network("");
    assertThat(one.refused("network", "{}")).isEqualTo("OverQuota");
    assertThat(one.call("network", "CREATE", "{'resource':{}}").json().path("overs").toString())
        .isEqualTo("[\"network\"]");
    JsonNode details = one.read("quota", Ids.undashed(ONE)).path("details").path("network");
    assertThat(details.path("used").asInt()).isEqualTo(1);
    assertThat(details.path("limit").asInt()).isEqualTo(1);
    assertThat(admin.list("quota", "{}")).hasSize(1);
    admin.delete("quota", Ids.undashed(ONE));
    network("");
  }

  @Test
  void limitsOfTheDefaultProjectAreThoseOfAllThatHaveNone() throws IOException {
    TestNeutron.Asking admin = neutron.admin();
    admin.update("quota", "default", "{'network':1,'subnet':3}");
    assertThat(one.read("quota", Ids.undashed(ONE)).path("network").asInt()).isEqualTo(1);
    assertThat(one.read("quota", "default").path("subnet").asInt()).isEqualTo(3);
    assertThat(admin.list("quota", "{}")).isEmpty();
    network("");
    assertThat(one.refused("network", "{}")).isEqualTo("OverQuota");
    admin.update("quota", Ids.undashed(ONE), "{'network':-1}");
    network("");
    admin.delete("quota", Ids.undashed(ONE));
    assertThat(one.refused("network", "{}")).isEqualTo("OverQuota");
    assertThat(one.kept("quota", "default", "{'network':9}")).isEqualTo("AdminRequired");
  }

  @Test
  void whatHasNoObjectsOfItsOwnIsCounted() throws IOException {
    TestNeutron.Asking admin = neutron.admin();
    admin.update("quota", Ids.undashed(ONE), "{'rbac_policy':1,'subnetpool':0,'trunk':1}");
    String network = network("");
    String policy =
        "{'object_type':'network','object_id':'%s','action':'access_as_shared','target_tenant':'%s'}";
    String shared =
        one.make("rbac_policy", policy.formatted(network, Ids.undashed(new UUID(0x2222, 2))));
    UUID third = new UUID(0x3333, 3);
    String more = policy.formatted(network, Ids.undashed(third));
    assertThat(one.refused("rbac_policy", more)).isEqualTo("OverQuota");
    assertThat(one.refused("subnetpool", "{'name':'p','prefixes':['10.0.0.0/8']}"))
        .isEqualTo("OverQuota");
    JsonNode details = one.read("quota", Ids.undashed(ONE)).path("details").path("rbac_policy");
    assertThat(details.path("used").asInt()).isEqualTo(1);
    one.delete("rbac_policy", shared);
    one.make("rbac_policy", more);
    String trunks = "{'resources':[{'port_id':'%s'},{'port_id':'%s'}]}";
    String port = "{'network_id':'" + network + "'}";
    assertThat(
            one.refusal(
                "trunk",
                "CREATE",
                trunks.formatted(one.make("port", port), one.make("port", port))))
        .isEqualTo("OverQuota");
    assertThat(one.list("trunk", "{}")).isEmpty();
  }

  @Test
  void anAdministratorsListOfAProjectsGroupsHasItsDefault() throws IOException {
    JsonNode groups =
        neutron.admin().list("security_group", "{'tenant_id':['" + Ids.undashed(ONE) + "']}");
    assertThat(names(groups)).containsExactly("default");
  }

  @Test
  void oneExternalNetworkIsTheDefaultAndStaysSharedWithAll() throws IOException {
    TestNeutron.Asking admin = neutron.admin(ONE);
    String external = "{'router:external':true,'is_default':%s}";
    String first = admin.make("network", external.formatted("true"));
    String second = admin.make("network", external.formatted("false"));
    assertThat(admin.refused("network", external.formatted("true")))
        .isEqualTo("DefaultExternalNetworkExists");
    assertThat(admin.kept("network", second, "{'is_default':true}"))
        .isEqualTo("DefaultExternalNetworkExists");
    assertThat(admin.list("network", "{'is_default':[true]}")).hasSize(1);
    JsonNode policies =
        admin.list("rbac_policy", "{'object_id':['" + first + "'],'target_tenant':['*']}");
    String policy = policies.path(0).path("id").asString();
    assertThat(admin.undeleted("rbac_policy", policy)).isEqualTo("RbacPolicyInUse");
    admin.update("network", first, "{'is_default':false}");
    admin.update("network", second, "{'is_default':true}");
    admin.delete("rbac_policy", policy);
    assertThat(admin.read("network", first).path("router:external").asBoolean()).isFalse();
  }

  @Test
  void theMtuFollowsFromTheType() throws IOException {
    TestNeutron.Asking admin = neutron.admin(ONE);
    JsonNode vxlan = admin.create("network", "{'provider:network_type':'vxlan','mtu':0}");
    assertThat(vxlan.path("mtu").asInt()).isEqualTo(1450);
    JsonNode given = admin.create("network", "{'provider:network_type':'vxlan','mtu':1400}");
    assertThat(given.path("mtu").asInt()).isEqualTo(1400);
    assertThat(admin.create("network", "{}").path("mtu").isNull()).isTrue();
  }

  @Test
  void aVlanIsChosenOrHeldAgainstOthers() throws IOException {
    TestNeutron.Asking admin = neutron.admin(ONE);
    String vlan = "{'provider:network_type':'vlan','provider:physical_network':'%s'%s}";
    String given = vlan.formatted("p", ",'provider:segmentation_id':2");
    admin.make("network", given);
    assertThat(admin.refused("network", given)).isEqualTo("VlanIdInUse");
    admin.make("network", vlan.formatted("q", ",'provider:segmentation_id':2"));
    JsonNode made =
        admin.ok(
            "network", "CREATE", "{'resources':[%1$s,%1$s]}".formatted(vlan.formatted("p", "")));
    assertThat(made)
        .extracting(each -> each.path("provider:segmentation_id").asInt())
        .containsExactly(1, 3);
    String third = made.path(1).path("id").asString();
    assertThat(
            admin.kept(
                "network", third, "{'provider:segmentation_id':1,'provider:physical_network':'p'}"))
        .isEqualTo("VlanIdInUse");
    admin.update(
        "network", third, "{'provider:segmentation_id':3,'provider:physical_network':'p'}");
    String flat = "{'provider:network_type':'flat'%s}";
    assertThat(admin.refused("network", flat.formatted(""))).isEqualTo("InvalidInput");
    admin.make("network", flat.formatted(",'provider:physical_network':'p'"));
    assertThat(admin.refused("network", flat.formatted(",'provider:physical_network':'p'")))
        .isEqualTo("FlatNetworkInUse");
  }

  @Test
  void anAnswerBearsTheIdOfItsRequest() throws IOException {
    for (String resource : List.of("network", "nothing")) {
      HttpCalls.Reply reply =
          neutron.calls.call(
              "POST",
              "/neutron/" + resource,
              "{\"context\":{\"operation\":\"READALL\",\"is_admin\":true},\"data\":{}}",
              "X-Openstack-Request-Id",
              "req-1");
      assertThat(reply.header("X-Openstack-Request-Id"))
          .isEqualTo(resource.equals("network") ? "req-1" : null);
    }
  }

  @Test
  void availabilityCountsAddresses() throws IOException {
    String network = network("");
    subnet(network, ",'cidr':'10.0.0.0/28'");
    one.make("port", "{'network_id':'" + network + "'}");
    JsonNode shown = neutron.admin().read("network_ip_availability", network);
    assertThat(shown.path("total_ips").asInt()).isEqualTo(13);
    assertThat(shown.path("used_ips").asInt()).isEqualTo(1);
  }
}
