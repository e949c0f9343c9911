package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** Routers, their gateways and routes, and floating addresses. */
class RouterTest {
  private static final UUID ONE = new UUID(0x1111, 1);

  private TestNeutron neutron;
  private TestNeutron.Asking one;
  private String network;
  private String subnet;
  private String outside;
  private String outer;
  private String router;

  @BeforeEach
  void start() throws IOException {
    neutron = new TestNeutron();
    one = neutron.user(ONE);
    TestNeutron.Asking admin = neutron.admin(new UUID(0xadad, 1));
    network = one.make("network", "{'name':'n'}");
    subnet = one.make("subnet", "{'network_id':'" + network + "','cidr':'10.0.0.0/24'}");
    outside = admin.make("network", "{'name':'out','router:external':true}");
    outer = admin.make("subnet", "{'network_id':'" + outside + "','cidr':'192.0.2.0/28'}");
    router = one.make("router", "{'name':'r'}");
  }

  @AfterEach
  void stop() {
    neutron.close();
  }

  private String with(String key, String value) {
    return "{'id':'" + router + "','resource':{'" + key + "':'" + value + "'}}";
  }

  private void gateway() throws IOException {
    one.update("router", router, "{'external_gateway_info':{'network_id':'" + outside + "'}}");
  }

  @Test
  void interfacesHaveTheGatewaysAddress() throws IOException {
    JsonNode added = one.ok("router", "ADDINTERFACE", with("subnet_id", subnet));
    String id = added.path("port_id").asString();
    JsonNode port = one.read("port", id);
    assertThat(port.path("fixed_ips").path(0).path("ip_address").asString()).isEqualTo("10.0.0.1");
    assertThat(port.path("device_id").asString()).isEqualTo(router);
    assertThat(port.path("device_owner").asString()).isEqualTo("network:router_interface");
    assertThat(port.path("status").asString()).isEqualTo("ACTIVE");
    assertThat(one.list("port", "{'device_id':['" + router + "']}")).hasSize(1);
    assertThat(one.refusal("router", "ADDINTERFACE", with("subnet_id", subnet)))
        .isEqualTo("BadRequest");
    assertThat(one.undeleted("port", id)).isEqualTo("ServicePortInUse");
    assertThat(one.undeleted("router", router)).isEqualTo("RouterInUse");
    assertThat(one.undeleted("subnet", subnet)).isEqualTo("SubnetInUse");
    assertThat(one.undeleted("network", network)).isEqualTo("NetworkInUse");
    assertThat(one.kept("subnet", subnet, "{'gateway_ip':'10.0.0.9'}")).isEqualTo("GatewayIpInUse");
    String other = one.make("router", "{}");
    assertThat(
            one.refusal(
                "router",
                "ADDINTERFACE",
                "{'id':'" + other + "','resource':{'subnet_id':'" + subnet + "'}}"))
        .isEqualTo("IpAddressInUse");
    assertThat(one.refusal("router", "DELINTERFACE", with("subnet_id", outer)))
        .isEqualTo("RouterInterfaceNotFoundForSubnet");
    assertThat(one.refusal("router", "DELINTERFACE", with("port_id", subnet)))
        .isEqualTo("RouterInterfaceNotFound");
    JsonNode removed = one.ok("router", "DELINTERFACE", with("subnet_id", subnet));
    assertThat(removed.path("port_id").asString()).isEqualTo(id);
    assertThat(one.refusal("port", "READ", "{'id':'" + id + "'}")).isEqualTo("PortNotFound");
    one.delete("router", router);
    one.delete("router", other);
    one.delete("network", network);
  }

  @Test
  void aPortBecomesAnInterface() throws IOException {
    String port =
        one.make(
            "port", "{'network_id':'" + network + "','fixed_ips':[{'ip_address':'10.0.0.99'}]}");
    one.ok("router", "ADDINTERFACE", with("port_id", port));
    assertThat(one.read("port", port).path("device_id").asString()).isEqualTo(router);
    assertThat(one.refusal("router", "ADDINTERFACE", with("port_id", port))).isEqualTo("PortInUse");
    String used = one.make("port", "{'network_id':'" + network + "','device_id':'vm'}");
    assertThat(one.refusal("router", "ADDINTERFACE", with("port_id", used))).isEqualTo("PortInUse");
    String overlapping = one.make("network", "{}");
    String same = one.make("subnet", "{'network_id':'" + overlapping + "','cidr':'10.0.0.0/16'}");
    assertThat(one.refusal("router", "ADDINTERFACE", with("subnet_id", same)))
        .isEqualTo("BadRequest");
  }

