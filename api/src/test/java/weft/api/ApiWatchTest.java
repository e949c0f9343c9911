package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.api.access.Caller;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Routes;

/** Following the config by server-sent events. */
class ApiWatchTest {
  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private EventClient watch(String query) throws IOException {
    return new EventClient(api.base + "/watch?" + query);
  }

  private String group(String name) throws IOException {
    return api.create(
        "security-group", "{'fq_name':['default-domain','default-project','" + name + "']}");
  }

  @Test
  void tellsWhatIsThereAndThenWhatHappens() throws IOException {
    String first = group("first");
    try (EventClient client = watch("resource_type=security_group,network-policy")) {
      EventClient.Event groups = client.next();
      assertThat(groups.name()).isEqualTo("init");
      JsonNode there = groups.data().path("security-groups");
      assertThat(there.toString()).contains("/security-group/" + first);
      assertThat(there.get(0).path("security-group").path("href").asString())
          .startsWith(api.base + "/security-group/");
      assertThat(client.next())
          .isEqualTo(new EventClient.Event("init", TestApi.json("{'network-policys':[]}")));

      api.network("not watched", "{'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24}}");
      String uuid = group("second");
      EventClient.Event created = client.next();
      assertThat(created.name()).isEqualTo("create");
      JsonNode object = created.data().path("security-group");
      assertThat(object.path("uuid").asString()).isEqualTo(uuid);
      assertThat(object.path("security_group_id").asLong()).isGreaterThanOrEqualTo(8_000_000);

      api.put("/security-group/" + uuid, "{'security-group':{'display_name':'shown'}}");
      EventClient.Event updated = client.next();
      assertThat(updated.name()).isEqualTo("update");
      assertThat(updated.data().path("security-group").path("display_name").asString())
          .isEqualTo("shown");

      api.delete("/security-group/" + uuid);
      EventClient.Event deleted = client.next();
      assertThat(deleted.name()).isEqualTo("delete");
      assertThat(deleted.data().path("security-group").path("uuid").asString()).isEqualTo(uuid);
      assertThat(deleted.data().path("security-group").path("fq_name").get(2).asString())
          .isEqualTo("second");
    }
  }

  @Test
  void showsTheFieldsAskedFor() throws IOException {
    group("g");
    try (EventClient client =
        watch("resource_type=security-group&security_group_fields=security_group_id")) {
      JsonNode object = client.next().data().path("security-groups").get(0).path("security-group");
      assertThat(object.has("security_group_id")).isTrue();
      assertThat(object.has("fq_name")).isTrue();
      assertThat(object.has("display_name")).isFalse();
    }
  }

  @Test
  void saysWhenTheServerStops() throws IOException {
    TestApi other = api.second();
    try (EventClient client = new EventClient(other.base + "/watch?resource_type=alarm")) {
      assertThat(client.next().name()).isEqualTo("init");
      other.close();
      assertThat(client.next().name()).isEqualTo("stop");
      assertThat(client.line()).isNull();
    }
  }

  @Test
  void aSignOfLifeWhileNothingHappens() throws IOException {
    try (Watches watches =
            new Watches(
                api.db,
                new weft.api.access.AccessControl(weft.api.access.AaaMode.NO_AUTH),
                Duration.ofMillis(20));
        HttpServer server =
            HttpServer.start(
                new HttpOptions("127.0.0.1", 0),
                Routes.builder()
                    .get(
                        "/watch",
                        request -> {
                          Caller anyone = Caller.anyone(request.origin());
                          return watches.watch(request, anyone, () -> anyone);
                        })
                    .build());
        EventClient client =
            new EventClient("http://127.0.0.1:" + server.port() + "/watch?resource_type=alarm")) {
      assertThat(client.next().name()).isEqualTo("init");
      for (int i = 0; i < 3; i++) {
        assertThat(client.line()).isEqualTo(":");
        assertThat(client.line()).isEmpty();
      }
    }
  }

  /** One client never reads, one is gone: the others hear of everything, writers do not wait. */
  @Test
  void slowAndGoneClientsCostNobody() throws IOException {
    String uuid = group("changing");
    byte[] request =
        "GET /watch?resource_type=security-group HTTP/1.1\r\nHost: x\r\n\r\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    int port = URI.create(api.base).getPort();
    String big = "x".repeat(100_000);
    try (Socket slow = new Socket();
        EventClient client = watch("resource_type=security-group")) {
      slow.setReceiveBufferSize(4096);
      slow.connect(new java.net.InetSocketAddress("127.0.0.1", port));
      slow.getOutputStream().write(request);
      try (Socket gone = new Socket("127.0.0.1", port)) {
        gone.getOutputStream().write(request);
        assertThat(gone.getInputStream().read()).isEqualTo('H');
      }
      assertThat(client.next().name()).isEqualTo("init");
      for (int i = 0; i < 100; i++) {
        String name = i + big;
        assertThat(
                api.put(
                        "/security-group/" + uuid,
                        "{'security-group':{'display_name':'" + name + "'}}")
                    .ok())
            .isTrue();
        EventClient.Event event = client.next();
        assertThat(event.data().path("security-group").path("display_name").asString())
            .isEqualTo(name);
      }
    }
  }
}
