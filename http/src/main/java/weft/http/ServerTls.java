package weft.http;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedKeyManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.net.Pem;

/**
 * The identity of a server, out of files that may be replaced while it runs.
 *
 * <p>The files are looked at with a handshake, at most once a second. New ones that cannot be used
 * are told of in the log, and the old stay in force.
 */
final class ServerTls {
  private static final Logger LOG = LoggerFactory.getLogger(ServerTls.class);
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);

  private final TlsFiles files;
  private volatile Identity current;
  private long lookedNs = System.nanoTime();

  /**
   * What the files had in them.
   *
   * @param state by which it is known whether they are others now
   */
  private record Identity(
      List<X509Certificate> chain,
      PrivateKey key,
      @Nullable X509ExtendedTrustManager clients,
      List<String> state,
      String alias) {}

  private ServerTls(TlsFiles files) throws IOException {
    this.files = files;
    this.current = load(files, "0");
  }

  /**
   * @throws IOException with the name of the file that cannot be used
   */
  static SSLContext context(TlsFiles files) throws IOException {
    ServerTls tls = new ServerTls(files);
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(new KeyManager[] {tls.new Keys()}, new TrustManager[] {tls.new Clients()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS: " + e.getMessage(), e);
    }
  }

  private static Identity load(TlsFiles files, String alias) throws IOException {
    List<String> state = state(files);
    List<X509Certificate> chain = Pem.certificates(files.certificate());
    PrivateKey key = Pem.privateKey(files.key());
    if (!Pem.belongs(key, chain.getFirst().getPublicKey())) {
      throw new IOException(files.key() + " is not the key of " + files.certificate());
    }
    X509ExtendedTrustManager clients = null;
    Path clientCa = files.clientCa();
    if (clientCa != null) {
      try {
        clients = (X509ExtendedTrustManager) ServerTrust.managers(clientCa)[0];
      } catch (GeneralSecurityException e) {
        throw new IOException(clientCa + ": " + e.getMessage(), e);
      }
    }
    return new Identity(chain, key, clients, state, alias);
  }

  private static List<String> state(TlsFiles files) throws IOException {
    List<String> state = new ArrayList<>();
    for (Path file : new Path[] {files.certificate(), files.key(), files.clientCa()}) {
      if (file != null && Files.exists(file)) {
        state.add(Files.getLastModifiedTime(file) + " " + Files.size(file));
      }
    }
    return state;
  }

  private synchronized Identity identity() {
    long now = System.nanoTime();
    if (now - lookedNs >= INTERVAL_NS) {
      lookedNs = now;
      try {
        if (!state(files).equals(current.state())) {
          current = load(files, current.alias().equals("0") ? "1" : "0");
          LOG.info("takes its certificate anew from {}", files.certificate());
        }
      } catch (IOException e) {
        LOG.error("keeps its certificate, as the new one cannot be used: {}", e.getMessage());
      }
    }
    return current;
  }

  /** A handshake asks for alias, chain and key in turn, and must get those of one identity. */
  private final class Keys extends X509ExtendedKeyManager {
    private volatile Identity before = current;

    private @Nullable String choose(String keyType) {
      Identity last = current;
      Identity now = identity();
      if (!now.alias().equals(last.alias())) {
        before = last;
      }
      return keyType.equals(now.key().getAlgorithm()) ? now.alias() : null;
    }

    private Identity of(String alias) {
      Identity now = current;
      return now.alias().equals(alias) ? now : before;
    }

    @Override
    public @Nullable String chooseServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return choose(keyType);
    }

    @Override
    public @Nullable String chooseEngineServerAlias(
        String keyType, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
      return choose(keyType);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
      return of(alias).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
      return of(alias).key();
    }

    @Override
    public String @Nullable [] getServerAliases(String keyType, Principal @Nullable [] issuers) {
      String alias = choose(keyType);
      return alias == null ? null : new String[] {alias};
    }

    @Override
    public String @Nullable [] getClientAliases(String keyType, Principal @Nullable [] issuers) {
      return null;
    }

    @Override
    public @Nullable String chooseClientAlias(
        String[] keyType, Principal @Nullable [] issuers, @Nullable Socket socket) {
      return null;
    }
  }

  /** Judges the certificates of clients, if they are asked for. */
  private final class Clients extends X509ExtendedTrustManager {
    private X509ExtendedTrustManager judge() throws CertificateException {
      X509ExtendedTrustManager clients = identity().clients();
      if (clients == null) {
        throw new CertificateException("no certificate is asked for");
      }
      return clients;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      judge().checkClientTrusted(chain, type, socket);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      judge().checkClientTrusted(chain, type, engine);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      judge().checkClientTrusted(chain, type);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
        throws CertificateException {
      throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
        throws CertificateException {
      throw new CertificateException("this is a server");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
        throws CertificateException {
      throw new CertificateException("this is a server");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      X509ExtendedTrustManager clients = current.clients();
      return clients == null ? new X509Certificate[0] : clients.getAcceptedIssuers();
    }
  }
}