  @Test
  void aGatewayHasAPortOutside() throws IOException {
    assertThat(
            one.kept(
                "router", router, "{'external_gateway_info':{'network_id':'" + network + "'}}"))
        .isEqualTo("BadRequest");
    gateway();
    JsonNode shown = one.read("router", router);
    JsonNode info = shown.path("external_gateway_info");
    assertThat(info.path("network_id").asString()).isEqualTo(outside);
    assertThat(info.path("enable_snat").asBoolean()).isTrue();
    assertThat(info.path("external_fixed_ips").path(0).path("ip_address").asString())
        .isEqualTo("192.0.2.14");
    JsonNode ports =
        neutron
            .admin()
            .list("port", "{'device_id':['" + router + "'],'network_id':['" + outside + "']}");
    assertThat(ports).hasSize(1);
    assertThat(ports.path(0).path("id")).isEqualTo(shown.path("gw_port_id"));
    assertThat(neutron.admin().undeleted("network", outside)).isEqualTo("NetworkInUse");
    one.update(
        "router",
        router,
        "{'external_gateway_info':{'network_id':'"
            + outside
            + "','enable_snat':false,'external_fixed_ips':[{'ip_address':'192.0.2.9'}]}}");
    info = one.read("router", router).path("external_gateway_info");
    assertThat(info.path("enable_snat").asBoolean()).isFalse();
    assertThat(info.path("external_fixed_ips").path(0).path("ip_address").asString())
        .isEqualTo("192.0.2.9");
    JsonNode cleared = one.update("router", router, "{'external_gateway_info':{}}");
    assertThat(cleared.path("external_gateway_info").isNull()).isTrue();
    assertThat(cleared.path("gw_port_id").isNull()).isTrue();
    gateway();
    one.delete("router", router);
    neutron.admin().delete("network", outside);
  }

  @Test
  void extraRoutesLeadToHostsBesideTheRouter() throws IOException {
    String route = "{'routes':[{'destination':'10.8.0.0/16','nexthop':'%s'}]}";
    assertThat(one.kept("router", router, route.formatted("10.0.0.5"))).isEqualTo("InvalidRoutes");
    one.ok("router", "ADDINTERFACE", with("subnet_id", subnet));
    JsonNode set = one.update("router", router, route.formatted("10.0.0.5"));
    assertThat(set.path("routes").toString())
        .isEqualTo("[{\"destination\":\"10.8.0.0/16\",\"nexthop\":\"10.0.0.5\"}]");
    assertThat(one.kept("router", router, route.formatted("10.0.0.1"))).isEqualTo("InvalidRoutes");
    assertThat(one.refusal("router", "DELINTERFACE", with("subnet_id", subnet)))
        .isEqualTo("RouterInterfaceInUseByRoute");
    assertThat(one.update("router", router, "{'routes':[]}").path("routes")).isEmpty();
    assertThat(neutron.db.image().objects("route-table")).isEmpty();
    one.update("router", router, route.formatted("10.0.0.6"));
    one.update("router", router, "{'routes':null,'name':'x'}");
    one.ok("router", "DELINTERFACE", with("subnet_id", subnet));
    one.delete("router", router);
  }

  @Test
  void extraRoutesComeAndGoOneByOne() throws IOException {
    one.ok("router", "ADDINTERFACE", with("subnet_id", subnet));
    String call =
        "{'id':'"
            + router
            + "','resource':{'routes':[{'destination':'10.%d.0.0/16','nexthop':'10.0.0.5'}]}}";
    for (int i : new int[] {7, 8, 7}) {
      one.ok("router", "ADD_EXTRAROUTES", call.formatted(i));
    }
    assertThat(one.read("router", router).path("routes")).hasSize(2);
    one.ok("router", "REMOVE_EXTRAROUTES", call.formatted(9));
    JsonNode left = one.ok("router", "REMOVE_EXTRAROUTES", call.formatted(7)).path("routes");
    assertThat(left.toString())
        .isEqualTo("[{\"destination\":\"10.8.0.0/16\",\"nexthop\":\"10.0.0.5\"}]");
  }

  @Test
  void aRevisionThatIsNamedHasToBeTheCurrentOne() throws IOException {
    long now = one.read("router", router).path("revision_number").asLong();
    String call =
        "{'context':{'operation':'UPDATE','tenant_id':'%s','revision_number':%d},"
            + "'data':{'id':'%s','resource':{'name':'%s'}}}";
    for (long revision : new long[] {now - 1, now}) {
      String body = call.formatted(ONE, revision, router, "v" + revision).replace('\'', '"');
      HttpCalls.Reply reply =
          neutron.calls.call("POST", "/neutron/router", body, "X-Auth-Token", "admin");
      assertThat(reply.status()).as(reply.text()).isEqualTo(revision == now ? 200 : 400);
    }
    assertThat(one.read("router", router).path("name").asString()).isEqualTo("v" + now);
  }

