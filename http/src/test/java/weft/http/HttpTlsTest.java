package weft.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.math.BigInteger;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.net.Pem;

/** The server over TLS, with certificates made by OpenSSL. */
class HttpTlsTest {
  @TempDir private Path dir;

  private void openssl(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Path log = dir.resolve("openssl.log");
    Process process =
        new ProcessBuilder(command)
            .directory(dir.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
      throw new AssertionError(command + ": " + Files.readString(log));
    }
  }

  /** `NAME.pem` and `NAME.key`, signed by itself. */
  private void authority(String name) throws IOException, InterruptedException {
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=" + name,
        "-keyout",
        name + ".key",
        "-out",
        name + ".pem");
  }

  /** `NAME.pem` and `NAME.key` for 127.0.0.1, signed by an authority. */
  private void signed(String name, String authority, String... keyType)
      throws IOException, InterruptedException {
    List<String> request =
        new ArrayList<>(List.of("req", "-nodes", "-subj", "/CN=" + name, "-keyout", name + ".key"));
    request.addAll(List.of("-out", name + ".csr", "-newkey"));
    request.addAll(List.of(keyType));
    openssl(request.toArray(String[]::new));
    Files.writeString(dir.resolve("san"), "subjectAltName=IP:127.0.0.1\n");
    openssl(
        "x509",
        "-req",
        "-days",
        "2",
        "-in",
        name + ".csr",
        "-CA",
        authority + ".pem",
        "-CAkey",
        authority + ".key",
        "-CAcreateserial",
        "-extfile",
        "san",
        "-out",
        name + ".pem");
  }

  private TlsFiles files(String name, boolean clients) {
    return new TlsFiles(
        dir.resolve(name + ".pem"),
        dir.resolve(name + ".key"),
        clients ? dir.resolve("ca.pem") : null);
  }

  private static HttpServer serve(TlsFiles files) throws IOException {
    Routes routes =
        Routes.builder()
            .get("/", request -> Response.text(200, request.secure() ? "secure" : "clear"))
            .build();
    return HttpServer.start(new HttpOptions("127.0.0.1", 0, 1000, files), routes);
  }

  private static HttpsURLConnection get(HttpServer server, SSLContext context) throws IOException {
    HttpsURLConnection connection =
        (HttpsURLConnection)
            URI.create("https://127.0.0.1:" + server.port() + "/").toURL().openConnection();
    connection.setSSLSocketFactory(context.getSocketFactory());
    connection.setRequestProperty("Connection", "close");
    assertThat(connection.getResponseCode()).isEqualTo(200);
    assertThat(new String(connection.getInputStream().readAllBytes())).isEqualTo("secure");
    return connection;
  }

  private static BigInteger serial(HttpsURLConnection connection) throws SSLException {
    return ((X509Certificate) connection.getServerCertificates()[0]).getSerialNumber();
  }

  @Test
  void filesAreTakenAnewWhileItRuns() throws Exception {
    authority("ca");
    signed("one", "ca", "rsa:2048");
    signed("two", "ca", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
    Files.copy(dir.resolve("one.pem"), dir.resolve("server.pem"));
    Files.copy(dir.resolve("one.key"), dir.resolve("server.key"));
    Path authority = dir.resolve("ca.pem");
    try (HttpServer server = serve(files("server", false))) {
      BigInteger first = serial(get(server, ServerTrust.of(authority)));
      assertThatThrownBy(() -> get(server, SSLContext.getDefault()))
          .isInstanceOf(SSLException.class);
      // With the key still missing, the certificate alone is of no use.
      Files.write(dir.resolve("server.pem"), Files.readAllBytes(dir.resolve("two.pem")));
      long half = System.nanoTime();
      while (System.nanoTime() - half < 1_500_000_000L) {
        assertThat(serial(get(server, ServerTrust.of(authority)))).isEqualTo(first);
      }
      Files.write(dir.resolve("server.key"), Files.readAllBytes(dir.resolve("two.key")));
      long start = System.nanoTime();
      while (serial(get(server, ServerTrust.of(authority))).equals(first)) {
        assertThat(System.nanoTime() - start).isLessThan(20_000_000_000L);
      }
      try (SSLSocket old =
          (SSLSocket)
              ServerTrust.of(authority)
                  .getSocketFactory()
                  .createSocket("127.0.0.1", server.port())) {
        assertThatThrownBy(() -> old.setEnabledProtocols(new String[] {"SSLv2"}))
            .isInstanceOf(IllegalArgumentException.class);
        old.setEnabledProtocols(new String[] {"TLSv1.2"});
        old.startHandshake();
        assertThat(old.getSession().getProtocol()).isEqualTo("TLSv1.2");
      }
    }
  }

  @Test
  void clientsMustShowACertificateIfOneIsAskedFor() throws Exception {
    authority("ca");
    authority("stranger");
    signed("server", "ca", "ed25519");
    signed("client", "ca", "ed25519");
    signed("other", "stranger", "ed25519");
    try (HttpServer server = serve(files("server", true))) {
      get(server, client("client"));
      assertThatThrownBy(() -> get(server, ServerTrust.of(dir.resolve("ca.pem"))))
          .isInstanceOf(IOException.class);
      assertThatThrownBy(() -> get(server, client("other"))).isInstanceOf(IOException.class);
    }
  }

  private SSLContext client(String name) throws Exception {
    var keys = java.security.KeyStore.getInstance("PKCS12");
    keys.load(null, null);
    keys.setKeyEntry(
        name,
        Pem.privateKey(dir.resolve(name + ".key")),
        new char[0],
        Pem.certificates(dir.resolve(name + ".pem")).toArray(X509Certificate[]::new));
    KeyManagerFactory factory =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    factory.init(keys, new char[0]);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(factory.getKeyManagers(), ServerTrust.managers(dir.resolve("ca.pem")), null);
    return context;
  }

  @Test
  void whatIsWrongIsToldWithTheFile() throws Exception {
    authority("ca");
    authority("stranger");
    Path missing = dir.resolve("missing.pem");
    Path empty = Files.writeString(dir.resolve("empty.pem"), "nothing\n");
    Path old =
        Files.writeString(
            dir.resolve("old.key"),
            "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n");
    Path certificate = dir.resolve("ca.pem");
    Path key = dir.resolve("ca.key");
    refused(new TlsFiles(missing, key, null), missing + ": no such file");
    refused(new TlsFiles(empty, key, null), empty + ": no certificate");
    refused(new TlsFiles(certificate, empty, null), empty + ": no private key in PEM");
    refused(new TlsFiles(certificate, old, null), old + ": the key is encrypted or in an old form");
    refused(
        new TlsFiles(certificate, dir.resolve("stranger.key"), null),
        dir.resolve("stranger.key") + " is not the key of " + certificate);
    refused(new TlsFiles(certificate, key, empty), empty + ": no certificate");
  }

  private static void refused(TlsFiles files, String text) {
    assertThatThrownBy(() -> serve(files))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith(text);
  }
}
