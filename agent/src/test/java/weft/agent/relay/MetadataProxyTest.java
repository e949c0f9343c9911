package weft.agent.relay;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;
import weft.testkit.Seeds;

/** The proxy between a raw socket and a real HTTP server. */
class MetadataProxyTest {
  private static final UUID INSTANCE = UUID.fromString("8f6a1d8e-0c39-4c3f-8a6c-1c7e0f0b2a11");
  private static final UUID PROJECT = UUID.fromString("0d1c2b3a-4455-6677-8899-aabbccddeeff");
  private final BlockingQueue<Request> seen = new LinkedBlockingQueue<>();
  private HttpServer nova;
  private TcpService proxy;
  private boolean known = true;

  @BeforeEach
  void open() throws IOException {
    Routes routes =
        Routes.builder()
            .get(
                "/latest/meta-data/hostname",
                request -> {
                  seen.add(request);
                  return Response.text(200, "vm-1");
                })
            .post(
                "/openstack/password",
                request -> {
                  seen.add(request);
                  return Response.text(200, new String(request.body(), StandardCharsets.UTF_8));
                })
            .build();
    nova = HttpServer.start(new HttpOptions("127.0.0.1", 0), routes);
    Guests.Guest guest = new Guests.Guest(7, INSTANCE, PROJECT, "10.1.1.3");
    proxy =
        TcpService.start(
            "metadata",
            new InetSocketAddress(InetAddress.getLoopbackAddress(), 0),
            _ -> known ? guest : null,
            new MetadataProxy(new Target(List.of("127.0.0.1"), nova.port()), "secret"));
  }

  @AfterEach
  void close() {
    proxy.close();
    nova.close();
  }

  private String send(byte[] request) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write(request);
      socket.shutdownOutput();
      return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
    }
  }

  private String send(String request) throws IOException {
    return send(request.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1));
  }

  private Map<String, String> headers() throws InterruptedException {
    Request request = seen.poll(10, TimeUnit.SECONDS);
    assertThat(request).isNotNull();
    return request.headers();
  }

  @Test
  void theServiceLearnsWhoAsksAndNothingThatTheGuestClaims() throws Exception {
    String answer =
        send(
            """
            GET /latest/meta-data/hostname HTTP/1.1
            Host: 169.254.169.254
            X-Instance-ID: another
            x-tenant-id: another
            X_Instance_ID: another
            X-Forwarded-For: 10.9.9.9
            X-Instance-ID-Signature: forged
            Metadata-Flavor: any

            """);
    assertThat(answer).startsWith("HTTP/1.1 200 ").endsWith("\r\n\r\nvm-1");
    assertThat(headers())
        .containsEntry("x-instance-id", INSTANCE.toString())
        .containsEntry("x-tenant-id", "0d1c2b3a445566778899aabbccddeeff")
        .containsEntry("x-forwarded-for", "10.1.1.3")
        .containsEntry("host", "127.0.0.1:" + nova.port())
        .containsEntry("metadata-flavor", "any")
        .containsEntry(
            "x-instance-id-signature",
            "ccdfdebda7696e8ad01b6a4f821d54186afcb2c2b210dbaf54a5fb1180a35ea2")
        .doesNotContainKey("x_instance_id");
  }

  @Test
  void bodiesAndStatusesPass() throws Exception {
    assertThat(send("POST /openstack/password HTTP/1.1\nHost: x\nContent-Length: 6\n\nsecret"))
        .startsWith("HTTP/1.1 200 ")
        .endsWith("\r\n\r\nsecret");
    assertThat(send("GET /nothing HTTP/1.0\n\n")).startsWith("HTTP/1.1 404 ");
    assertThat(send("HEAD /latest/meta-data/hostname HTTP/1.1\n\n")).endsWith("\r\n\r\n");
    assertThat(send("GET http://169.254.169.254/latest/meta-data/hostname HTTP/1.1\n\n"))
        .endsWith("vm-1");
  }

  @Test
  void whatCannotBePassedOnIsSaidSo() throws Exception {
    assertThat(send("TRACE / HTTP/1.1\n\n")).startsWith("HTTP/1.1 501 ");
    assertThat(send("GET / HTTP/1.1\nTransfer-Encoding: chunked\n\n")).startsWith("HTTP/1.1 501 ");
    assertThat(send("GET / HTTP/1.1\nContent-Length: 999999999\n\n")).startsWith("HTTP/1.1 413 ");
    assertThat(send("GET / HTTP/1.1\nContent-Length: -1\n\n")).startsWith("HTTP/1.1 400 ");
    assertThat(send("GET / HTTP/1.1\nbad header: 1\n\n")).startsWith("HTTP/1.1 400 ");
    assertThat(send("GET / HTTP/1.1\nA: " + "a".repeat(40_000) + "\n\n"))
        .startsWith("HTTP/1.1 431 ");
    assertThat(send("hello\n\n")).startsWith("HTTP/1.1 400 ");
    nova.close();
    assertThat(send("GET / HTTP/1.1\n\n")).startsWith("HTTP/1.1 502 ");
    known = false;
    assertThat(send("")).isEmpty();
  }

  @Test
  void noInputBreaksIt() throws Exception {
    byte[] valid =
        "GET /latest/meta-data/hostname HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n"
            .getBytes(StandardCharsets.ISO_8859_1);
    Seeds.each(
        60,
        seed -> {
          Random random = new Random(seed);
          byte[] bytes = valid.clone();
          for (int i = random.nextInt(6); i >= 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
          }
          String answer;
          try {
            answer = send(bytes);
          } catch (IOException e) {
            answer = "HTTP/1.1 reset";
          }
          assertThat(answer).matches("(?s)(HTTP/1\\.1 .*)?");
        });
    assertThat(send(valid)).endsWith("vm-1");
  }
}