  @Test
  void anEmptyChangeOfAFloatingAddressLetsItLeadNowhere() throws IOException {
    one.ok("router", "ADDINTERFACE", with("subnet_id", subnet));
    gateway();
    String port = one.make("port", "{'network_id':'" + network + "'}");
    String floating =
        one.make(
            "floatingip", "{'floating_network_id':'" + outside + "','port_id':'" + port + "'}");
    assertThat(one.update("floatingip", floating, "{}").path("port_id").isNull()).isTrue();
  }

  @Test
  void aFloatingAddressNeedsARouterBetween() throws IOException {
    String port = one.make("port", "{'network_id':'" + network + "'}");
    String with = "{'floating_network_id':'" + outside + "','port_id':'" + port + "'}";
    assertThat(one.refused("floatingip", with)).isEqualTo("ExternalGatewayForFloatingIPNotFound");
    assertThat(one.refused("floatingip", "{'floating_network_id':'" + network + "'}"))
        .isEqualTo("BadRequest");
    one.ok("router", "ADDINTERFACE", with("subnet_id", subnet));
    gateway();
    JsonNode floating = one.create("floatingip", with);
    assertThat(floating.path("floating_ip_address").asString()).isEqualTo("192.0.2.3");
    assertThat(floating.path("fixed_ip_address").asString()).isEqualTo("10.0.0.3");
    assertThat(floating.path("router_id").asString()).isEqualTo(router);
    assertThat(floating.path("status").asString()).isEqualTo("ACTIVE");
    assertThat(one.refused("floatingip", with)).isEqualTo("FloatingIPPortAlreadyAssociated");
    assertThat(one.refusal("router", "DELINTERFACE", with("subnet_id", subnet)))
        .isEqualTo("RouterInterfaceInUseByFloatingIP");
    assertThat(one.kept("router", router, "{'external_gateway_info':null}"))
        .isEqualTo("RouterExternalGatewayInUseByFloatingIp");
    String id = floating.path("id").asString();
    assertThat(one.list("floatingip", "{'port_id':['" + port + "']}")).hasSize(1);
    JsonNode free = one.update("floatingip", id, "{'port_id':null,'description':'d'}");
    assertThat(free.path("port_id").isNull()).isTrue();
    assertThat(free.path("status").asString()).isEqualTo("DOWN");
    assertThat(free.path("description").asString()).isEqualTo("d");
    one.update("floatingip", id, "{'port_id':'" + port + "'}");
    one.delete("port", port);
    assertThat(one.read("floatingip", id).path("port_id").isNull()).isTrue();
    assertThat(neutron.user(new UUID(8, 8)).undeleted("floatingip", id))
        .isEqualTo("FloatingIPNotFound");
    one.delete("floatingip", id);
    assertThat(neutron.db.image().objects("floating-ip")).isEmpty();
  }

  @Test
  void aFloatingAddressMayBeChosen() throws IOException {
    String chosen = "{'floating_network_id':'" + outside + "','floating_ip_address':'192.0.2.7'}";
    assertThat(one.create("floatingip", chosen).path("floating_ip_address").asString())
        .isEqualTo("192.0.2.7");
    assertThat(one.refused("floatingip", chosen)).isEqualTo("IpAddressInUse");
    assertThat(one.refused("floatingip", chosen.replace("192.0.2.7", "192.0.3.7")))
        .isEqualTo("InvalidIpForNetwork");
    String bySubnet = "{'floating_network_id':'" + outside + "','subnet_id':'" + outer + "'}";
    assertThat(one.create("floatingip", bySubnet).path("floating_ip_address").asString())
        .isEqualTo("192.0.2.3");
    for (int i = 0; i < 10; i++) {
      one.make("floatingip", bySubnet);
    }
    assertThat(one.refused("floatingip", bySubnet)).isEqualTo("IpAddressGenerationFailure");
  }

  @Test
  void highlyAvailableRoutersBringANetworkThatGoesWithTheLast() throws IOException {
    TestNeutron.Asking admin = neutron.admin(ONE);
    String named = "{'name':['HA network tenant " + Ids.undashed(ONE) + "']}";
    String first = admin.make("router", "{'ha':true}");
    String second = admin.make("router", "{'ha':false}");
    admin.update("router", second, "{'ha':true}");
    assertThat(admin.list("network", named)).hasSize(1);
    assertThat(one.list("network", named)).isEmpty();
    admin.delete("router", first);
    assertThat(admin.list("network", named)).hasSize(1);
    admin.update("router", second, "{'ha':false}");
    assertThat(admin.list("network", named)).isEmpty();
    assertThat(admin.list("quota", "{}")).isEmpty();
  }
}
