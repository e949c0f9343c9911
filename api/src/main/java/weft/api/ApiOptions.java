package weft.api;

import weft.http.HttpOptions;

/**
 * Where the config API listens.
 *
 * @param address to bind
 * @param port 0 takes a free one
 * @param maxBodyBytes of a request; a larger one is answered with 413
 */
public record ApiOptions(String address, int port, int maxBodyBytes) {
  public static final int DEFAULT_PORT = 8082;

  public ApiOptions(String address, int port) {
    this(address, port, HttpOptions.DEFAULT_MAX_BODY_BYTES);
  }
}
