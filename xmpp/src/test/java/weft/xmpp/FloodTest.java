package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.net.XmlElement;
import weft.state.io.Listener;
import weft.testkit.TestLoop;

/** Peers that connect too often, or that dribble. */
@Timeout(120)
class FloodTest implements XmppListener {
  private final TestLoop open = new TestLoop();
  private final BlockingQueue<XmppSession> opened = new LinkedBlockingQueue<>();
  private final BlockingQueue<CloseReason> ended = new LinkedBlockingQueue<>();

  @AfterEach
  void closeAll() throws Exception {
    open.end();
  }

  @Override
  public void opened(XmppSession session) {
    opened.add(session);
  }

  @Override
  public void stanza(XmppSession session, XmlElement stanza) {}

  @Override
  public void refused(String from, CloseReason reason) {
    ended.add(reason);
  }

  @Override
  public void closed(XmppSession session, CloseReason reason) {
    ended.add(reason);
  }

  private XmppServer server(XmppServer.Options options) throws IOException {
    XmppServer server = XmppServer.start(options, open.loop(), this);
    open.add(server);
    return server;
  }

  private Socket from(String address, XmppServer server) throws IOException {
    Socket socket = new Socket();
    open.add(socket);
    socket.bind(new InetSocketAddress(address, 0));
    socket.setSoTimeout(60_000);
    socket.connect(server.addresses().getFirst());
    return socket;
  }

  private static byte[] header(String name) {
    return StreamCodec.open(new Message.StreamOpen(name, "cn", "", ""));
  }

  private void assertAdmitted(Socket socket, String name) throws Exception {
    socket.getOutputStream().write(header(name));
    XmppSession session = opened.poll(60, TimeUnit.SECONDS);
    assertThat(session).isNotNull();
    assertThat(session.name()).isEqualTo(name);
  }

  private static void assertRefused(Socket socket) throws IOException {
    try {
      assertThat(socket.getInputStream().read()).isEqualTo(-1);
    } catch (SocketException e) {
      assertThat(e).hasMessageContaining("reset");
    }
  }

  @Test
  void connectionsBeyondTheLimitsAreClosedAndCounted() throws Exception {
    XmppServer server =
        server(
            XmppServer.Options.of(new InetSocketAddress("0.0.0.0", 0))
                .withLimits(new Listener.Limits(3, 5)));
    for (int i = 0; i < 3; i++) {
      assertAdmitted(from("127.0.0.2", server), "a" + i);
    }
    for (int i = 0; i < 20; i++) {
      assertRefused(from("127.0.0.2", server));
    }
    Socket other = from("127.0.0.3", server);
    assertAdmitted(other, "b0");
    assertAdmitted(from("127.0.0.3", server), "b1");
    assertRefused(from("127.0.0.4", server));
    assertThat(server.refusals())
        .containsEntry(Listener.Refusal.TOO_MANY_FROM_SOURCE, 20L)
        .containsEntry(Listener.Refusal.TOO_MANY, 1L);
    assertThat(open.ask(server::sessions)).hasSize(5);

    other.close();
    CloseReason gone = ended.poll(60, TimeUnit.SECONDS);
    assertThat(gone).isNotNull();
    open.until(() -> server.sessions().size(), sessions -> sessions == 4);
    // The old connection may take a moment more to be closed.
    XmppSession last = null;
    for (int i = 0; i < 30 && last == null; i++) {
      Socket again = from("127.0.0.4", server);
      try {
        again.getOutputStream().write(header("c" + i));
      } catch (SocketException _) {
        continue; // refused once more
      }
      last = opened.poll(2, TimeUnit.SECONDS);
    }
    assertThat(last).isNotNull();
  }

  /** Sends a byte every 50 ms until the other side ends it. */
  private static void dribble(Socket socket, byte[] bytes) {
    try {
      for (int i = 0; ; i++) {
        socket.getOutputStream().write(bytes[i % bytes.length]);
        LockSupport.parkNanos(50_000_000);
      }
    } catch (IOException _) {
      // Ended, as it should be.
    }
  }

  @Test
  void aStreamThatNeverOpensIsEnded() throws Exception {
    XmppServer.Options usual = XmppServer.Options.of(new InetSocketAddress("127.0.0.1", 0));
    XmppServer server =
        server(
            new XmppServer.Options(
                usual.listen(),
                usual.name(),
                "",
                usual.holdTime(),
                Duration.ofMillis(500),
                true,
                usual.maxStanzaBytes(),
                usual.maxQueuedBytes(),
                usual.limits(),
                null));
    dribble(
        from("127.0.0.2", server),
        ("<stream:stream from='" + "x".repeat(2000)).getBytes(StandardCharsets.UTF_8));
    CloseReason reason = ended.poll(60, TimeUnit.SECONDS);
    assertThat(reason).isNotNull();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.OPEN_EXPIRED);
    assertThat(opened).isEmpty();
  }

  @Test
  void aStanzaThatNeverEndsIsNoSignOfLife() throws Exception {
    XmppServer server =
        server(
            XmppServer.Options.of(new InetSocketAddress("127.0.0.1", 0))
                .withHoldTime(Duration.ofSeconds(1)));
    Socket socket = from("127.0.0.2", server);
    socket.getOutputStream().write(header("slow"));
    socket.getOutputStream().write("<iq><a>".getBytes(StandardCharsets.UTF_8));
    dribble(socket, "text ".getBytes(StandardCharsets.UTF_8));
    CloseReason reason = ended.poll(60, TimeUnit.SECONDS);
    assertThat(reason).isNotNull();
    assertThat(reason.kind()).isEqualTo(CloseReason.Kind.HOLD_EXPIRED);
  }
}
