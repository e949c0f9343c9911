package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.net.XmlElement;
import weft.state.EventLoop;
import weft.testkit.TestLoop;

/** Servers and clients over loopback, each on its own loop. */
@Timeout(20)
class SessionTest {
  private final TestLoop open = new TestLoop();
  private final EventLoop loop = open.loop();

  @AfterEach
  void closeAll() throws Exception {
    open.end();
  }

  private sealed interface Heard {
    record Opened(XmppSession session) implements Heard {}

    record Stanza(XmppSession session, XmlElement stanza) implements Heard {}

    record Malformed(String reason) implements Heard {}

    record Writable() implements Heard {}

    record Closed(XmppSession session, CloseReason reason) implements Heard {}
  }

  /** Puts what it hears in a queue. */
  private static final class Recorder implements XmppListener {
    final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();

    @Override
    public void opened(XmppSession session) {
      heard.add(new Heard.Opened(session));
    }

    @Override
    public void stanza(XmppSession session, XmlElement stanza) {
      heard.add(new Heard.Stanza(session, stanza));
    }

    @Override
    public void malformed(XmppSession session, String reason) {
      heard.add(new Heard.Malformed(reason));
    }

    @Override
    public void writable(XmppSession session) {
      heard.add(new Heard.Writable());
    }

    @Override
    public void closed(XmppSession session, CloseReason reason) {
      heard.add(new Heard.Closed(session, reason));
    }

