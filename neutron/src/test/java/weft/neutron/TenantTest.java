package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.api.ApiOptions;
import weft.api.IdentityService;
import weft.api.SpecialRoles;
import weft.api.access.AaaMode;
import weft.http.HttpCalls;
import weft.http.HttpError;
import weft.http.HttpOptions;

/** Users of two projects who call with tokens of their own, without Neutron in between. */
class TenantTest {
  private static final String RED = "aaaaaaaa-0000-0000-0000-000000000001";
  private static final String BLUE = "bbbbbbbb-0000-0000-0000-000000000002";

  private TestNeutron neutron;
  private TestNeutron.Asking admin;
  private TestNeutron.Asking red;
  private TestNeutron.Asking blue;

  /** An identity service that knows no more than these. */
  private record Tokens(Map<String, Bearer> bearers) implements IdentityService {
    @Override
    public Bearer bearer(String token) {
      Bearer bearer = bearers.get(token);
      if (bearer == null) {
        throw new HttpError(401, "Authentication required");
      }
      return bearer;
    }

    @Override
    public List<Tenant> tenants() {
      return List.of();
    }

    @Override
    public List<Tenant> project(String id) {
      return List.of();
    }

    @Override
    public String challenge() {
      return "Keystone";
    }
  }

  private static IdentityService.Bearer bearer(String user, String project, String id) {
    String role = user.equals("root") ? "admin" : user.equals("ann") ? "auditor" : "member";
    return new IdentityService.Bearer(
        user, user, project, id.replace("-", ""), "Default", "default", Set.of(role), Instant.MAX);
  }

  @BeforeEach
  void start() throws IOException {
    neutron =
        new TestNeutron(
            Plugging.UNKNOWN,
            new ApiOptions(
                new HttpOptions("127.0.0.1", 0),
                AaaMode.RBAC,
                new SpecialRoles("admin", "auditor"),
                null,
                ApiOptions.RESYNC),
            new Tokens(
                Map.of(
                    "admin",
                    bearer("root", "red", RED),
                    "red",
                    bearer("ruth", "red", RED),
                    "blue",
                    bearer("bob", "blue", BLUE),
                    "auditor",
                    bearer("ann", "blue", BLUE))));
    admin = neutron.bearer("admin");
    red = neutron.bearer("red");
    blue = neutron.bearer("blue");
    for (String[] project : new String[][] {{"red", RED}, {"blue", BLUE}}) {
      post(
          "/projects",
          "{'project':{'fq_name':['default-domain','%s'],'parent_type':'domain','uuid':'%s'}}"
              .formatted(project[0], project[1]));
    }
    post(
        "/api-access-lists",
        "{'api-access-list':{'fq_name':['default-global-system-config','members'],"
            + "'parent_type':'global-system-config','api_access_list_entries':{'rbac_rule':["
            + "{'rule_object':'*','rule_field':'','rule_perms':"
            + "[{'role_name':'member','role_crud':'CRUD'}]},"
            + "{'rule_object':'neutron','rule_field':'','rule_perms':"
            + "[{'role_name':'*','role_crud':'C'}]}]}}}");
  }

  @AfterEach
  void stop() {
    neutron.close();
  }

  private JsonNode post(String path, String body) throws IOException {
    HttpCalls.Reply reply =
        neutron.calls.call("POST", path, body.replace('\'', '"'), "X-Auth-Token", "admin");
    assertThat(reply.status()).as(path + ": " + reply.text()).isEqualTo(200);
    return reply.text().isEmpty() ? TestNeutron.json("{}") : reply.json();
  }

  private static List<String> names(JsonNode list) {
    return list.valueStream().map(item -> item.path("name").asString()).sorted().toList();
  }

  private String subnet(TestNeutron.Asking who, String network, String cidr) throws IOException {
    return who.make("subnet", "{'network_id':'%s','cidr':'%s'}".formatted(network, cidr));
  }

  private String foreign(String attributes) throws IOException {
    return admin.make(
        "network", "{'tenant_id':'%s','name':'%s'".formatted(BLUE, "foreign") + attributes + "}");
  }

