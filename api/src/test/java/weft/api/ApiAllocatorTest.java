package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** Numbers and addresses under servers and clients that get in each other's way. */
class ApiAllocatorTest {
  private static final int CLIENTS = 8;
  private static final int STEPS = 60;
  private static final String P = "'default-domain','default-project',";

  /**
   * Two servers over one store; all clients want the same few addresses and numbers, so that what
   * one server knows is often out of date.
   */
  @Test
  void nothingIsGivenTwiceOrLost() throws Exception {
    long seed = Long.getLong("weft.seed", 3);
    try (TestApi one = TestApi.inMemory();
        TestApi other = one.second();
        ExecutorService threads = Executors.newFixedThreadPool(CLIENTS)) {
      String network = one.network("few", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':28}}");
      one.create("floating-ip-pool", "{'fq_name':[" + P + "'few','pool']}");
      one.post("/int-pools", "{'pool':'few','start':0,'end':5}");
      other.db.sync().toCompletableFuture().get();
      List<Callable<Void>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Client client =
            new Client(i % 2 == 0 ? one : other, i, new Random(seed * 100 + i), network);
        clients.add(() -> {
          for (int step = 0; step < STEPS; step++) {
            client.step(step);
          }
          return null;
        });
      }
      for (Future<Void> future : threads.invokeAll(clients)) {
        future.get();
      }
      one.db.sync().toCompletableFuture().get();
      assertThat(one.post("/db-check", "{}").text())
          .as("seed %s", seed)
          .isEqualTo("{\"results\":[]}");
      checkDistinct(one, "instance-ips", "instance-ip", "instance_ip_address");
      checkDistinct(one, "security-groups", "security-group", "security_group_id");
      checkDistinct(one, "virtual-networks", "virtual-network", "virtual_network_network_id");
      checkDistinct(one, "sub-clusters", "sub-cluster", "sub_cluster_id");
      JsonNode ips = one.get("/instance-ips?count=true").json();
      JsonNode floating = one.get("/floating-ips?count=true").json();
      assertThat(ips.at("/instance-ips/count").asInt() + floating.at("/floating-ips/count").asInt())
          .isLessThanOrEqualTo(12);
    }
  }

  private static void checkDistinct(TestApi api, String plural, String type, String property)
      throws IOException {
    Set<String> seen = new HashSet<>();
    for (JsonNode item : api.get("/" + plural + "?detail=true").json().path(plural)) {
      String value = item.path(type).path(property).asString("");
      assertThat(seen.add(value)).as("%s of %s", value, type).isTrue();
    }
  }

  private record Client(
      TestApi api, int number, Random random, String network, List<String> paths) {
    Client(TestApi api, int number, Random random, String network) {
      this(api, number, random, network, new ArrayList<>());
    }

    void step(int step) throws IOException {
      String name = "c" + number + "-" + step;
      switch (random.nextInt(8)) {
        case 0, 1, 2 -> {
          String wish =
              random.nextBoolean()
                  ? ""
                  : ",'instance_ip_address':'10.1.1." + random.nextInt(1, 13) + "'";
          make("instance-ip", "'" + name + "'", wish + net());
        }
        case 3 -> make("floating-ip", P + "'few','pool','" + name + "'", "");
        case 4 -> make("security-group", P + "'" + name + "'", "");
        case 5 ->
            make(
                "virtual-network",
                P + "'" + name + "'",
                ",'virtual_network_properties':{'vxlan_network_identifier':"
                    + random.nextInt(20, 26)
                    + "}");
        case 6 ->
            make(
                "sub-cluster",
                "'" + name + "'",
                ",'sub_cluster_asn':1,'sub_cluster_id':" + random.nextInt(1, 6));
        default -> {
          HttpCalls.Reply reply = api.post("/int-pool", "{'pool':'few','owner':'" + name + "'}");
          if (reply.ok()) {
            String value = reply.json().path("value").asString();
            String given = "{'pool':'few','value':" + value + "}";
            assertThat(api.get("/int-pool?pool=few&value=" + value).json().path("owner").asString())
                .isEqualTo(name);
            assertThat(api.call("DELETE", "/int-pool", given).status()).isEqualTo(200);
          }
        }
      }
      while (paths.size() > 3) {
        HttpCalls.Reply reply = api.delete(paths.remove(random.nextInt(paths.size())));
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
      }
    }

    private String net() {
      return ",'virtual_network_refs':[{'uuid':'" + network + "'}]";
    }

    private void make(String type, String name, String more) throws IOException {
      String body = "{'" + type + "':{'fq_name':[" + name + "]" + more + "}}";
      HttpCalls.Reply reply = api.post("/" + type + "s", body);
      assertThat(reply.status()).as(reply.text()).isIn(200, 400, 409);
      if (reply.ok()) {
        paths.add("/" + type + "/" + reply.json().path(type).path("uuid").asString());
      }
    }
  }
}
