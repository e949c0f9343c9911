package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Json;
import weft.http.Response;
import weft.http.Routes;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.Guest;
import weft.lab.Tenant;

/** Metadata and another link-local service, from a guest to a real HTTP server. */
@Tag("lab")
class MetadataTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @Test
  @Timeout(180)
  void guestsWithTheSameAddressAreToldApart() throws IOException {
    try (Cluster cluster = Cluster.start("wmd", List.of("h1"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      Routes routes =
          Routes.builder()
              .get("/latest/meta-data", request -> Response.json(headers(request.headers())))
              .build();
      String here = cluster.underlay().ownAddress();
      try (HttpServer nova = HttpServer.start(new HttpOptions(here, 0), routes)) {
        offer(api, here, nova.port());
        Tenant.registerHosts(api, cluster.hosts());
        Map<String, Guest> guests = new TreeMap<>();
        for (String name : List.of("a", "b")) {
          Tenant tenant = Tenant.create(api, name, "10.1.1.0/24");
          Guest guest = tenant.addGuest(name, cluster.host("h1")).guest();
          tenant.configureGuests(SOON);
          guests.put(tenant.port(name).machineId(), guest);
        }
        guests.forEach((machine, guest) -> {
          String answer =
              Await.value(
                  "metadata of " + guest.name(),
                  SOON,
                  () -> ask(guest, "http://169.254.169.254/latest/meta-data"));
          assertThat(answer)
              .contains("\"x-instance-id\":\"" + machine + "\"")
              .contains("\"x-instance-id-signature\":\"")
              .contains("\"x-tenant-id\":\"")
              .contains("\"x-forwarded-for\":\"10.1.1.");
          assertThat(ask(guest, "http://169.254.7.7:8080/latest/meta-data"))
              .as("another service is passed on as it is")
              .contains("\"host\":\"169.254.7.7:8080\"")
              .doesNotContain("x-instance-id");
        });
      }
    }
  }

  private static ObjectNode headers(Map<String, String> headers) {
    ObjectNode json = Json.object();
    headers.forEach(json::put);
    return json;
  }

  private static void offer(ApiClient api, String host, int port) {
    String id =
        api.idOf(
            "global-vrouter-config", "default-global-system-config:default-global-vrouter-config");
    String entry =
        """
        {'linklocal_service_name':'%s','linklocal_service_ip':'%s','linklocal_service_port':%d,
         'ip_fabric_service_ip':['%s'],'ip_fabric_service_port':%d}
        """;
    api.update(
        "global-vrouter-config",
        id,
        Map.of(
            "linklocal_services",
            ApiClient.json(
                "{'linklocal_service_entry':["
                    + entry.formatted("metadata", "169.254.169.254", 80, host, port)
                    + ","
                    + entry.formatted("other", "169.254.7.7", 8080, host, port)
                    + "]}")));
  }

  private static @Nullable String ask(Guest guest, String url) {
    Command.Result answer = guest.namespace().run("curl", "-s", "-m", "3", url);
    return answer.ok() && answer.output().contains("{") ? answer.output() : null;
  }
}