  /** All that a tenant does on an ordinary day. */
  @Test
  void worksInAProjectOfItsOwn() throws IOException {
    String outside = foreign(",'router:external':true");
    subnet(admin, outside, "198.51.100.0/24");
    String network = red.make("network", "{'name':'mine'}");
    String subnet = subnet(red, network, "10.0.0.0/24");
    JsonNode port =
        red.create(
            "port",
            ("{'network_id':'%s','device_id':'%s','device_owner':'compute:nova',"
                    + "'mac_address':'fa:16:3e:00:00:01','fixed_ips':[{'ip_address':'10.0.0.9'}],"
                    + "'allowed_address_pairs':[{'ip_address':'10.0.0.50'}]}")
                .formatted(network, UUID.randomUUID()));
    assertThat(port.path("tenant_id").asString()).isEqualTo(RED.replace("-", ""));
    assertThat(port.path("binding:vnic_type").asString()).isEqualTo("normal");
    assertThat(port.has("binding:vif_type")).isFalse();
    String id = port.path("id").asString();
    red.update("port", id, "{'security_groups':[]}");
    String group = red.make("security_group", "{'name':'web'}");
    red.make(
        "security_group_rule",
        "{'security_group_id':'%s','direction':'ingress','protocol':'tcp','port_range_min':80,'port_range_max':80}"
            .formatted(group));
    red.update("port", id, "{'security_groups':['" + group + "']}");
    String router =
        red.make("router", "{'external_gateway_info':{'network_id':'" + outside + "'}}");
    red.ok(
        "router",
        "ADDINTERFACE",
        "{'id':'%s','resource':{'subnet_id':'%s'}}".formatted(router, subnet));
    String floating =
        red.make(
            "floatingip", "{'floating_network_id':'%s','port_id':'%s'}".formatted(outside, id));
    String trunk = red.make("trunk", "{'port_id':'" + id + "'}");
    red.ok(
        "tags",
        "CREATE",
        "{'resource':{'resource_type':'network','resource_id':'%s','tags':['t']}}"
            .formatted(network));
    assertThat(names(red.list("network", "{}"))).containsExactly("foreign", "mine");
    assertThat(red.list("port", "{'device_owner':['compute:nova']}")).hasSize(1);
    assertThat(red.list("floatingip", "{}")).hasSize(1);
    assertThat(blue.list("floatingip", "{}")).isEmpty();
    assertThat(blue.list("router", "{}")).isEmpty();
    assertThat(blue.list("trunk", "{}")).isEmpty();
    assertThat(names(blue.list("network", "{}"))).containsExactly("foreign");
    assertThat(names(blue.list("security_group", "{}"))).doesNotContain("web");
    assertThat(blue.undeleted("router", router)).isEqualTo("RouterNotFound");
    assertThat(blue.undeleted("floatingip", floating)).isEqualTo("FloatingIPNotFound");
    assertThat(blue.undeleted("security_group", group)).isEqualTo("SecurityGroupNotFound");
    red.delete("trunk", trunk);
    red.delete("floatingip", floating);
    red.ok(
        "router",
        "DELINTERFACE",
        "{'id':'%s','resource':{'subnet_id':'%s'}}".formatted(router, subnet));
    red.delete("router", router);
    red.delete("port", id);
    red.delete("security_group", group);
    red.delete("network", network);
    assertThat(neutron.db.image().objects("virtual-machine")).isEmpty();
    assertThat(neutron.db.image().objects("instance-ip")).isEmpty();
  }

  @Test
  void othersDoNotSeeIt() throws IOException {
    String network = red.make("network", "{'name':'mine'}");
    String subnet = subnet(red, network, "10.0.0.0/24");
    String port = red.make("port", "{'network_id':'" + network + "'}");
    assertThat(blue.list("network", "{}")).isEmpty();
    assertThat(blue.list("network", "{'id':['" + network + "']}")).isEmpty();
    assertThat(blue.list("subnet", "{}")).isEmpty();
    assertThat(blue.list("port", "{'network_id':['" + network + "']}")).isEmpty();
    assertThat(blue.refusal("network", "READ", "{'id':'" + network + "'}"))
        .isEqualTo("NetworkNotFound");
    assertThat(blue.refusal("subnet", "READ", "{'id':'" + subnet + "'}"))
        .isEqualTo("SubnetNotFound");
    assertThat(blue.kept("port", port, "{'name':'x'}")).isEqualTo("PortNotFound");
    assertThat(blue.undeleted("network", network)).isEqualTo("NetworkNotFound");
    assertThat(blue.refused("port", "{'network_id':'" + network + "'}"))
        .isEqualTo("NetworkNotFound");
    assertThat(blue.refused("network", "{'tenant_id':'" + RED + "'}")).isEqualTo("AdminRequired");
    TestNeutron.Asking auditor = neutron.bearer("auditor");
    assertThat(names(auditor.list("network", "{}"))).contains("mine");
    assertThat(auditor.list("port", "{}")).hasSize(1);
    assertThat(auditor.kept("network", network, "{'name':'x'}")).isNotEqualTo("200 ");
  }

