package weft.http;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilderException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertificateException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;
import weft.net.Pem;

/** Whom a client takes for the server that it means to call. */
public final class ServerTrust {
  private ServerTrust() {}

  /**
   * Servers whose certificate is signed by one of a file in PEM.
   *
   * @throws IOException with the file's name if it cannot be used
   */
  public static SSLContext of(Path file) throws IOException {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, managers(file), null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * Why a server was not taken for the one meant; null if a call failed for another reason.
   *
   * @param file that was to vouch for it; null if it was left to the JDK
   */
  public static @Nullable String refusal(Throwable failure, @Nullable Path file) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof CertPathBuilderException) {
        return "its certificate is signed by "
            + (file == null ? "no authority that the JDK knows" : "none of " + file);
      }
      if (cause instanceof CertPathValidatorException) {
        return "its certificate is not valid: " + cause.getMessage();
      }
      if (cause.getClass() == CertificateException.class) {
        return "its certificate is that of another: " + cause.getMessage();
      }
    }
    return null;
  }

  static TrustManager[] managers(Path file) throws IOException, GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(Pem.anchors(file));
    return factory.getTrustManagers();
  }
}
