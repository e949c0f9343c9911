package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** Addresses: which are given, in what order, to one owner each, and given back. */
class ApiAddressTest {
  private final AtomicInteger names = new AtomicInteger();
  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private HttpCalls.Reply ask(String network, String more) throws IOException {
    return api.post(
        "/instance-ips",
        "{'instance-ip':{'fq_name':['i"
            + names.incrementAndGet()
            + "'],'virtual_network_refs':[{'uuid':'"
            + network
            + "'}]"
            + more
            + "}}");
  }

  private String given(HttpCalls.Reply reply) throws IOException {
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return api.read("instance-ip", reply.json().path("instance-ip").path("uuid").asString())
        .path("instance_ip_address")
        .asString();
  }

  @Test
  void downwardsUnlessFromStart() throws IOException {
    String down = api.network("down", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
    JsonNode subnet =
        api.read("virtual-network", down).at("/network_ipam_refs/0/attr/ipam_subnets/0");
    assertThat(subnet.path("default_gateway").asString()).isEqualTo("10.1.1.254");
    assertThat(subnet.path("dns_server_address").asString()).isEqualTo("10.1.1.253");
    assertThat(given(ask(down, ""))).isEqualTo("10.1.1.252");
    assertThat(given(ask(down, ""))).isEqualTo("10.1.1.251");
    String up =
        api.network(
            "up", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24},'addr_from_start':true}");
    subnet = api.read("virtual-network", up).at("/network_ipam_refs/0/attr/ipam_subnets/0");
    assertThat(subnet.path("default_gateway").asString()).isEqualTo("10.1.1.1");
    assertThat(subnet.path("dns_server_address").asString()).isEqualTo("10.1.1.2");
    assertThat(given(ask(up, ""))).isEqualTo("10.1.1.3");
    String dns =
        api.network(
            "dns",
            "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24},'addr_from_start':true,'dns_server_address':'8.8.8.8'}");
    assertThat(given(ask(dns, ""))).isEqualTo("10.1.1.2");
  }

  @Test
  void fromPoolsAndBothFamilies() throws IOException {
    String network =
        api.network(
            "pools",
            "{'subnet':{'ip_prefix':'10.2.0.0','ip_prefix_len':16},'addr_from_start':true,'allocation_pools':[{'start':'10.2.9.1','end':'10.2.9.2'},{'start':'10.2.5.7','end':'10.2.5.7'}]},"
                + "{'subnet':{'ip_prefix':'fd00::','ip_prefix_len':64},'addr_from_start':true}");
    assertThat(given(ask(network, ""))).isEqualTo("10.2.5.7");
    assertThat(given(ask(network, ""))).isEqualTo("10.2.9.1");
    assertThat(given(ask(network, ""))).isEqualTo("10.2.9.2");
    assertThat(ask(network, "").text())
        .isEqualTo(
            "Virtual-Network(['default-domain', 'default-project', 'pools']) has exhausted subnet(['10.2.0.0/16'])");
    assertThat(given(ask(network, ",'instance_ip_family':'v6'"))).isEqualTo("fd00::3");
    assertThat(given(ask(network, ",'instance_ip_address':'10.2.200.1'"))).isEqualTo("10.2.200.1");
  }