  @Test
  void worksOnWhatIsSharedWithIt() throws IOException {
    String network = foreign(",'shared':true");
    String subnet = subnet(admin, network, "10.0.0.0/24");
    assertThat(names(red.list("network", "{}"))).containsExactly("foreign");
    assertThat(red.list("subnet", "{}")).hasSize(1);
    String port = red.make("port", "{'network_id':'" + network + "'}");
    red.make(
        "port", "{'network_id':'%s','fixed_ips':[{'subnet_id':'%s'}]}".formatted(network, subnet));
    // The owner of the network sees who is on it.
    assertThat(blue.list("port", "{'network_id':['" + network + "']}")).hasSize(2);
    assertThat(red.kept("network", network, "{'name':'x'}")).isEqualTo("NetworkNotFound");
    assertThat(red.refused("subnet", "{'network_id':'%s','cidr':'10.1.0.0/24'}".formatted(network)))
        .isEqualTo("NetworkNotFound");
    for (String attribute :
        List.of(
            "'mac_address':'fa:16:3e:00:00:02'",
            "'port_security_enabled':false",
            "'allowed_address_pairs':[{'ip_address':'10.0.0.50'}]",
            "'fixed_ips':[{'ip_address':'10.0.0.77'}]",
            "'device_owner':'network:dhcp'")) {
      assertThat(red.refused("port", "{'network_id':'" + network + "'," + attribute + "}"))
          .as(attribute)
          .isEqualTo("AdminRequired");
    }
    assertThat(red.kept("port", port, "{'port_security_enabled':false}"))
        .isEqualTo("AdminRequired");
    red.update("port", port, "{'name':'mine'}");
    red.delete("port", port);
  }

  @Test
  void permissionsOfTheConfigCountToo() throws IOException {
    String network = foreign("");
    subnet(admin, network, "10.0.0.0/24");
    assertThat(red.list("network", "{}")).isEmpty();
    share(network, 4);
    assertThat(names(red.list("network", "{}"))).containsExactly("foreign");
    assertThat(red.refused("port", "{'network_id':'" + network + "'}")).isEqualTo("NotAuthorized");
    share(network, 5);
    String port = red.make("port", "{'network_id':'" + network + "'}");
    post("/chown", "{'uuid':'%s','owner':'%s'}".formatted(port, BLUE));
    assertThat(red.list("port", "{}")).isEmpty();
    assertThat(red.kept("port", port, "{'name':'x'}")).isEqualTo("PortNotFound");
    post(
        "/chmod",
        "{'uuid':'%s','share':[{'tenant':'domain:%s','tenant_access':4}]}"
            .formatted(network, domain()));
    assertThat(names(red.list("network", "{}"))).containsExactly("foreign");
  }

  private String domain() {
    return neutron.db.image().object(UUID.fromString(RED)).parentUuid().toString();
  }

  private void share(String network, int access) throws IOException {
    post(
        "/chmod",
        "{'uuid':'%s','share':[{'tenant':'tenant:%s','tenant_access':%d}]}"
            .formatted(network, RED, access));
  }

  @Test
  void whatIsForAdministrators() throws IOException {
    for (String attributes :
        List.of(
            "'shared':true",
            "'router:external':true",
            "'provider:network_type':'vlan'",
            "'provider:segmentation_id':5")) {
      assertThat(red.refused("network", "{" + attributes + "}"))
          .as(attributes)
          .isEqualTo("AdminRequired");
    }
    String network = red.make("network", "{'name':'n','shared':false}");
    assertThat(red.read("network", network).has("provider:network_type")).isFalse();
    assertThat(red.kept("network", network, "{'shared':true}")).isEqualTo("AdminRequired");
    assertThat(red.refused("port", "{'network_id':'%s','binding:host_id':'h'}".formatted(network)))
        .isEqualTo("AdminRequired");
    String outside = foreign(",'router:external':true");
    subnet(admin, outside, "198.51.100.0/24");
    assertThat(
            red.refused(
                "floatingip",
                "{'floating_network_id':'%s','floating_ip_address':'198.51.100.9'}"
                    .formatted(outside)))
        .isEqualTo("AdminRequired");
    assertThat(
            red.refused(
                "router",
                "{'external_gateway_info':{'network_id':'%s','enable_snat':false}}"
                    .formatted(outside)))
        .isEqualTo("AdminRequired");
    assertThat(
            red.refused(
                "rbac_policy",
                ("{'object_type':'network','object_id':'%s','action':'access_as_shared',"
                        + "'target_tenant':'*'}")
                    .formatted(network)))
        .isEqualTo("AdminRequired");
    red.make(
        "rbac_policy",
        ("{'object_type':'network','object_id':'%s','action':'access_as_shared',"
                + "'target_tenant':'%s'}")
            .formatted(network, BLUE));
    assertThat(names(blue.list("network", "{}"))).contains("n");
    assertThat(red.kept("quota", RED, "{'network':1}")).isEqualTo("AdminRequired");
    assertThat(red.list("virtual_router", "{}")).isEmpty();
  }
}
