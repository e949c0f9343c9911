package weft.store.etcd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static weft.store.conformance.StoreConformance.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import weft.store.Key;
import weft.store.Outcome;
import weft.store.Store;
import weft.store.StoreException;
import weft.store.Transaction;
import weft.store.Watch;
import weft.store.conformance.StoreConformance.Ear;
import weft.testkit.EtcdCluster;

/** An etcd that wants certificates, and then also users. */
@Tag("lab")
@Timeout(90)
class SecuredEtcdTest {
  @TempDir private static Path directory;
  private static EtcdCluster cluster;

  @BeforeAll
  static void startEtcd() throws Exception {
    authority("ca");
    authority("stranger");
    certificate("server", "ca", "subjectAltName=IP:127.0.0.1");
    certificate("client", "ca", "subjectAltName=DNS:client");
    cluster =
        EtcdCluster.start(
            List.of(new EtcdCluster.Place("127.0.0.1", List.of())),
            true,
            List.of(
                "--cert-file=" + file("server.pem"),
                "--key-file=" + file("server.key"),
                "--client-cert-auth",
                "--trusted-ca-file=" + file("ca.pem"),
                // Tokens that do not live long.
                "--auth-token-ttl=2"));
    etcdctl("user", "add", "root:secret");
    etcdctl("user", "add", "weft:first");
    etcdctl("role", "add", "weft");
    etcdctl("role", "grant-permission", "weft", "--prefix=true", "readwrite", "weft/");
    etcdctl("user", "grant-role", "weft", "weft");
    etcdctl("user", "grant-role", "root", "root");
    etcdctl("auth", "enable");
  }

  @AfterAll
  static void stopEtcd() {
    cluster.close();
  }

  private static Path file(String name) {
    return directory.resolve(name);
  }

  private static void run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("ETCDCTL_API", "3");
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", command) + ": " + output).isZero();
  }

  private static void authority(String name) throws Exception {
    run(
        List.of(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            "2",
            "-subj",
            "/CN=" + name,
            "-keyout",
            file(name + ".key").toString(),
            "-out",
            file(name + ".pem").toString()));
  }

  private static void certificate(String name, String authority, String names) throws Exception {
    run(
        List.of(
            "openssl",
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            "/CN=" + name,
            "-keyout",
            file(name + ".key").toString(),
            "-out",
            file(name + ".csr").toString()));
    Path extensions = Files.writeString(file(name + ".ext"), names + "\n");
    run(
        List.of(
            "openssl",
            "x509",
            "-req",
            "-days",
            "2",
            "-CAcreateserial",
            "-in",
            file(name + ".csr").toString(),
            "-CA",
            file(authority + ".pem").toString(),
            "-CAkey",
            file(authority + ".key").toString(),
            "-extfile",
            extensions.toString(),
            "-out",
            file(name + ".pem").toString()));
  }

  private static void etcdctl(String... words) throws Exception {
    List<String> command =
        new ArrayList<>(
            List.of(
                "etcdctl",
                "--endpoints=https://" + cluster.endpoints().getFirst(),
                "--cacert=" + file("ca.pem"),
                "--cert=" + file("client.pem"),
                "--key=" + file("client.key")));
    command.addAll(List.of(words));
    run(command);
  }

  private static EtcdOptions options(String authority, boolean known) {
    return EtcdOptions.of(cluster.endpoints())
        .withTimeout(Duration.ofSeconds(5))
        .withPrefix("weft/")
        .withTls(
            new EtcdOptions.Tls(
                file(authority + ".pem"),
                known ? file("client.pem") : null,
                known ? file("client.key") : null))
        .withLogin(new EtcdOptions.Login("weft", "first"));
  }

  private static Outcome put(Store store, String key) {
    return await(store.commit(Transaction.builder().put(new Key(key), key).build()));
  }

  @Test
  void whoIsKnownReadsWritesAndWatchesForLongerThanItsTokenLives() throws Exception {
    try (Store store = EtcdStore.open(options("ca", true))) {
      Ear ear = new Ear();
      try (Watch _ = store.watch(Key.EMPTY, 0, ear)) {
        assertThat(put(store, "a")).isInstanceOf(Outcome.Committed.class);
        assertThat(ear.next()).contains("a@");
        assertThat(store.get(new Key("a")).text()).isEqualTo("a");
        // The member forgets all tokens, and breaks the watch.
        cluster.kill(0);
        cluster.startAgain(0);
        cluster.awaitListening(0);
        assertThat(put(store, "b")).isInstanceOf(Outcome.Committed.class);
        assertThat(ear.next()).contains("b@");
        // Somebody changes the users: what one logged in by is of an old state of theirs.
        etcdctl("--user=root:secret", "role", "add", "another");
        assertThat(put(store, "c")).isInstanceOf(Outcome.Committed.class);
        assertThat(ear.next()).contains("c@");
      }
    }
  }

  @Test
  void whoIsNotKnownIsToldWhy() {
    assertRefused(
        options("ca", true).withLogin(new EtcdOptions.Login("weft", "wrong")),
        "authentication failed, invalid user ID or password");
    // Then the name in the certificate counts, which is nobody's here.
    assertRefused(options("ca", true).withLogin(null), "permission denied");
    assertRefused(options("ca", true).withPrefix("other/"), "permission denied");
  }

  @Test
  void certificatesThatDoNotFitAreRefused() {
    assertRefused(options("stranger", true).withTimeout(Duration.ofSeconds(1)), "PKIX path");
    assertRefused(options("ca", false).withTimeout(Duration.ofSeconds(1)), "no member");
    assertRefused(
        options("ca", true)
            .withTls(new EtcdOptions.Tls(file("ca.pem"), file("client.key"), file("client.pem"))),
        "no certificate and key (PKCS 8) can be read from " + file("client.key"));
    assertRefused(
        options("ca", true).withTls(new EtcdOptions.Tls(file("client.key"), null, null)),
        "no certificates can be read from " + file("client.key"));
  }

  private static void assertRefused(EtcdOptions options, String reason) {
    assertThatThrownBy(() -> EtcdStore.open(options))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(reason);
  }
}