  @Test
  void asRequestedButOnlyOnce() throws IOException {
    String network = api.network("asked", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
    HttpCalls.Reply first = ask(network, ",'instance_ip_address':'10.1.1.77'");
    assertThat(given(first)).isEqualTo("10.1.1.77");
    HttpCalls.Reply second = ask(network, ",'instance_ip_address':'10.1.1.77'");
    assertThat(second.status() + " " + second.text()).isEqualTo("409 IP address already in use");
    HttpCalls.Reply outside = ask(network, ",'instance_ip_address':'10.9.1.1'");
    assertThat(outside.status() + " " + outside.text())
        .isEqualTo(
            "400 Virtual-Network(['default-domain', 'default-project', 'asked']) has exhausted subnet([])");
    assertThat(given(ask(network, ",'instance_ip_address':'10.1.1.254'")))
        .as("the gateway's")
        .isEqualTo("10.1.1.254");
    assertThat(ask(network, ",'instance_ip_address':'10.1.1.255'").status()).isEqualTo(400);
    assertThat(ask(network, ",'instance_ip_address':'10.1.1'").text())
        .isEqualTo("Invalid IP address in instance_ip_address: 10.1.1");
    String uuid = first.json().path("instance-ip").path("uuid").asString();
    assertThat(
            api.put("/instance-ip/" + uuid, "{'instance-ip':{'instance_ip_address':'10.1.1.78'}}")
                .status())
        .isEqualTo(400);
    assertThat(api.delete("/instance-ip/" + uuid).ok()).isTrue();
    assertThat(given(ask(network, ",'instance_ip_address':'10.1.1.77'"))).isEqualTo("10.1.1.77");
  }

  @Test
  void subnetsInUseStay() throws IOException {
    String network =
        api.network(
            "stay",
            "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}},{'subnet':{'ip_prefix':'10.1.2.0','ip_prefix_len':24}}");
    JsonNode before = api.read("virtual-network", network).path("network_ipam_refs");
    HttpCalls.Reply ip = ask(network, "");
    String put =
        "{'virtual-network':{'network_ipam_refs':[{'to':['default-domain','default-project','default-network-ipam'],'attr':{'ipam_subnets':[%s]}}]}}";
    String second = "{'subnet':{'ip_prefix':'10.1.2.0','ip_prefix_len':24}}";
    HttpCalls.Reply refused = api.put("/virtual-network/" + network, put.formatted(second));
    assertThat(refused.status() + " " + refused.text())
        .isEqualTo("409 Cannot Delete IP Block, IP(['10.1.1.252']) is in use");
    HttpCalls.Reply gateway =
        api.put(
            "/virtual-network/" + network,
            put.formatted(
                "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24},'default_gateway':'10.1.1.1'},"
                    + second));
    assertThat(gateway.status() + " " + gateway.text())
        .isEqualTo("400 default gateway change is not allowed orig: 10.1.1.254, new: 10.1.1.1");
    assertThat(
            api.put(
                    "/virtual-network/" + network,
                    put.formatted(
                        "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}," + second))
                .ok())
        .isTrue();
    assertThat(api.read("virtual-network", network).path("network_ipam_refs"))
        .as("uuids and gateways are kept")
        .isEqualTo(before);
    api.delete("/instance-ip/" + ip.json().path("instance-ip").path("uuid").asString());
    assertThat(api.put("/virtual-network/" + network, put.formatted(second)).ok()).isTrue();
    assertThat(ask(network, ",'instance_ip_address':'10.1.1.9'").status()).isEqualTo(400);
  }

  @Test
  void floatingFromThePoolsNetwork() throws IOException {
    String network =
        api.network("public", "{'subnet':{'ip_prefix':'192.0.2.0','ip_prefix_len':29}}");
    String pool =
        api.create(
            "floating-ip-pool",
            "{'fq_name':['default-domain','default-project','public','fip-pool']}");
    String ip =
        api.create(
            "floating-ip",
            "{'fq_name':['default-domain','default-project','public','fip-pool','f1'],'parent_type':'floating-ip-pool'}");
    assertThat(api.read("floating-ip", ip).path("floating_ip_address").asString())
        .isEqualTo("192.0.2.4");
    assertThat(given(ask(network, ""))).isEqualTo("192.0.2.3");
    assertThat(api.delete("/floating-ip/" + ip).ok()).isTrue();
    assertThat(given(ask(network, ""))).isEqualTo("192.0.2.4");
    assertThat(api.delete("/floating-ip-pool/" + pool).ok()).isTrue();
  }

  @Test
  void flatSubnetsOfAnIpam() throws IOException {
    String ipam =
        api.create(
            "network-ipam",
            "{'fq_name':['default-domain','default-project','flat'],'ipam_subnet_method':'flat-subnet','ipam_subnets':{'subnets':[{'subnet':{'ip_prefix':'10.7.0.0','ip_prefix_len':29}}]}}");
    String one =
        api.create(
            "virtual-network",
            "{'fq_name':['default-domain','default-project','f1'],'virtual_network_properties':{'forwarding_mode':'l3'},'network_ipam_refs':[{'uuid':'"
                + ipam
                + "','attr':{'ipam_subnets':[]}}]}");
    String other =
        api.create(
            "virtual-network",
            "{'fq_name':['default-domain','default-project','f2'],'virtual_network_properties':{'forwarding_mode':'l3'},'network_ipam_refs':[{'uuid':'"
                + ipam
                + "','attr':{'ipam_subnets':[]}}]}");
    assertThat(given(ask(one, ""))).isEqualTo("10.7.0.4");
    assertThat(given(ask(other, ""))).isEqualTo("10.7.0.3");
  }

  @Test
  void sixteenAtOnceNeverTheSame() throws Exception {
    rush(List.of(api), 16);
  }

  @Test
  void sixteenAtTwoServersNeverTheSame() throws Exception {
    try (TestApi other = api.second()) {
      rush(List.of(api, other), 16);
    }
  }

  @Test
  void eightAtOnceOnDiskNeverTheSame(@TempDir Path directory) throws Exception {
    try (TestApi disk = TestApi.onDisk(directory)) {
      rush(List.of(disk), 8);
    }
  }

  /** More ask for an address than a subnet has: all of it is given, none twice. */
  private void rush(List<TestApi> servers, int atOnce) throws Exception {
    TestApi first = servers.getFirst();
    String network =
        first.network("rush", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':28}}");
    for (TestApi server : servers) {
      server.db.sync().toCompletableFuture().get();
    }
    List<Callable<HttpCalls.Reply>> asks = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      TestApi server = servers.get(i % servers.size());
      String body =
          "{'instance-ip':{'fq_name':['r"
              + i
              + "'],'virtual_network_refs':[{'uuid':'"
              + network
              + "'}]}}";
      asks.add(() -> server.post("/instance-ips", body));
    }
    Set<String> addresses = new HashSet<>();
    int refused = 0;
    try (ExecutorService threads = Executors.newFixedThreadPool(atOnce)) {
      for (Future<HttpCalls.Reply> future : threads.invokeAll(asks)) {
        HttpCalls.Reply reply = future.get();
        if (reply.ok()) {
          first.db.sync().toCompletableFuture().get();
          String uuid = reply.json().path("instance-ip").path("uuid").asString();
          assertThat(
                  addresses.add(
                      first.read("instance-ip", uuid).path("instance_ip_address").asString()))
              .isTrue();
        } else {
          assertThat(reply.status() + " " + reply.text())
              .isEqualTo(
                  "400 Virtual-Network(['default-domain', 'default-project', 'rush']) has exhausted"
                      + " subnet(['10.1.1.0/28'])");
          refused++;
        }
      }
    }
    assertThat(addresses)
        .hasSize(12)
        .doesNotContain("10.1.1.0", "10.1.1.13", "10.1.1.14", "10.1.1.15");
    assertThat(refused).isEqualTo(12);
    String subnet =
        first
            .read("virtual-network", network)
            .at("/network_ipam_refs/0/attr/ipam_subnets/0/subnet_uuid")
            .asString();
    assertThat(first.db.image().allocations("ip/" + network + "/" + subnet)).hasSize(12);
  }

  @Test
  void networkIdsAtOnceNeverTheSame() throws Exception {
    List<Callable<String>> creates = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      String name = "n" + i;
      creates.add(() ->
          api.create(
              "virtual-network",
              "{'fq_name':['default-domain','default-project','" + name + "']}"));
    }
    Set<Integer> ids = new HashSet<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
      for (Future<String> future : threads.invokeAll(creates)) {
        ids.add(
            api.read("virtual-network", future.get()).path("virtual_network_network_id").asInt());
      }
    }
    assertThat(ids).hasSize(40).allMatch(id -> id >= 5 && id < 60);
  }

  @Test
  void aSubnetGoesOrGivesAnAddressNeverBoth() throws Exception {
    String without =
        "{'virtual-network':{'network_ipam_refs':[{'to':['default-domain','default-project','default-network-ipam'],'attr':{'ipam_subnets':[]}}]}}";
    try (ExecutorService threads = Executors.newFixedThreadPool(2)) {
      for (int round = 0; round < 30; round++) {
        String network =
            api.network("race" + round, "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
        Future<HttpCalls.Reply> address = threads.submit(() -> ask(network, ""));
        Future<HttpCalls.Reply> removal =
            threads.submit(() -> api.put("/virtual-network/" + network, without));
        assertThat(address.get().ok()).isNotEqualTo(removal.get().ok());
      }
    }
  }
}
