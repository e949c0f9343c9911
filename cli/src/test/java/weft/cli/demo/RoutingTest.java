package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Capture;
import weft.lab.Cluster;
import weft.lab.Guest;
import weft.lab.OuterPacket;
import weft.lab.Tenant;

/** Routes between networks and behind guests, from the API to the wire: two hosts, real guests. */
@Tag("lab")
class RoutingTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String PROJECT = "default-domain:r";
  private static final String BEHIND = "192.168.77.1";

  @Test
  @Timeout(300)
  void aVxlanRouterJoinsNetworksAndAnExtraRouteLeadsBehindAGuest() {
    try (Cluster cluster = Cluster.start("wrt", List.of("h1", "h2"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      Tenant.registerHosts(api, cluster.hosts());
      Tenant tenant = Tenant.create(api, "r", "10.1.1.0/24");
      Tenant.Network second = tenant.addNetwork("second", "10.2.2.0/24");
      Guest gate = tenant.addGuest("gate", cluster.host("h1")).guest();
      Guest far = tenant.addGuest("far", cluster.host("h2")).guest();
      Guest nearOther = tenant.addGuest("near2", second, cluster.host("h1")).guest();
      Guest farOther = tenant.addGuest("far2", second, cluster.host("h2")).guest();
      Tenant.Network third = tenant.addNetwork("third", "10.3.3.0/24");
      Tenant.Network plain = tenant.addNetwork("plain", "10.4.4.0/24");
      Guest apart = tenant.addGuest("apart", third, cluster.host("h1")).guest();
      Guest ordinary = tenant.addGuest("ordinary", plain, cluster.host("h1")).guest();
      tenant.configureGuests(SOON);
      Await.until("one network", SOON, () -> far.pings(tenant.address("gate")));

      extraRoute(api, tenant, gate);
      Await.until("the extra route is there", SOON, () -> far.pings(BEHIND));
      assertThat(farOther.pings(tenant.address("gate"))).as("nothing joins them yet").isFalse();
      assertThat(nearOther.pings(BEHIND)).isFalse();

      String router = router(api, "lr", tenant.network(), second);
      for (Guest guest : List.of(nearOther, farOther)) {
        for (String to : List.of(tenant.address("gate"), tenant.address("far"), BEHIND)) {
          Await.until(guest.name() + " reaches " + to, SOON, () -> guest.pings(to));
        }
      }
      assertThat(encapsulation(cluster, farOther, tenant.address("gate"))).contains("VXLAN");

      String other = router(api, "lr2", third);
      for (Guest guest : List.of(nearOther, farOther)) {
        assertThat(guest.pings(tenant.address("apart"))).as("another router's").isFalse();
        assertThat(apart.pings(tenant.address(guest.name()))).isFalse();
      }
      String shared = "{'route_target':['target:64512:7777']}";
      for (String each : List.of(router, other)) {
        api.update(
            "logical-router", each, Map.of("configured_route_target_list", ApiClient.json(shared)));
      }
      api.update(
          "virtual-network", plain.id(), Map.of("route_target_list", ApiClient.json(shared)));
      for (Guest guest : List.of(gate, nearOther, farOther)) {
        for (String to : List.of("apart", "ordinary")) {
          Await.until(guest.name() + " reaches " + to, SOON, () -> guest.pings(tenant.address(to)));
        }
      }
      Await.until("back", SOON, () -> apart.pings(tenant.address("far2")));
      Await.until("back", SOON, () -> ordinary.pings(tenant.address("far")));

      api.update("virtual-machine-interface", tenant.port("gate").interfaceId(), NO_TABLE);
      Await.until(
          "the extra route is gone", SOON, () -> !far.pings(BEHIND) && !farOther.pings(BEHIND));
      api.delete("logical-router", other);
      api.delete("logical-router", router);
      Await.until(
          "the router is gone",
          SOON,
          () ->
              !farOther.pings(tenant.address("gate")) && !nearOther.pings(tenant.address("gate")));
      assertThat(far.pings(tenant.address("gate"))).isTrue();
    }
  }

  private static final Map<String, JsonNode> NO_TABLE =
      Map.of("interface_route_table_refs", ApiClient.json("[]"));

  /** A prefix behind a guest, which answers for an address of it itself. */
  private static void extraRoute(ApiClient api, Tenant tenant, Guest gate) {
    gate.namespace().run("ip", "addr", "add", BEHIND + "/32", "dev", "eth0").orThrow();
    String table =
        api.create(
            "interface-route-table",
            "project",
            PROJECT + ":behind",
            Map.of(
                "interface_route_table_routes",
                ApiClient.json("{'route':[{'prefix':'192.168.77.0/24'}]}")));
    api.update(
        "virtual-machine-interface",
        tenant.port("gate").interfaceId(),
        Map.of("interface_route_table_refs", ApiClient.json("[{'uuid':'" + table + "'}]")));
  }

  private static String router(ApiClient api, String name, Tenant.Network... networks) {
    StringBuilder ports = new StringBuilder();
    for (Tenant.Network network : networks) {
      String port =
          api.create(
              "virtual-machine-interface",
              "project",
              PROJECT + ":router-" + UUID.randomUUID(),
              Map.of("virtual_network_refs", ApiClient.json("[{'uuid':'" + network.id() + "'}]")));
      ports.append(ports.isEmpty() ? "" : ",").append("{'uuid':'").append(port).append("'}");
    }
    return api.create(
        "logical-router",
        "project",
        PROJECT + ":" + name,
        Map.of(
            "logical_router_type", ApiClient.json("'vxlan-routing'"),
            "virtual_machine_interface_refs", ApiClient.json("[" + ports + "]")));
  }

  /** How a ping goes over the wire. */
  private static String encapsulation(Cluster cluster, Guest from, String to) {
    try (Capture capture =
        Capture.start(
            from.host(),
            "eth0",
            "udp port 4789 or udp port 6635 or proto gre",
            cluster.directory().resolve("ping.pcap"))) {
      Await.until("a ping while listening", SOON, () -> from.pings(to));
      return Await.value(
          "the ping on the wire",
          SOON,
          () ->
              capture.frames().stream()
                  .map(frame -> OuterPacket.decode(frame).encapsulation())
                  .findFirst()
                  .orElse(null));
    }
  }
}
