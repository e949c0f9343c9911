package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.net.XmlElement;
import weft.state.EventLoop;
import weft.testkit.TestLoop;

/** Streams that must turn to TLS, with real certificates. */
@Timeout(180)
class StartTlsTest {
  @TempDir Path dir;
  private final TestLoop open = new TestLoop();
  private final EventLoop loop = open.loop();
  private final BlockingQueue<String> atServer = new LinkedBlockingQueue<>();
  private final List<String> unusable = new CopyOnWriteArrayList<>();

  @BeforeEach
  void authorities() throws Exception {
    authority("ca");
    authority("other-ca");
    certificate("control", "ca", "IP:127.0.0.1");
    certificate("compute1", "ca", "DNS:compute1");
    certificate("compute2", "ca", "DNS:compute2");
    certificate("stranger", "other-ca", "DNS:compute1");
  }

  @AfterEach
  void closeAll() throws Exception {
    open.end();
  }

  private void openssl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("openssl.log").toFile())
            .start();
    assertThat(process.waitFor()).as("%s", command).isZero();
  }

  private String file(String name) {
    return dir.resolve(name).toString();
  }

  private void authority(String name) throws Exception {
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        file(name + ".key"),
        "-out",
        file(name + ".pem"),
        "-days",
        "2",
        "-subj",
        "/CN=" + name);
  }

  private void certificate(String name, String authority, String alternative) throws Exception {
    certificate(name, authority, alternative, 2);
  }

  private void certificate(String name, String authority, String alternative, int days)
      throws Exception {
    openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        file(name + ".key"),
        "-out",
        file(name + ".csr"),
        "-subj",
        "/O=weft");
    Files.writeString(dir.resolve("ext"), "subjectAltName=" + alternative + "\n");
    openssl(
        "x509",
        "-req",
        "-in",
        file(name + ".csr"),
        "-CA",
        file(authority + ".pem"),
        "-CAkey",
        file(authority + ".key"),
        "-CAcreateserial",
        "-days",
        Integer.toString(days),
        "-extfile",
        file("ext"),
        "-out",
        file(name + ".pem"));
  }

  private TlsIdentity identity(String name) throws IOException {
    return TlsIdentity.load(
        new TlsFiles(dir.resolve(name + ".pem"), dir.resolve(name + ".key"), dir.resolve("ca.pem")),
        unusable::add);
  }

  /** Puts what happens in a queue, as text. */
  private static XmppListener recorder(BlockingQueue<String> heard) {
    return new XmppListener() {
      @Override
      public void opened(XmppSession session) {
        heard.add("opened " + session.name());
      }

      @Override
      public void stanza(XmppSession session, XmlElement stanza) {
        heard.add("stanza " + stanza.name());
      }

      @Override
      public void refused(String from, CloseReason reason) {
        heard.add(reason.toString());
      }

      @Override
      public void closed(XmppSession session, CloseReason reason) {
        heard.add("closed");
      }
    };
  }

  private static String next(BlockingQueue<String> heard) throws InterruptedException {
    String next = heard.poll(60, TimeUnit.SECONDS);
    return next == null ? "nothing" : next;
  }

  private XmppServer server(TlsIdentity identity) throws IOException {
    XmppServer server =
        XmppServer.start(
            XmppServer.Options.of(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0))
                .withTls(identity),
            loop,
            recorder(atServer));
    open.add(server);
    return server;
  }

  private BlockingQueue<String> client(String name, XmppServer server, TlsIdentity identity) {
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    XmppClient client =
        XmppClient.start(
            XmppClient.Options.of(name, server.addresses()).withTls(identity),
            loop,
            new Random(1),
            recorder(heard));
    open.add(client);
    return heard;
  }

  @Test
  void stanzasGoThroughTls() throws Exception {
    XmppServer server = server(identity("control"));
    BlockingQueue<String> atClient = client("compute1", server, identity("compute1"));
    assertThat(next(atServer)).isEqualTo("opened compute1");
    assertThat(next(atClient)).startsWith("opened network-control");
    byte[] large = new byte[300_000];
    Arrays.fill(large, (byte) 'x');
    String iq = "<iq type=\"set\"><a>" + new String(large, StandardCharsets.US_ASCII) + "</a></iq>";
    open.ask(() -> {
      server.sessions().getFirst().send(StreamCodec.utf8(iq));
      return true;
    });
    assertThat(next(atClient)).isEqualTo("stanza iq");
  }

  @Test
  void anAgentIsWhoItsCertificateSays() throws Exception {
    XmppServer server = server(identity("control"));
    client("compute1", server, identity("compute2"));
    assertThat(next(atServer)).isEqualTo("WRONG_CERTIFICATE: the certificate is not of compute1");
    client("compute2", server, identity("compute2"));
    String heard = next(atServer);
    while (heard.startsWith("WRONG_CERTIFICATE")) { // the first tries again and again
      heard = next(atServer);
    }
    assertThat(heard).isEqualTo("opened compute2");
  }

  @Test
  void strangersAndStreamsInTheClearAreRefusedWithTheReason() throws Exception {
    XmppServer server = server(identity("control"));
    client("compute1", server, identity("stranger"));
    assertThat(next(atServer)).startsWith("TLS_FAILED: (certificate_required)");
    assertThat(open.ask(() -> server.endings().get(CloseReason.Kind.TLS_FAILED))).isPositive();
    assertThat(open.ask(server::sessions)).isEmpty();
  }

  @Test
  void anExpiredCertificateIsRefusedUntilItIsReplaced() throws Exception {
    certificate("late", "ca", "DNS:compute3", -1);
    XmppServer server = server(identity("control"));
    BlockingQueue<String> heard = client("compute3", server, identity("late"));
    assertThat(next(atServer)).startsWith("TLS_FAILED");
    assertThat(heard).isEmpty();
    certificate("late", "ca", "DNS:compute3", 2);
    String now = next(atServer);
    while (now.startsWith("TLS_FAILED")) {
      now = next(atServer);
    }
    assertThat(now).isEqualTo("opened compute3");
  }

  @Test
  void anExpiredControlNodeIsNotTrusted() throws Exception {
    certificate("control", "ca", "IP:127.0.0.1", -1);
    XmppServer server = server(identity("control"));
    BlockingQueue<String> heard = client("compute1", server, identity("compute1"));
    assertThat(next(atServer)).startsWith("TLS_FAILED");
    assertThat(heard).isEmpty();
  }

  @Test
  void whoDoesNotTurnToTlsIsRefused() throws Exception {
    XmppServer server = server(identity("control"));
    try (Socket socket = new Socket()) {
      socket.connect(server.addresses().getFirst());
      socket
          .getOutputStream()
          .write(
              StreamCodec.utf8(
                  new String(
                          StreamCodec.open(new Message.StreamOpen("compute1", "cn", "", "")),
                          StandardCharsets.UTF_8)
                      + "<iq></iq>"));
      assertThat(next(atServer))
          .isEqualTo("TLS_FAILED: TLS is required, and the peer did not ask for it");
    }
  }

  @Test
  void anotherHostsCertificateIsNoControlNode() throws Exception {
    XmppServer server = server(identity("compute2"));
    BlockingQueue<String> heard = new LinkedBlockingQueue<>();
    XmppClient client =
        XmppClient.start(
            XmppClient.Options.of("compute1", server.addresses()).withTls(identity("compute1")),
            loop,
            new Random(1),
            recorder(heard));
    open.add(client);
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    String failure = "";
    while (!failure.contains("certificate is of") && System.nanoTime() < until) {
      failure = open.ask(() -> client.status().lastFailure());
    }
    assertThat(failure).contains("its certificate is of [compute2], not of 127.0.0.1");
    assertThat(heard).isEmpty();
  }

  @Test
  void replacedFilesHoldForTheNextSession() throws Exception {
    TlsIdentity identity = identity("control");
    XmppServer server = server(identity);
    client("compute1", server, identity("compute1"));
    assertThat(next(atServer)).isEqualTo("opened compute1");

    SSLContext before = identity.context();
    certificate("control", "other-ca", "IP:127.0.0.1");
    for (String each : List.of("control.pem", "control.key")) {
      Files.setLastModifiedTime(dir.resolve(each), FileTime.fromMillis(1_000_000_000_000L));
    }
    long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
    while (identity.context() == before && System.nanoTime() < until) {
      Thread.onSpinWait();
    }
    assertThat(identity.context()).isNotSameAs(before);
    BlockingQueue<String> refused = client("compute2", server, identity("compute2"));
    assertThat(next(atServer)).startsWith("TLS_FAILED");
    assertThat(refused).isEmpty();
    assertThat(open.ask(() -> server.sessions().size())).as("the old one lives on").isEqualTo(1);

    unusable.clear(); // The two files are not replaced at once.
    Files.writeString(dir.resolve("control.key"), "no key");
    SSLContext kept = identity.context();
    while (unusable.isEmpty() && System.nanoTime() < until) {
      assertThat(identity.context()).isSameAs(kept);
    }
    assertThat(unusable.getFirst()).contains("control.key");
  }
}
