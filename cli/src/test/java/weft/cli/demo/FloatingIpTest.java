package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Guest;
import weft.lab.Tenant;

/** A floating address from the API to the wire: two hosts, two projects, real guests. */
@Tag("lab")
class FloatingIpTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String FLOATING = "10.9.0.50";

  @Test
  @Timeout(180)
  void aGuestIsReachedAndSpeaksByItsFloatingAddressUntilItIsTakenAway() {
    try (Cluster cluster = Cluster.start("wfip", List.of("h1", "h2"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      Tenant.registerHosts(api, cluster.hosts());
      Tenant inside = Tenant.create(api, "in", "10.1.1.0/24");
      Tenant outside = Tenant.create(api, "out", "10.9.0.0/24");
      Guest vm = inside.addGuest("vm", cluster.host("h1")).guest();
      Guest near = outside.addGuest("near", cluster.host("h1")).guest();
      Guest far = outside.addGuest("far", cluster.host("h2")).guest();
      inside.configureGuests(SOON);
      outside.configureGuests(SOON);
      assertThat(vm.pings(outside.address("far"))).as("nothing joins the projects").isFalse();

      String pool =
          api.create(
              "floating-ip-pool", "virtual-network", outside.network().name() + ":pool", Map.of());
      assertThat(pool).isNotEmpty();
      String floating =
          api.create(
              "floating-ip",
              "floating-ip-pool",
              outside.network().name() + ":pool:fip",
              Map.of(
                  "floating_ip_address", ApiClient.json("'" + FLOATING + "'"),
                  "project_refs", ApiClient.json("[{'to':['default-domain','in']}]"),
                  "virtual_machine_interface_refs",
                      ApiClient.json("[{'uuid':'" + inside.port("vm").interfaceId() + "'}]")));
      for (Guest guest : List.of(near, far)) {
        Await.until(guest.name() + " reaches it", SOON, () -> guest.pings(FLOATING));
      }
      for (String name : List.of("near", "far")) {
        String to = outside.address(name);
        Await.until("it reaches " + name, SOON, () -> vm.pings(to));
      }
      List<JsonNode> flows =
          new ApiClient(cluster.host("h1").introspection()).rows("flow", "/flow");
      assertThat(flows.stream().map(row -> row.path("nat").asString()).distinct())
          .anyMatch(nat -> nat.startsWith("source " + FLOATING + ":"))
          .anyMatch(nat -> nat.startsWith("destination " + inside.address("vm") + ":"));
      assertThat(far.pings(inside.address("vm"))).as("its own address stays hidden").isFalse();

      api.delete("floating-ip", floating);
      Await.until("it is gone", SOON, () -> !far.pings(FLOATING) && !near.pings(FLOATING));
      assertThat(vm.pings(outside.address("far"))).isFalse();
    }
  }
}
