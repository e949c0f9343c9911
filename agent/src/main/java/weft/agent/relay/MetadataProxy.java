package weft.agent.relay;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import weft.agent.relay.Guests.Guest;

/**
 * Passes a guest's metadata requests on, with headers by which the metadata service knows the guest
 * (as Nova's, which Neutron's proxy speaks to). What a guest says of itself under these names is
 * dropped.
 */
public final class MetadataProxy implements TcpService.Handler {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int HEAD_MOST = 32 * 1024;
  private static final int BODY_MOST = 256 * 1024;
  private static final Pattern REQUEST = Pattern.compile("([A-Z]+) (\\S+) HTTP/1\\.[01]");
  private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT", "DELETE");
  private static final Set<String> NOT_PASSED_ON =
      Set.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "proxy-authenticate",
          "proxy-authorization",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade",
          "host",
          "content-length",
          "expect");
  private static final List<String> OURS =
      List.of("x-instance-id", "x-tenant-id", "x-project-id", "x-forwarded", "forwarded");

  private final Target target;
  private final String secret;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(CONNECT)
          .followRedirects(HttpClient.Redirect.NEVER)
          .build();

  /**
   * @param secret shared with the metadata service; empty leaves the signature out
   */
  public MetadataProxy(Target target, String secret) {
    this.target = target;
    this.secret = secret;
  }

  private record Header(String name, String value) {}

  @SuppressWarnings("ArrayRecordComponent") // read once, sent once
  private record Question(String method, String path, List<Header> headers, byte[] body) {}

  /** A request that gets no further, and what its sender is told. */
  private static final class Refused extends IOException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String text) {
      super(text);
      this.status = status;
    }
  }

  @Override
  public void serve(Socket connection, Guest guest) throws IOException {
    connection.setSoTimeout((int) PATIENCE.toMillis());
    OutputStream out = connection.getOutputStream();
    try {
      Question question = read(new BufferedInputStream(connection.getInputStream()));
      if (question != null) {
        ask(question, guest, out);
      }
    } catch (Refused e) {
      byte[] text = (e.getMessage() + "\n").getBytes(StandardCharsets.UTF_8);
      out.write(head(e.status, List.of(new Header("Content-Type", "text/plain")), text.length));
      out.write(text);
      out.flush();
    }
  }

  private static @Nullable Question read(InputStream in) throws IOException {
    List<String> lines = lines(in);
    if (lines.isEmpty()) {
      return null;
    }
    Matcher request = REQUEST.matcher(lines.getFirst());
    if (!request.matches()) {
      throw new Refused(400, "not a request of HTTP/1.1");
    }
    String method = request.group(1);
    if (!METHODS.contains(method)) {
      throw new Refused(501, "method " + method + " is not passed on");
    }
    List<Header> headers = new ArrayList<>();
    int length = 0;
    for (String line : lines.subList(1, lines.size())) {
      int colon = line.indexOf(':');
      String name = colon < 0 ? "" : line.substring(0, colon);
      if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+")) {
        throw new Refused(400, "malformed header");
      }
      String value = line.substring(colon + 1).trim();
      switch (name.toLowerCase(Locale.ROOT)) {
        case "content-length" -> length = length(value);
        case "transfer-encoding" -> throw new Refused(501, "bodies need a Content-Length");
        default -> {}
      }
      if (passedOn(name)) {
        headers.add(new Header(name, value));
      }
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new Refused(400, "body is cut short");
    }
    return new Question(method, path(request.group(2)), headers, body);
  }

  /** The lines of the head, none if the guest says nothing at all. */
  private static List<String> lines(InputStream in) throws IOException {
    List<String> lines = new ArrayList<>();
    ByteArrayOutputStream line = new ByteArrayOutputStream();
    for (int read = 0; read < HEAD_MOST; read++) {
      int next = in.read();
      if (next < 0) {
        if (read == 0) {
          return lines;
        }
        throw new Refused(400, "request is cut short");
      }
      if (next != '\n') {
        line.write(next);
        continue;
      }
      String text = line.toString(StandardCharsets.ISO_8859_1);
      text = text.endsWith("\r") ? text.substring(0, text.length() - 1) : text;
      if (text.isEmpty() && !lines.isEmpty()) {
        return lines;
      }
      if (!text.isEmpty()) {
        lines.add(text);
      }
      line.reset();
    }
    throw new Refused(431, "request is too long");
  }

  private static int length(String value) throws Refused {
    if (!value.matches("\\d{1,9}")) {
      throw new Refused(400, "malformed Content-Length");
    }
    int length = Integer.parseInt(value);
    if (length > BODY_MOST) {
      throw new Refused(413, "body is larger than " + BODY_MOST + " bytes");
    }
    return length;
  }

  /** What follows the host, if there is one. */
  private static String path(String target) throws Refused {
    try {
      URI uri = new URI(target);
      String path = uri.getRawPath() == null ? "" : uri.getRawPath();
      String query = uri.getRawQuery();
      return (path.startsWith("/") ? path : "/" + path) + (query == null ? "" : "?" + query);
    } catch (java.net.URISyntaxException e) {
      throw new Refused(400, "malformed path");
    }
  }

  /** Servers take `_` in a name for `-`, so such names could pass for ours. */
  private static boolean passedOn(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    return !NOT_PASSED_ON.contains(lower)
        && lower.indexOf('_') < 0
        && OURS.stream().noneMatch(lower::startsWith);
  }

  private void ask(Question question, Guest guest, OutputStream out) throws IOException {
    HttpResponse<InputStream> answer;
    try {
      answer = http.send(request(question, guest), HttpResponse.BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw new Refused(502, "metadata service does not answer");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new Refused(503, "stopping");
    } catch (IllegalArgumentException e) {
      throw new Refused(400, "request cannot be passed on");
    }
    List<Header> headers = new ArrayList<>();
    answer
        .headers()
        .map()
        .forEach((name, values) -> {
          if (!NOT_PASSED_ON.contains(name.toLowerCase(Locale.ROOT))) {
            values.forEach(value -> headers.add(new Header(name, value)));
          }
        });
    long length = answer.headers().firstValueAsLong("content-length").orElse(-1);
    try (InputStream body = answer.body()) {
      out.write(head(answer.statusCode(), headers, length));
      if (!question.method().equals("HEAD")) {
        body.transferTo(out);
      }
      out.flush();
    }
  }

  private HttpRequest request(Question question, Guest guest) throws IOException {
    InetSocketAddress at = target.pick();
    String host = at.getAddress().getHostAddress();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(
                URI.create(
                    "http://%s:%d%s"
                        .formatted(
                            host.indexOf(':') >= 0 ? "[" + host + "]" : host,
                            at.getPort(),
                            question.path())))
            .timeout(PATIENCE)
            .method(question.method(), HttpRequest.BodyPublishers.ofByteArray(question.body()));
    question.headers().forEach(header -> request.header(header.name(), header.value()));
    String instance = guest.instance().toString();
    request.setHeader("X-Forwarded-For", guest.address());
    request.setHeader("X-Instance-ID", instance);
    if (guest.project() != null) {
      request.setHeader("X-Tenant-ID", guest.project().toString().replace("-", ""));
    }
    if (!secret.isEmpty()) {
      request.setHeader("X-Instance-ID-Signature", signature(secret, instance));
    }
    return request.build();
  }

  private static String signature(String secret, String instance) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
      return HexFormat.of().formatHex(mac.doFinal(instance.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /**
   * @param length of the body, negative if the end of the connection is its end
   */
  private static byte[] head(int status, List<Header> headers, long length) {
    StringBuilder head = new StringBuilder();
    head.append("HTTP/1.1 ").append(status).append(" \r\n");
    headers.forEach(
        header -> head.append(header.name()).append(": ").append(header.value()).append("\r\n"));
    if (length >= 0) {
      head.append("Content-Length: ").append(length).append("\r\n");
    }
    head.append("Connection: close\r\n\r\n");
    return head.toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