    <T extends Heard> T next(Class<T> kind) {
      try {
        Heard next = heard.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("waiting for %s", kind.getSimpleName()).isInstanceOf(kind);
        return kind.cast(next);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static InetSocketAddress loopback(int port) {
    return new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
  }

  private XmppServer server(XmppServer.Options options, XmppListener listener) {
    try {
      XmppServer server = XmppServer.start(options, loop, listener);
      open.add(server);
      return server;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private XmppClient client(String name, XmppListener listener, InetSocketAddress... servers) {
    XmppClient client =
        XmppClient.start(
            XmppClient.Options.of(name, List.of(servers)), loop, new Random(1), listener);
    open.add(client);
    return client;
  }

  private Socket rawPeer(XmppServer server, String... text) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    socket.connect(server.addresses().getFirst());
    for (String part : text) {
      socket.getOutputStream().write(part.getBytes(StandardCharsets.UTF_8));
    }
    return socket;
  }

  private static String header(String name) {
    return new String(
        StreamCodec.open(new Message.StreamOpen(name, "cn", "", "")), StandardCharsets.UTF_8);
  }

  @Test
  void stanzasGoBothWays() {
    Recorder atServer = new Recorder();
    Recorder atClient = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    client("compute1", atClient, server.addresses().getFirst());
    XmppSession toAgent = atServer.next(Heard.Opened.class).session();
    XmppSession toControl = atClient.next(Heard.Opened.class).session();
    assertThat(toAgent.name()).isEqualTo("compute1");
    assertThat(toControl.name()).isEqualTo("network-control@contrailsystems.com");

    loop.execute(() ->
        toControl.send(
            Codec.write(new AgentMessage.Subscribe("a:b:c:c", 1, false), "compute1", 0)));
    XmlElement subscribe = atServer.next(Heard.Stanza.class).stanza();
    assertThat(Codec.readAgent(subscribe))
        .isEqualTo(
            new Decoded.Ok<>((AgentMessage) new AgentMessage.Subscribe("a:b:c:c", 1, false)));

    loop.execute(() -> toAgent.send(Codec.write(new ControlMessage.EndOfRib())));
    for (int i = 0; i < 2; i++) {
      XmlElement endOfRib = atClient.next(Heard.Stanza.class).stanza();
      assertThat(endOfRib.attribute("to")).isEqualTo("compute1/bgp-peer");
      assertThat(Codec.readControl(endOfRib))
          .isEqualTo(new Decoded.Ok<>((ControlMessage) new ControlMessage.EndOfRib()));
    }
    assertThat(open.ask(server::sessions)).containsExactly(toAgent);
    assertThat(open.ask(toAgent::statistics).stanzasOut()).isEqualTo(2);
  }

  @Test
  void clientComesBackAfterTheServerDropsIt() {
    Recorder atServer = new Recorder();
    Recorder atClient = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    XmppClient client = client("compute1", atClient, server.addresses().getFirst());
    XmppSession first = atServer.next(Heard.Opened.class).session();
    atClient.next(Heard.Opened.class);
    loop.execute(() -> first.close("test"));
    assertThat(atServer.next(Heard.Closed.class).reason().kind())
        .isEqualTo(CloseReason.Kind.LOCAL_CLOSED);
    assertThat(atClient.next(Heard.Closed.class).reason().kind())
        .isEqualTo(CloseReason.Kind.PEER_CLOSED);
    assertThat(atServer.next(Heard.Opened.class).session().serial()).isGreaterThan(first.serial());
    atClient.next(Heard.Opened.class);
    assertThat(open.ask(client::status).flaps()).isEqualTo(1);
  }

  @Test
  void clientTriesTheNextServer() throws IOException {
    int unused;
    try (java.net.ServerSocket probe = new java.net.ServerSocket(0)) {
      unused = probe.getLocalPort();
    }
    Recorder atServer = new Recorder();
    Recorder atClient = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    client("compute1", atClient, loopback(unused), server.addresses().getFirst());
    atServer.next(Heard.Opened.class);
    atClient.next(Heard.Opened.class);
  }

  @Test
  void sameNameAndAddressReplacesTheOldSession() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    rawPeer(server, header("compute1"));
    XmppSession old = atServer.next(Heard.Opened.class).session();
    rawPeer(server, header("compute1"));
    Heard.Closed closed = atServer.next(Heard.Closed.class);
    assertThat(closed.session()).isSameAs(old);
    assertThat(closed.reason().kind()).isEqualTo(CloseReason.Kind.REPLACED);
    XmppSession now = atServer.next(Heard.Opened.class).session();
    assertThat(open.ask(server::sessions)).containsExactly(now);
  }

  @Test
  void sameNameFromElsewhereIsRefused() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    rawPeer(server, header("compute1"));
    XmppSession old = atServer.next(Heard.Opened.class).session();
    try (Socket other = new Socket()) {
      other.bind(new InetSocketAddress("127.0.0.9", 0));
      other.connect(server.addresses().getFirst());
      other.getOutputStream().write(header("compute1").getBytes(StandardCharsets.UTF_8));
      assertThat(other.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(open.ask(server::sessions)).containsExactly(old);
    assertThat(open.ask(server::endings)).containsEntry(CloseReason.Kind.DUPLICATE, 1L);
  }

  @Test
  void garbageIsClosedAndCounted() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    for (String garbage : List.of("GET / HTTP/1.1\r\n\r\n", "\0\0\0\0", "<a/>")) {
      Socket socket = rawPeer(server, garbage);
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(open.ask(server::endings)).containsEntry(CloseReason.Kind.NOT_XMPP, 3L);
    assertThat(atServer.heard).isEmpty();
  }

  @Test
  void malformedStanzaCostsNothingElse() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    rawPeer(server, header("compute1"), "<iq><a></iq>", "<iq><b/></iq>");
    XmppSession session = atServer.next(Heard.Opened.class).session();
    atServer.next(Heard.Malformed.class);
    assertThat(atServer.next(Heard.Stanza.class).stanza())
        .isEqualTo(Vectors.element("<iq><b/></iq>"));
    assertThat(open.ask(session::statistics).malformedIn()).isEqualTo(1);
  }

  @Test
  void silenceEndsTheSession() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server =
        server(XmppServer.Options.of(loopback(0)).withHoldTime(Duration.ofMillis(300)), atServer);
    Socket socket = rawPeer(server, header("compute1"));
    atServer.next(Heard.Opened.class);
    assertThat(atServer.next(Heard.Closed.class).reason().kind())
        .isEqualTo(CloseReason.Kind.HOLD_EXPIRED);
    byte[] received = socket.getInputStream().readAllBytes();
    assertThat(new String(received, StandardCharsets.UTF_8)).contains("id=\"++123\"", "\u0200");
  }

  @Test
  void keepAlivesHoldTheSession() {
    Recorder atServer = new Recorder();
    Recorder atClient = new Recorder();
    XmppServer server =
        server(XmppServer.Options.of(loopback(0)).withHoldTime(Duration.ofMillis(600)), atServer);
    XmppClient client =
        XmppClient.start(
            XmppClient.Options.of("compute1", server.addresses())
                .withHoldTime(Duration.ofMillis(600)),
            loop,
            new Random(1),
            atClient);
    open.add(client);
    XmppSession session = atServer.next(Heard.Opened.class).session();
    CompletableFuture<Long> counted = new CompletableFuture<>();
    countKeepAlives(session, counted);
    assertThat(counted.join()).isGreaterThanOrEqualTo(6);
    assertThat(open.ask(server::sessions)).containsExactly(session);
  }

  @Test
  void fastDetectionHoldsForPeersThatSpeakOften() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    Socket slow = rawPeer(server, header("slow"));
    atServer.next(Heard.Opened.class);
    rawPeer(server, header("fast"), "\u0200");
    XmppSession fast = atServer.next(Heard.Opened.class).session();
    await(() -> fast.statistics().keepAlivesIn() == 1);
    loop.execute(() -> server.fastHold(Duration.ofSeconds(2)));
    Recorder atClient = new Recorder();
    XmppClient client = client("client", atClient, server.addresses().getFirst());
    loop.execute(() -> client.fastHold(Duration.ofSeconds(2)));
    XmppSession both = atServer.next(Heard.Opened.class).session();
    await(() -> both.statistics().keepAlivesIn() >= 4);

    loop.execute(() -> client.fastHold(null));
    await(() -> both.statistics().keepAlivesIn() >= 7);
    assertThat(open.ask(server::sessions)).hasSize(3);
    slow.getOutputStream().write("<iq><b/></iq>".getBytes(StandardCharsets.UTF_8));
    atServer.next(Heard.Stanza.class);
  }

