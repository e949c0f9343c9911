package weft.cli;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.nio.file.Path;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import weft.http.ServerTrust;

/**
 * Who has to vouch for a server by https.
 *
 * @param file with certificates in PEM, and what is read from it; null for whom the JDK knows
 * @param settings by which the user says so, for refusals
 */
record Trust(@Nullable Path file, @Nullable SSLContext context, String settings) {
  static final Trust JDK = new Trust(null, null, "");

  /**
   * @param file null for none
   * @throws Failure if the file cannot be used
   */
  static Trust of(@Nullable String file, String settings) {
    if (file == null) {
      return new Trust(null, null, settings);
    }
    try {
      return new Trust(Path.of(file), ServerTrust.of(Path.of(file)), settings);
    } catch (IOException e) {
      throw new Failure(e.getMessage() + " (" + settings + ")");
    }
  }

  void apply(HttpURLConnection connection) {
    if (context != null && connection instanceof HttpsURLConnection secure) {
      secure.setSSLSocketFactory(context.getSocketFactory());
    }
  }

  /** Why a call failed. */
  String reason(IOException e) {
    String distrust = ServerTrust.refusal(e, file);
    if (distrust != null) {
      return distrust + (settings.isEmpty() ? "" : " (" + settings + ")");
    }
    String message = e.getMessage();
    return message == null ? e.getClass().getSimpleName() : message;
  }
}
