package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;
import weft.keystone.Keystone;
import weft.keystone.KeystoneOptions;

/** What Nova hears of plugged ports, over HTTP, with answers as Nova gives them. */
@Timeout(120)
class NovaEventsTest {
  private static final UUID PORT = UUID.fromString("7c1a6ad4-8c60-4d63-9d0b-1f4b2f9b9b01");
  private static final UUID MACHINE = UUID.fromString("1b671a64-40d5-491e-99b0-da01ff1f3341");

  private record Told(String token, JsonNode events) {}

  private final LinkedBlockingQueue<Told> told = new LinkedBlockingQueue<>();
  private final LinkedBlockingQueue<Response> answers = new LinkedBlockingQueue<>();
  private final AtomicInteger tokens = new AtomicInteger();
  private HttpServer server;
  private Keystone keystone;
  private NovaEvents events;

  @BeforeEach
  void start() throws IOException {
    Routes routes =
        Routes.builder()
            .post("/v3/auth/tokens", _ -> logIn())
            .post("/v2.1/os-server-external-events", this::take)
            .build();
    server = HttpServer.start(new HttpOptions("127.0.0.1", 0), routes);
    String url = "http://127.0.0.1:" + server.port();
    keystone =
        new Keystone(
            new KeystoneOptions(
                URI.create(url),
                "weft",
                "Default",
                "secret",
                "service",
                "Default",
                null,
                Duration.ofSeconds(30),
                10,
                Duration.ofSeconds(10),
                Duration.ofSeconds(10)),
            InstantSource.system());
    events =
        NovaEvents.start(
            new HttpCalls(url + "/v2.1", Duration.ofSeconds(30)),
            keystone,
            Map.of(PORT, MACHINE)::get);
  }

  @AfterEach
  void stop() {
    events.close();
    keystone.close();
    server.close();
  }

  private Response logIn() {
    String body =
        """
        {"token":{"user":{"id":"u","name":"weft","domain":{"id":"default","name":"Default"}},
         "project":{"id":"p","name":"service","domain":{"id":"default","name":"Default"}},
         "roles":[{"name":"admin"}],"expires_at":"%s"}}
        """
            .formatted(Instant.now().plus(Duration.ofHours(1)));
    return Response.json(201, Json.parse(body))
        .withHeader("X-Subject-Token", "token-" + tokens.incrementAndGet());
  }

  private Response take(Request request) {
    told.add(
        new Told(String.valueOf(request.header("X-Auth-Token")), request.json().path("events")));
    Response answer = answers.poll();
    return answer == null ? Response.json(Json.object()) : answer;
  }

  private Told next() throws InterruptedException {
    Told next = told.poll(60, TimeUnit.SECONDS);
    assertThat(next).as("what Nova is told").isNotNull();
    return next;
  }

  private static Response perEvent(int code) {
    return Response.json(
        207,
        Json.parse(
            "{\"events\":[{\"tag\":\"%s\",\"server_uuid\":\"%s\",\"code\":%d}]}"
                .formatted(PORT, MACHINE, code)));
  }

  @Test
  void aPortOfAMachineIsToldAndOthersAreNot() throws Exception {
    events.plugged(UUID.randomUUID());
    events.plugged(PORT);
    Told first = next();
    assertThat(first.token()).isEqualTo("token-1");
    assertThat(first.events())
        .isEqualTo(
            Json.parse(
                """
                [{"name":"network-vif-plugged","status":"completed","server_uuid":"%s","tag":"%s"}]
                """
                    .formatted(MACHINE, PORT)));
  }

  @Test
  void itIsToldAgainUntilNovaTakesIt() throws Exception {
    answers.add(Response.text(503, "not now"));
    answers.add(Response.text(207, "no JSON"));
    answers.add(Response.json(207, Json.parse("{\"events\":[{\"tag\":\"no id\",\"code\":200}]}")));
    answers.add(perEvent(422));
    answers.add(perEvent(200));
    events.plugged(PORT);
    List<JsonNode> heard = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      heard.add(next().events());
    }
    assertThat(heard).containsOnly(heard.getFirst());
    // Nothing is pending now: the next is news again, and the only one.
    events.plugged(PORT);
    assertThat(next().events()).hasSize(1);
    assertThat(told).isEmpty();
  }

  @Test
  void aTokenThatNovaDoesNotTakeIsReplaced() throws Exception {
    answers.add(Response.text(401, "who are you"));
    events.plugged(PORT);
    assertThat(next().token()).isEqualTo("token-1");
    assertThat(next().token()).isEqualTo("token-2");
  }
}
