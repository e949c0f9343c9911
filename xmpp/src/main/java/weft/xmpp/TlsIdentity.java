package weft.xmpp;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import weft.net.Pem;

/**
 * The TLS context out of files that may be replaced: they are looked at with a handshake, at most
 * once a second. New ones that cannot be used are told of, and the old stay in force. Any thread
 * may ask.
 */
public final class TlsIdentity {
  private static final long INTERVAL_NS = TimeUnit.SECONDS.toNanos(1);
  private static final char[] NO_PASSWORD = {};

  /**
   * @param state of the files, by which it is known whether they are others now
   */
  private record Loaded(SSLContext context, List<String> state, long lookedNs) {}

  private final TlsFiles files;
  private final Consumer<String> unusable;
  private final AtomicReference<Loaded> current;

  /**
   * @param unusable told of new files that cannot be used
   * @throws IOException with the name of the file that cannot be used
   */
  public static TlsIdentity load(TlsFiles files, Consumer<String> unusable) throws IOException {
    return new TlsIdentity(files, unusable, load(files));
  }

  private TlsIdentity(TlsFiles files, Consumer<String> unusable, Loaded first) {
    this.files = files;
    this.unusable = unusable;
    this.current = new AtomicReference<>(first);
  }

  SSLContext context() {
    Loaded known = current.get();
    long now = System.nanoTime();
    if (now - known.lookedNs() < INTERVAL_NS
        || !current.compareAndSet(known, new Loaded(known.context(), known.state(), now))) {
      return current.get().context();
    }
    try {
      if (!state(files).equals(known.state())) {
        current.set(load(files));
      }
    } catch (IOException e) {
      unusable.accept(String.valueOf(e.getMessage()));
    }
    return current.get().context();
  }

  private static Loaded load(TlsFiles files) throws IOException {
    List<String> state = state(files);
    List<X509Certificate> chain = Pem.certificates(files.certificate());
    PrivateKey key = Pem.privateKey(files.key());
    if (!Pem.belongs(key, chain.getFirst().getPublicKey())) {
      throw new IOException(files.key() + " is not the key of " + files.certificate());
    }
    try {
      KeyStore own = KeyStore.getInstance(KeyStore.getDefaultType());
      own.load(null, null);
      own.setKeyEntry("own", key, NO_PASSWORD, chain.toArray(X509Certificate[]::new));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(own, NO_PASSWORD);
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(Pem.anchors(files.authority()));
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
      return new Loaded(context, state, System.nanoTime());
    } catch (GeneralSecurityException e) {
      throw new IOException("TLS: " + e.getMessage(), e);
    }
  }

  private static List<String> state(TlsFiles files) throws IOException {
    List<String> state = new ArrayList<>();
    for (Path file : List.of(files.certificate(), files.key(), files.authority())) {
      if (Files.exists(file)) {
        state.add(Files.getLastModifiedTime(file) + " " + Files.size(file));
      }
    }
    return state;
  }
}
