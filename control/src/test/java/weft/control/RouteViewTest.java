package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.testkit.OpenMetricsText;

/** What a control node shows of routes, peers and route targets, in pages and narrowed. */
@Timeout(120)
class RouteViewTest {
  private static final int ROUTES = 300;

  private TestNode node;
  private String red;
  private TestAgent one;

  @BeforeEach
  void start() throws Exception {
    node = new TestNode(Duration.ofSeconds(30));
    red = node.config.network("demo", "red", 4).instanceName();
    one = node.agent("host1", "172.31.0.11");
    one.subscribe(red, 3);
    for (int i = 0; i < ROUTES; i++) {
      one.publish(red, one.inet("10.1." + i / 200 + "." + i % 200 + "/32", 100 + i));
    }
    one.await("its routes", () -> one.inet(red).size() == ROUTES);
  }

  @AfterEach
  void stop() {
    node.close();
    assertThat(node.faults).isEmpty();
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  /** All pages of a list; `between` happens after the first. */
  private List<String> pages(String path, String list, String field, Runnable between) {
    List<String> found = new ArrayList<>();
    String after = "";
    int pages = 0;
    do {
      JsonNode answer = node.get(path + (after.isEmpty() ? "" : "&after=" + encoded(after)));
      answer.path(list).forEach(row -> found.add(row.path(field).asString()));
      after = answer.path("next").asString("");
      if (pages++ == 0) {
        between.run();
      }
    } while (!after.isEmpty());
    assertThat(pages).isGreaterThan(1);
    return found;
  }

  @Test
  void pagesShowEachRouteOnceWhileTheTableChanges() {
    List<String> before =
        pages("/routes?limit=7&table=" + red + ".inet.0", "routes", "prefix", () -> {});
    assertThat(before).hasSize(ROUTES).doesNotHaveDuplicates();
    assertThat(before.getFirst()).isEqualTo("10.1.0.0/32");
    assertThat(before.getLast()).isEqualTo("10.1.1.99/32");

    Set<String> staying = new HashSet<>(before);
    List<String> during =
        pages(
            "/routes?limit=64&table=" + red + ".inet.0",
            "routes",
            "prefix",
            () -> {
              // The last of the first page is gone when the next one begins.
              for (String gone : List.of("10.1.0.63/32", "10.1.1.7/32")) {
                one.withdraw(red, one.inet(gone, 1));
                staying.remove(gone);
              }
              for (int i = 0; i < 500; i++) {
                one.publish(red, one.inet("10.2." + i / 200 + "." + i % 200 + "/32", 50));
              }
              one.await("the change", () -> one.inet(red).size() == ROUTES + 498);
            });
    assertThat(during).doesNotHaveDuplicates().containsAll(staying).doesNotContain("10.1.1.7/32");

    List<String> everywhere = pages("/routes?limit=50", "routes", "table", () -> {});
    assertThat(everywhere).hasSize(2 * (ROUTES + 498) + 1).isSorted();
    assertThat(node.get("/tables?table=" + red + ".inet.0").path("tables").get(0).path("paths"))
        .hasToString(Integer.toString(ROUTES + 498));
  }

  @Test
  void filtersNarrow() {
    one.publish(red, one.mac("02:00:00:00:00:03", "10.1.0.3/32", 26));
    one.await("the MAC", () -> one.evpn(red).size() == 1);
    assertThat(prefixes("table=" + red + ".inet.0&within=10.1.1.0/24")).hasSize(100);
    assertThat(prefixes("prefix=10.1.0.3/32"))
        .containsExactly(
            "172.31.0.11:3:10.1.0.3/32",
            "172.31.0.11:3:02:00:00:00:00:03,10.1.0.3/32",
            "10.1.0.3/32",
            "02:00:00:00:00:03,10.1.0.3/32");
    assertThat(prefixes("prefix=02:00:00:00:00:03&table=" + red))
        .containsExactly("02:00:00:00:00:03,10.1.0.3/32");
    assertThat(prefixes("prefix=172.31.0.11:3:10.1.0.3/32"))
        .containsExactly(
            "172.31.0.11:3:10.1.0.3/32", "172.31.0.11:3:02:00:00:00:00:03,10.1.0.3/32");
    assertThat(prefixes("source=host1&protocol=bgp")).isEmpty();
    assertThat(prefixes("source=host1&table=" + red + ".evpn.0&best=true")).hasSize(1);
    assertThat(prefixes("target=target:64512:8000004&table=bgp.l3vpn.0")).hasSize(ROUTES);
    assertThat(prefixes("best=false")).isEmpty();
    assertThat(node.get("/peers?type=XMPP&state=established").path("peers")).hasSize(1);
    assertThat(node.get("/peers?type=BGP").path("peers")).isEmpty();
    assertThat(node.get("/peers?peer=172.31.0.11").path("peers")).isEmpty();
  }

  private List<String> prefixes(String query) {
    List<String> found = new ArrayList<>();
    node.get("/routes?" + query)
        .path("routes")
        .forEach(row -> found.add(row.path("prefix").asString()));
    return found;
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    assertThat(node.text("/routes?tabel=x"))
        .startsWith("No parameter 'tabel'; there are: after, best, limit,");
    assertThat(node.text("/routes?limit=0"))
        .isEqualTo("limit: '0' is not a number from 1 to 10000");
    assertThat(node.text("/routes?within=10.1.1")).startsWith("within: ");
    assertThat(node.text("/routes?after=nonsense"))
        .isEqualTo("after: 'nonsense' is not what an answer gave as next");
    assertThat(node.text("/rt-groups?target=1")).startsWith("target: ");
  }

  @Test
  void aFlapIsShownWithItsTimeAndReason() {
    JsonNode up = node.get("/peers").path("peers").get(0);
    assertThat(up.path("last_flap").asString()).isEmpty();
    assertThat(up.path("messages_in").asInt()).isGreaterThan(ROUTES);
    one.sendRaw("</stream:stream>".getBytes(StandardCharsets.UTF_8));
    TestNode.await(
        "the flap", () -> node.get("/peers").path("peers").get(0).path("flaps").asInt() > 0);
    JsonNode row = node.get("/peers").path("peers").get(0);
    assertThat(row.path("last_flap_reason").asString()).contains("closed");
    assertThat(java.time.Instant.parse(row.path("last_flap").asString()))
        .isBetween(
            java.time.Instant.now().minusSeconds(120), java.time.Instant.now().plusSeconds(1));
  }

  @Test
  void metricsAreReadByPrometheus() throws Exception {
    SortedMap<String, Double> samples = OpenMetricsText.samples(node.text("/metrics"));
    assertThat(samples)
        .containsEntry("weft_control_sessions{protocol=xmpp,state=up}", 1.0)
        .containsEntry("weft_control_sessions{protocol=bgp,state=up}", 0.0)
        .containsEntry(
            "weft_control_table_routes{family=inet.0,instance=" + red + "}", (double) ROUTES)
        .containsKeys("jvm_memory_used_bytes{area=heap}", "process_cpu_seconds_total{}");
    assertThat(samples.get("weft_control_messages_total{direction=in,protocol=xmpp}"))
        .isGreaterThan(ROUTES);
    assertThat(samples.get("weft_control_update_seconds_count{}"))
        .isPositive()
        .isEqualTo(samples.get("weft_control_update_seconds_bucket{le=+Inf}"));
  }

  @Test
  void aTargetShowsWhoUsesIt() {
    JsonNode group = node.get("/rt-groups?instance=" + encoded(red)).path("rt_groups").get(0);
    assertThat(group.path("route_target").asString()).isEqualTo("target:64512:8000004");
    assertThat(group.path("importers").get(0).asString()).isEqualTo(red);
    assertThat(group.path("exporters").get(0).asString()).isEqualTo(red);
    assertThat(group.path("routes").asInt()).isEqualTo(ROUTES);
    assertThat(group.path("wanted_by")).isEmpty();
  }
}