  @Test
  void fastDetectionEndsTheSessionOfAPeerThatFallsSilent() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    loop.execute(() -> server.fastHold(Duration.ofMillis(1500)));
    Socket peer = rawPeer(server, header("fast"));
    XmppSession session = atServer.next(Heard.Opened.class).session();
    for (long told = 1; told <= 10; told++) {
      long expected = told;
      peer.getOutputStream().write("\u0200".getBytes(StandardCharsets.UTF_8));
      peer.getOutputStream().flush();
      await(() -> session.statistics().keepAlivesIn() == expected);
    }
    CloseReason reason = atServer.next(Heard.Closed.class).reason();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.HOLD_EXPIRED);
    assertThat(reason.detail()).contains("1500 ms");
  }

  private void await(java.util.function.BooleanSupplier condition) {
    CompletableFuture<Boolean> held = new CompletableFuture<>();
    look(condition, held);
    assertThat(held.join()).isTrue();
  }

  private void look(java.util.function.BooleanSupplier condition, CompletableFuture<Boolean> held) {
    loop.execute(() -> {
      if (condition.getAsBoolean()) {
        held.complete(true);
      } else {
        loop.schedule(Duration.ofMillis(10), () -> look(condition, held));
      }
    });
  }

  /** Completes once six keep-alives have come, which is twice the hold time. */
  private void countKeepAlives(XmppSession session, CompletableFuture<Long> counted) {
    loop.execute(() -> {
      long count = session.statistics().keepAlivesIn();
      if (count >= 6) {
        counted.complete(count);
      } else {
        loop.schedule(Duration.ofMillis(20), () -> countKeepAlives(session, counted));
      }
    });
  }

  @Test
  void slowPeerIsToldApartAndResumes() throws IOException {
    Recorder atServer = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    Socket slow = rawPeer(server, header("slow"));
    XmppSession session = atServer.next(Heard.Opened.class).session();
    byte[] chunk = new byte[256 << 10];
    int chunks =
        open.ask(() -> {
          int sent = 0;
          while (session.writable()) {
            session.send(chunk);
            sent++;
          }
          return sent;
        });
    assertThat(chunks).isGreaterThan(3);
    long expected = (long) chunks * chunk.length;
    long read = 0;
    byte[] sink = new byte[1 << 16];
    while (read < expected) {
      int n = slow.getInputStream().read(sink);
      assertThat(n).isPositive();
      read += n;
    }
    atServer.next(Heard.Writable.class);
    assertThat(open.ask(session::writable)).isTrue();
  }

  @Test
  void closedServerClosesItsSessions() {
    Recorder atServer = new Recorder();
    Recorder atClient = new Recorder();
    XmppServer server = server(XmppServer.Options.of(loopback(0)), atServer);
    client("compute1", atClient, server.addresses().getFirst());
    atServer.next(Heard.Opened.class);
    atClient.next(Heard.Opened.class);
    server.close();
    assertThat(atServer.next(Heard.Closed.class).reason().kind())
        .isEqualTo(CloseReason.Kind.LOCAL_CLOSED);
    atClient.next(Heard.Closed.class);
  }
}
