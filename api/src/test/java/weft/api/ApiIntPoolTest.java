package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.http.HttpCalls;

/** Pools of integers that clients make. */
class ApiIntPoolTest {
  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
    assertThat(api.post("/int-pools", "{'pool':'vlans','start':10,'end':13}").status())
        .isEqualTo(200);
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private HttpCalls.Reply take(String more) throws IOException {
    return api.post("/int-pool", "{'pool':'vlans','owner':'me'" + more + "}");
  }

  private static void answered(HttpCalls.Reply reply, String expected) {
    assertThat(reply.status() + " " + reply.text()).isEqualTo(expected);
  }

  @Test
  void givesTheLowestOrTheOneAskedFor() throws IOException {
    answered(take(""), "200 {\"value\":10}");
    answered(take(",'value':11"), "200 {\"value\":11}");
    answered(take(",'value':11"), "409 value 11 of int-pool vlans is already in use");
    answered(take(",'value':13"), "400 value 13 is outside of int-pool vlans");
    answered(take(""), "200 {\"value\":12}");
    answered(take(""), "400 int-pool vlans has no free value left");
    answered(api.get("/int-pool?pool=vlans&value=12"), "200 {\"owner\":\"me\"}");
    answered(api.call("GET", "/int-pool", "{'pool':'vlans','value':11}"), "200 {\"owner\":\"me\"}");
    answered(api.call("DELETE", "/int-pool", "{'pool':'vlans','value':10}"), "200 ");
    answered(api.call("DELETE", "/int-pool", "{'pool':'vlans','value':10}"), "200 ");
    answered(
        api.get("/int-pool?pool=vlans&value=10"), "404 value 10 of int-pool vlans is not in use");
    answered(take(""), "200 {\"value\":10}");
  }

  @Test
  void aPoolGoesWithItsValues() throws IOException {
    answered(
        api.post("/int-pools", "{'pool':'vlans','start':1,'end':5}"),
        "409 int-pool vlans already exists");
    take("");
    answered(api.call("DELETE", "/int-pools", "{'pool':'vlans'}"), "200 ");
    answered(api.call("DELETE", "/int-pools", "{'pool':'vlans'}"), "404 int-pool vlans not found");
    answered(take(""), "404 int-pool vlans not found");
    answered(api.post("/int-pools", "{'pool':'vlans','start':10,'end':12}"), "200 ");
    answered(take(""), "200 {\"value\":10}");
  }

  @Test
  void refusesWhatMakesNoSense() throws IOException {
    answered(
        api.post("/int-pools", "{'pool':'x','start':5,'end':5}"),
        "400 Bad Request: int-pool x has no integers from 5 to 5");
    answered(
        api.post("/int-pools", "{'pool':'a/b','start':5,'end':6}"),
        "400 Bad Request: 'a/b' is not a name of an int-pool");
    answered(
        api.post("/int-pools", "{'pool':'x','start':'5','end':6}"),
        "400 Bad Request: start of int-pool is not an integer");
    answered(api.post("/int-pool", "{}"), "400 Bad Request: no pool in int-pool");
    answered(api.get("/int-pool?pool=vlans"), "400 Bad Request: int-pool needs pool and value");
  }

  @Test
  void aRushOnTwoServersNeverGetsTheSame() throws Exception {
    api.post("/int-pools", "{'pool':'rush','start':0,'end':20}");
    try (TestApi other = api.second()) {
      List<Callable<HttpCalls.Reply>> asks = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        TestApi server = i % 2 == 0 ? api : other;
        asks.add(() -> server.post("/int-pool", "{'pool':'rush','owner':'me'}"));
      }
      Set<Long> values = new HashSet<>();
      int refused = 0;
      try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
        for (Future<HttpCalls.Reply> reply : threads.invokeAll(asks)) {
          if (reply.get().ok()) {
            assertThat(values.add(reply.get().json().path("value").asLong())).isTrue();
          } else {
            answered(reply.get(), "400 int-pool rush has no free value left");
            refused++;
          }
        }
      }
      assertThat(values).hasSize(20).allMatch(value -> value >= 0 && value < 20);
      assertThat(refused).isEqualTo(10);
    }
  }
}
