package weft.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.net.IpPrefix;

/** Clients that take too much of a server, while others go on being served. */
@Timeout(120)
class HttpLimitsTest {
  private static final Duration SHORT = Duration.ofMillis(700);
  private static final int LARGE = 64 << 20;
  private static final String GET = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

  private final List<Socket> sockets = new ArrayList<>();
  private final CountDownLatch released = new CountDownLatch(1);
  private HttpServer server;

  @BeforeEach
  void start() throws IOException {
    Routes routes =
        Routes.builder()
            .get("/", _ -> Response.text(200, "home"))
            .post("/echo", request -> Response.json(request.json()))
            .get("/large", _ -> Response.text(200, "x".repeat(LARGE)))
            .get(
                "/wait",
                _ -> {
                  assertThat(released.await(60, TimeUnit.SECONDS)).isTrue();
                  return Response.text(200, "waited");
                })
            .build();
    HttpLimits limits =
        HttpLimits.USUAL
            .withConnections(32, 6, List.of(IpPrefix.parse("127.0.0.9/32")))
            .withTimes(SHORT, SHORT, SHORT, SHORT);
    server = HttpServer.start(new HttpOptions("0.0.0.0", 0).withLimits(limits), routes);
  }

  @AfterEach
  void stop() throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
    server.close();
  }

  private Socket from(String address) throws IOException {
    Socket socket = new Socket();
    sockets.add(socket);
    socket.bind(new InetSocketAddress(address, 0));
    socket.setSoTimeout(60_000);
    socket.connect(new InetSocketAddress("127.0.0.1", server.port()));
    return socket;
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private static String rest(Socket socket) throws IOException {
    return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
  }

  private static String begin(Socket socket) throws IOException {
    return new String(socket.getInputStream().readNBytes(12), StandardCharsets.ISO_8859_1);
  }

  /** On a connection of its own. */
  private void assertServed(String address) throws IOException {
    try (Socket socket = from(address)) {
      send(socket, GET);
      assertThat(begin(socket)).isEqualTo("HTTP/1.1 200");
    }
  }

  /** Sends a byte at a time until the other side has had enough. */
  private static Thread dribble(Socket socket, String text) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            for (int i = 0; !socket.isClosed(); i++) {
              socket.getOutputStream().write(text.charAt(i % text.length()));
              LockSupport.parkNanos(20_000_000);
            }
          } catch (IOException _) {
            // Ended, as it should be.
          }
        });
  }

  @Test
  void headersThatNeverEnd() throws Exception {
    Socket slow = from("127.0.0.2");
    send(slow, "GET / HTTP/1.1\r\nHost: x\r\nX: ");
    Thread dribbling = dribble(slow, "abc");
    Socket half = from("127.0.0.2");
    send(half, "GET / HT");
    assertServed("127.0.0.2");
    assertThat(begin(slow)).isEqualTo("HTTP/1.1 408");
    assertThat(rest(half)).startsWith("HTTP/1.1 408").contains("took too long");
    assertServed("127.0.0.2");
    slow.close();
    dribbling.join();
  }

  @Test
  void bodiesThatNeverEnd() throws Exception {
    String head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n";
    Socket half = from("127.0.0.2");
    send(half, head + "\"half");
    Socket slow = from("127.0.0.2");
    send(slow, head + "\"");
    Thread dribbling = dribble(slow, "x");
    Socket chunked = from("127.0.0.2");
    send(chunked, "POST /echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n20\r\n\"");
    assertServed("127.0.0.2");
    assertThat(rest(half)).startsWith("HTTP/1.1 408");
    assertThat(begin(slow)).isEqualTo("HTTP/1.1 408");
    assertThat(rest(chunked)).startsWith("HTTP/1.1 408");
    slow.close();
    dribbling.join();
  }

  @Test
  void connectionsWithoutARequest() throws Exception {
    Socket silent = from("127.0.0.2");
    Socket idle = from("127.0.0.2");
    send(idle, GET);
    assertThat(rest(idle)).startsWith("HTTP/1.1 200").endsWith("home");
    assertThat(rest(silent)).isEmpty();
    assertServed("127.0.0.2");
  }

  @Test
  void aHandlerMayTakeItsTime() throws Exception {
    Socket waiting = from("127.0.0.2");
    send(waiting, "GET /wait HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    for (int i = 0; i < 2; i++) {
      assertThat(rest(from("127.0.0.3"))).as("as long as no client may be silent").isEmpty();
    }
    released.countDown();
    assertThat(rest(waiting)).startsWith("HTTP/1.1 200").endsWith("waited");
  }

  @Test
  void answersThatNobodyTakes() throws Exception {
    Socket taking = from("127.0.0.2");
    Socket stuck = from("127.0.0.2");
    String get = "GET /large HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    send(stuck, get);
    long before = metric("weft_http_expired_total{phase=\"writing\"}");
    send(taking, get);
    assertThat(rest(taking)).hasSizeGreaterThan(LARGE);
    while (metric("weft_http_expired_total{phase=\"writing\"}") == before) {
      assertServed("127.0.0.3");
    }
    try {
      assertThat(stuck.getInputStream().readAllBytes()).hasSizeLessThan(LARGE);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  private static long metric(String name) {
    String text = HttpMetrics.addTo(new OpenMetrics()).toString();
    return text.lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
        .sum();
  }

  /** Open, and in the middle of a request that is handled. */
  private void occupy(String address, int count) throws IOException {
    for (int i = 0; i < count; i++) {
      send(from(address), "GET /wait HTTP/1.1\r\nHost: x\r\n\r\n");
    }
  }

  private void assertRefused(String address) throws IOException {
    try (Socket socket = from(address)) {
      send(socket, GET);
      assertThat(rest(socket))
          .startsWith("HTTP/1.1 503")
          .contains("Retry-After")
          .endsWith("Too many connections");
    }
  }

  @Test
  void connectionsFromOneAddress() throws Exception {
    occupy("127.0.0.2", 6);
    assertRefused("127.0.0.2");
    assertServed("127.0.0.3");
    occupy("127.0.0.9", 12);
    assertServed("127.0.0.9");
    assertThat(metric("weft_http_refused_total{reason=\"too_many_from_client\"}")).isPositive();
    released.countDown();
    untilServed("127.0.0.2");
  }

  @Test
  void connectionsFromAllAddresses() throws Exception {
    for (int i = 0; i < 28; i++) {
      occupy("127.0.1." + i, 1);
    }
    assertRefused("127.0.2.1");
    assertServed("127.0.0.9");
    released.countDown();
    untilServed("127.0.2.1");
  }

  /** What was open before may take a moment to be gone. */
  private void untilServed(String address) throws IOException {
    while (true) {
      try (Socket socket = from(address)) {
        send(socket, GET);
        if (begin(socket).equals("HTTP/1.1 200")) {
          return;
        }
      } catch (SocketException _) {
        continue; // not even an answer
      }
    }
  }

  @Test
  void aFloodOfConnections() throws Exception {
    for (int i = 0; i < 1000; i++) {
      try {
        sockets.add(from("127.0.0.2"));
      } catch (SocketException e) {
        assertThat(e).as("refused while it connects").isNotNull();
      }
      if (i % 100 == 0) {
        assertServed("127.0.0.3");
      }
    }
    for (Socket socket : sockets) {
      socket.close();
    }
    untilServed("127.0.0.2");
  }

  @Test
  void headersThatAreTooLong() throws Exception {
    Socket socket = from("127.0.0.2");
    send(socket, "GET / HTTP/1.1\r\nHost: x\r\nX: " + "x".repeat(40_000) + "\r\n\r\n");
    assertThat(begin(socket)).isEqualTo("HTTP/1.1 400");
    assertServed("127.0.0.2");
  }
}
