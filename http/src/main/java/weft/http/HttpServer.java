package weft.http;

import io.helidon.common.socket.SocketOptions;
import io.helidon.common.tls.Tls;
import io.helidon.common.tls.TlsClientAuth;
import io.helidon.http.HeaderNames;
import io.helidon.http.HeaderValues;
import io.helidon.http.Method;
import io.helidon.http.Status;
import io.helidon.webserver.CloseConnectionException;
import io.helidon.webserver.ErrorHandling;
import io.helidon.webserver.WebServer;
import io.helidon.webserver.WebServerConfig;
import io.helidon.webserver.http.HttpRouting;
import io.helidon.webserver.http.ServerRequest;
import io.helidon.webserver.http.ServerResponse;
import io.helidon.webserver.http1.Http1Config;
import io.helidon.webserver.http1.Http1ConnectionSelector;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves a table of routes over HTTP/1.1.
 *
 * <p>Each connection has a virtual thread, so handlers may block. A failure of a handler never
 * shows the caller more than a short text.
 */
public final class HttpServer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(HttpServer.class);

  /**
   * Held, for its level is forgotten with it: how the server starts and stops is our own to tell.
   */
  private static final java.util.logging.Logger LIBRARY =
      java.util.logging.Logger.getLogger("io.helidon");

  static {
    LIBRARY.setLevel(java.util.logging.Level.WARNING);
  }

  private static final int DRAINED_BODIES = 16;

  private final WebServer server;
  private final Gate gate;

  private HttpServer(WebServer server, Gate gate) {
    this.server = server;
    this.gate = gate;
  }

  /**
   * Binds and starts.
   *
   * @throws IOException if the address cannot be bound
   */
  public static HttpServer start(HttpOptions options, Routes routes) throws IOException {
    InetAddress address;
    try {
      address = InetAddress.getByName(options.address());
    } catch (UnknownHostException e) {
      throw new IOException("unknown listen address " + options.address(), e);
    }
    HttpRouting.Builder routing =
        HttpRouting.builder().any((request, response) -> serve(options, routes, request, response));
    Gate gate = new Gate(options.limits());
    WebServerConfig.Builder config =
        WebServer.builder()
            .address(address)
            .port(options.port())
            .shutdownHook(false)
            .connectionOptions(
                new Admission(SocketOptions.builder().tcpNoDelay(true).build(), gate))
            .errorHandling(ErrorHandling.builder().includeEntity(true).build())
            .protocolsDiscoverServices(false)
            .addConnectionSelector(
                new Guarded(
                    Http1ConnectionSelector.builder().config(Http1Config.create()).build(), gate))
            .routing(routing);
    TlsFiles files = options.tls();
    if (files != null) {
      config.tls(tls(files));
    }
    WebServer server = config.build();
    try {
      listen(options, server);
    } catch (IOException e) {
      gate.close();
      throw e;
    }
    return new HttpServer(server, gate);
  }

  private static void listen(HttpOptions options, WebServer server) throws IOException {
    String failure = "cannot listen on " + options.address() + ":" + options.port();
    try {
      server.start();
    } catch (RuntimeException e) {
      throw new IOException(failure, e);
    }
    // An address that is taken is only logged by the server, not thrown.
    if (!server.isRunning()) {
      throw new IOException(failure);
    }
  }

  private static Tls tls(TlsFiles files) throws IOException {
    return Tls.builder()
        .sslContext(ServerTls.context(files))
        .enabledProtocols(List.of("TLSv1.3", "TLSv1.2"))
        .clientAuth(files.clientCa() == null ? TlsClientAuth.NONE : TlsClientAuth.REQUIRED)
        .build();
  }

  /** The port that is bound: the chosen one if 0 was asked for. */
  public int port() {
    return server.port();
  }

  @Override
  public void close() {
    server.stop();
    gate.close();
  }

  private static void serve(
      HttpOptions options, Routes routes, ServerRequest request, ServerResponse response)
      throws IOException {
    Visit visit = Visit.CURRENT.get();
    visit.body();
    byte[] body = body(request, options.maxBodyBytes());
    visit.handled();
    if (body == null) {
      String text = "Request body larger than " + options.maxBodyBytes() + " bytes";
      response.header(HeaderNames.CONNECTION, "close");
      send(request, response, Response.text(413, text));
      throw new CloseConnectionException("body too large");
    }
    send(request, response, answer(routes, request, body));
    if (request.headers().contains(HeaderValues.CONNECTION_CLOSE)) {
      // Else the connection stays open until the client closes it.
      throw new CloseConnectionException("as the client wished");
    }
    visit.idle();
  }

  private static Response answer(Routes routes, ServerRequest request, byte[] body) {
    String method = request.prologue().method().text();
    String rawPath = request.path().rawPath();
    try {
      Map<String, String> headers = new HashMap<>();
      request
          .headers()
          .forEach(header ->
              headers.put(
                  header.name().toLowerCase(Locale.ROOT), String.join(",", header.allValues())));
      return routes.dispatch(
          new Request(
              method,
              Routes.decodePath(rawPath),
              Map.of(),
              Query.parse(request.query().rawValue()),
              headers,
              body,
              origin(request),
              request.isSecure()));
    } catch (HttpError e) {
      return Response.text(e.status(), e.text());
    } catch (Exception e) {
      if (e instanceof InterruptedException) {
        Thread.currentThread().interrupt();
        return Response.text(503, "Service is stopping");
      }
      LOG.error("{} {} failed", method, rawPath, e);
      return Response.text(500, "Internal Server Error: " + e.getClass().getSimpleName());
    }
  }

  private static @Nullable InetSocketAddress origin(ServerRequest request) {
    return request.remotePeer().address() instanceof InetSocketAddress address ? address : null;
  }

  /** Null if the body is larger than allowed. */
  private static byte @Nullable [] body(ServerRequest request, int max) throws IOException {
    if (!request.content().hasEntity()) {
      return new byte[0];
    }
    try (InputStream in = request.content().inputStream()) {
      long announced = request.headers().contentLength().orElse(max + 1L);
      byte[] body = announced > max + 1L ? null : in.readNBytes((int) announced);
      if (body != null && body.length <= max) {
        return body;
      }
      // A client that is still sending when the connection closes would not see the answer.
      in.skip(DRAINED_BODIES * (long) max);
      return null;
    }
  }

  private static void send(ServerRequest request, ServerResponse out, Response response) {
    out.status(Status.create(response.status()));
    response.headers().forEach((name, value) -> out.header(name, value));
    if (response.contentType() != null) {
      out.header(HeaderNames.CONTENT_TYPE, response.contentType());
    }
    boolean head = request.prologue().method().equals(Method.HEAD);
    if (response.stream() != null) {
      if (head) {
        out.send();
      } else {
        stream(request, out, response.stream());
      }
    } else if (head) {
      out.contentLength(response.body().length);
      out.send();
    } else {
      out.send(response.body());
    }
  }

  /** A body that breaks off costs the connection: the client must not take it for complete. */
  private static void stream(ServerRequest request, ServerResponse out, Response.Stream stream) {
    try (OutputStream body = new ClientStream(out.outputStream())) {
      stream.writeTo(body);
    } catch (IOException e) {
      throw new CloseConnectionException("the client is gone", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CloseConnectionException("the server stops", e);
    } catch (RuntimeException e) {
      LOG.error("{} broke off", request.path().rawPath(), e);
      throw new CloseConnectionException("the stream broke off", e);
    }
  }

  /** Tells a lost connection by IOException, whatever the library throws. */
  private static final class ClientStream extends OutputStream {
    private final OutputStream out;

    ClientStream(OutputStream out) {
      this.out = out;
    }

    @Override
    public void write(int b) throws IOException {
      write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (RuntimeException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void flush() throws IOException {
      try {
        out.flush();
      } catch (RuntimeException e) {
        throw new IOException(e);
      }
    }

    @Override
    public void close() throws IOException {
      try {
        out.close();
      } catch (RuntimeException e) {
        throw new IOException(e);
      }
    }
  }
}
