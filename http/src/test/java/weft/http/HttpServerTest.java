package weft.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server as a client sees it, over real sockets. */
class HttpServerTest {
  private HttpServer server;
  private HttpCalls calls;

  @BeforeEach
  void start() throws IOException {
    Routes routes =
        Routes.builder()
            .get("/", request -> Response.text(200, "home"))
            .get("/thing/{id}", request -> Response.text(200, "thing " + request.param("id")))
            .get("/thing/special", request -> Response.text(200, "special"))
            .get("/thing/{id}/part/{n}", request -> Response.json(Json.tree(request.pathParams())))
            .post("/echo", request -> Response.json(request.json()))
            .get("/query", request -> Response.json(Json.tree(request.query().parameters())))
            .get(
                "/stream",
                request ->
                    Response.stream(
                        Response.PLAIN,
                        out -> {
                          out.write("one,".getBytes(StandardCharsets.UTF_8));
                          out.flush();
                          out.write("two".getBytes(StandardCharsets.UTF_8));
                          if (request.query().has("break")) {
                            out.flush();
                            throw new IllegalStateException("in the middle");
                          }
                        }))
            .get(
                "/refused",
                request -> {
                  throw HttpError.conflict("it is taken");
                })
            .get(
                "/broken",
                request -> {
                  throw new IllegalStateException("secret detail");
                })
            .build();
    server = HttpServer.start(new HttpOptions("127.0.0.1", 0, 1000), routes);
    calls = new HttpCalls("http://127.0.0.1:" + server.port());
  }

  @AfterEach
  void stop() {
    calls.close();
    server.close();
  }

  @Test
  void saysThatAnAddressIsTaken() {
    assertThatThrownBy(() ->
            HttpServer.start(new HttpOptions("127.0.0.1", server.port()), Routes.builder().build()))
        .isInstanceOf(IOException.class)
        .hasMessage("cannot listen on 127.0.0.1:" + server.port());
  }

  @Test
  void routesByLiteralThenParameter() throws IOException {
    assertThat(calls.get("/").text()).isEqualTo("home");
    assertThat(calls.get("/thing/7").text()).isEqualTo("thing 7");
    assertThat(calls.get("/thing/special").text()).isEqualTo("special");
    assertThat(calls.get("/thing/special/part/2").json())
        .isEqualTo(Json.parse("{\"id\":\"special\",\"n\":\"2\"}"));
    assertThat(calls.get("/thing/a%2Fb%20c").status()).isEqualTo(404);
    assertThat(calls.get("/thing/a%20c+").text()).isEqualTo("thing a c+");
  }

  @Test
  void answersUnknownPathWithItsName() throws IOException {
    HttpCalls.Reply reply = calls.get("/no-such-type");
    assertThat(reply.status()).isEqualTo(404);
    assertThat(reply.text()).isEqualTo("Not found: '/no-such-type'");
    assertThat(reply.header("Content-Type")).isEqualTo("text/html; charset=UTF-8");
    assertThat(calls.delete("/echo").status()).isEqualTo(405);
    assertThat(calls.delete("/echo").header("allow")).isEqualTo("POST");
  }

  @Test
  void readsQueryAndJson() throws IOException {
    assertThat(calls.get("/query?a=1&b=x%20y&a=2&flag").text())
        .isEqualTo("{\"a\":[\"1\",\"2\"],\"b\":[\"x y\"],\"flag\":[\"\"]}");
    assertThat(calls.post("/echo", Json.parse("{\"x\":18446744073709551615}")).text())
        .isEqualTo("{\"x\":18446744073709551615}");
    HttpCalls.Reply bad = calls.call("POST", "/echo", "{bad json");
    assertThat(bad.status()).isEqualTo(400);
    assertThat(bad.text()).startsWith("Bad Request, invalid JSON in body at line 1, column ");
    assertThat(calls.call("POST", "/echo", "").text()).isEqualTo("Bad Request, no JSON in body");
  }

  @Test
  void refusesLargeBodies() throws IOException {
    HttpCalls.Reply reply = calls.call("POST", "/echo", "\"" + "x".repeat(2000) + "\"");
    assertThat(reply.status()).isEqualTo(413);
    assertThat(calls.call("POST", "/echo", "\"" + "x".repeat(998) + "\"").status()).isEqualTo(200);
    assertThat(
            raw(
                "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n7d0\r\n"
                    + "x".repeat(2000)
                    + "\r\n0\r\n\r\n"))
        .startsWith("HTTP/1.1 413");
  }

  @Test
  void hidesTheCauseOfFailures() throws IOException {
    assertThat(calls.get("/refused").status()).isEqualTo(409);
    assertThat(calls.get("/refused").text()).isEqualTo("it is taken");
    HttpCalls.Reply broken = calls.get("/broken");
    assertThat(broken.status()).isEqualTo(500);
    assertThat(broken.text()).isEqualTo("Internal Server Error: IllegalStateException");
  }

  @Test
  void streamsABody() throws IOException {
    HttpCalls.Reply reply = calls.get("/stream");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("content-type")).isEqualTo(Response.PLAIN);
    assertThat(reply.text()).isEqualTo("one,two");
    assertThat(calls.call("HEAD", "/stream", null).text()).isEmpty();
    assertThat(calls.get("/").text()).isEqualTo("home");
    assertThatThrownBy(() -> calls.get("/stream?break"))
        .as("a body that breaks off is not taken for complete")
        .isInstanceOf(IOException.class);
  }

  @Test
  void survivesGarbage() throws IOException {
    assertThat(raw("\u0000\u0001garbage\r\n\r\n")).startsWith("HTTP/1.1 400");
    assertThat(raw("GET /thing/%zz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
        .startsWith("HTTP/1.1 400");
    assertThat(raw("GET /" + "x".repeat(100_000) + " HTTP/1.1\r\n\r\n")).startsWith("HTTP/1.1 4");
    assertThat(raw("GET /query?a=%zz HTTP/1.1\r\nHost: x\r\n\r\n")).startsWith("HTTP/1.1 400");
    assertThat(calls.get("/").text()).isEqualTo("home");
  }

  @Test
  void keepsTheConnectionInStep() throws IOException {
    String body = "\"" + "x".repeat(500) + "\"";
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(5000);
      send(socket, "HEAD /thing/7 HTTP/1.1\r\nHost: x\r\n\r\n");
      send(
          socket,
          "POST /refused HTTP/1.1\r\nHost: x\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      send(
          socket,
          "GET /refused HTTP/1.1\r\nHost: x\r\nContent-Length: "
              + body.length()
              + "\r\n\r\n"
              + body);
      send(socket, "GET /thing/8 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
      String all = new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
      assertThat(all.split("HTTP/1.1 ", -1)).hasSize(5);
      assertThat(all.indexOf("thing 7")).as("no body for HEAD").isEqualTo(-1);
      assertThat(all)
          .containsIgnoringCase("content-length: 7")
          .contains("405", "409")
          .endsWith("thing 8");
    }
  }

  @Test
  void asksForABodyThatIsHeldBack() throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(5000);
      send(
          socket,
          "POST /echo HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
      assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1))
          .isEqualTo("HTTP/1.1 100");
      send(socket, "\"x\"");
      assertThat(new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
          .contains("200")
          .endsWith("\"x\"");
    }
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private String raw(String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", server.port())) {
      socket.setSoTimeout(5000);
      socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
      return new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
    }
  }
}
