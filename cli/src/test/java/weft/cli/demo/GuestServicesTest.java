package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
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

/** What a host serves to its guests: metadata, another link-local service, names. */
@Tag("lab")
class GuestServicesTest {
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
        nameGuests(api);
        Tenant.registerHosts(api, cluster.hosts());
        Map<String, Guest> guests = new TreeMap<>();
        for (String name : List.of("a", "b")) {
          Tenant tenant = Tenant.create(api, name, "10.1.1.0/24");
          Guest guest = tenant.addGuest(name, cluster.host("h1")).guest();
          tenant.configureGuests(SOON);
          guests.put(tenant.port(name).machineId(), guest);
          namesResolve(guest, tenant.address(name));
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

  /** Every network of the default ipam uses one zone. */
  private static void nameGuests(ApiClient api) {
    String zone =
        api.create(
            "virtual-DNS",
            "domain",
            "default-domain:blue",
            Map.of(
                "virtual_DNS_data",
                ApiClient.json(
                    "{'domain_name':'blue.example','record_order':'fixed','default_ttl_seconds':60,"
                        + "'reverse_resolution':true,'dynamic_records_from_client':true}")));
    assertThat(zone).isNotEmpty();
    record(api, "A", "www", "10.1.1.77");
    record(api, "CNAME", "web", "www");
    record(api, "MX", "blue.example", "www");
    String ipam = api.idOf("network-ipam", "default-domain:default-project:default-network-ipam");
    api.update(
        "network-ipam",
        ipam,
        Map.of(
            "network_ipam_mgmt",
            ApiClient.json(
                "{'ipam_dns_method':'virtual-dns-server',"
                    + "'ipam_dns_server':{'virtual_dns_server_name':'default-domain:blue'}}"),
            "virtual_DNS_refs",
            ApiClient.json("[{'uuid':'" + zone + "'}]")));
  }

  private static void record(ApiClient api, String type, String name, String data) {
    String id =
        api.create(
            "virtual-DNS-record",
            "virtual-DNS",
            "default-domain:blue:" + type + "-" + name.replace('.', '-'),
            Map.of(
                "virtual_DNS_record_data",
                ApiClient.json(
                    "{'record_name':'%s','record_type':'%s','record_class':'IN','record_data':'%s','record_ttl_seconds':60,'record_mx_preference':7}"
                        .formatted(name, type, data))));
    assertThat(id).isNotEmpty();
  }

  private static String dig(Guest guest, String... what) {
    List<String> all =
        new ArrayList<>(List.of("dig", "@10.1.1.2", "+short", "+tries=1", "+time=2"));
    all.addAll(List.of(what));
    return guest.namespace().run(all.toArray(String[]::new)).output().strip();
  }

  /** All that dig tells of a question, its status among it. */
  private static String status(Guest guest, String name) {
    return guest.namespace().run("dig", "@10.1.1.2", "+tries=1", "+time=2", name).output();
  }

  private static void namesResolve(Guest guest, String address) {
    Await.until(
        "names for " + guest.name(),
        SOON,
        () -> dig(guest, "www.blue.example").equals("10.1.1.77"));
    assertThat(dig(guest, "web.blue.example")).isEqualTo("www.blue.example.\n10.1.1.77");
    assertThat(dig(guest, "MX", "blue.example")).isEqualTo("7 www.blue.example.");
    assertThat(dig(guest, guest.name() + ".blue.example")).isEqualTo(address);
    assertThat(dig(guest, "-x", address).lines())
        .as("whose networks share a zone share its names, also those of one address")
        .contains(guest.name() + ".blue.example.");
    assertThat(dig(guest, "+tcp", "www.blue.example")).as("by TCP").isEqualTo("10.1.1.77");
    assertThat(dig(guest, "+tcp", "-x", address).lines()).contains(guest.name() + ".blue.example.");
    assertThat(status(guest, "nobody.blue.example")).contains("NXDOMAIN");
    assertThat(status(guest, "elsewhere.example")).contains("REFUSED");
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
