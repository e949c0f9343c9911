package weft.http;

import org.jspecify.annotations.Nullable;

/**
 * Where a server listens and what it accepts.
 *
 * @param address address to bind, e.g. `127.0.0.1`, `0.0.0.0`
 * @param port 0 takes a free one
 * @param maxBodyBytes a larger body is answered with 413
 * @param tls null to serve in the clear
 * @param limits what clients may take of it
 */
public record HttpOptions(
    String address, int port, int maxBodyBytes, @Nullable TlsFiles tls, HttpLimits limits) {
  public static final int DEFAULT_MAX_BODY_BYTES = 1_024_000;

  public HttpOptions {
    if (port < 0 || port > 0xffff) {
      throw new IllegalArgumentException("port " + port);
    }
  }

  public HttpOptions(String address, int port, int maxBodyBytes, @Nullable TlsFiles tls) {
    this(address, port, maxBodyBytes, tls, HttpLimits.USUAL);
  }

  public HttpOptions(String address, int port, int maxBodyBytes) {
    this(address, port, maxBodyBytes, null);
  }

  public HttpOptions(String address, int port) {
    this(address, port, DEFAULT_MAX_BODY_BYTES);
  }

  public HttpOptions withLimits(HttpLimits most) {
    return new HttpOptions(address, port, maxBodyBytes, tls, most);
  }
}
