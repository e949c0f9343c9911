package weft.keystone;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The token by which this service asks; got with its password, anew before it expires. */
final class ServiceToken {
  /** No longer used so long before it expires. */
  private static final Duration MARGIN = Duration.ofSeconds(30);

  private final KeystoneOptions options;
  private final Calls calls;
  private final InstantSource clock;
  private final ReentrantLock getting = new ReentrantLock();
  private volatile @Nullable Held held;

  private record Held(String token, Instant until) {}

  ServiceToken(KeystoneOptions options, Calls calls, InstantSource clock) {
    this.options = options;
    this.calls = calls;
    this.clock = clock;
  }

  String get(Calls.Deadline deadline) throws IOException, InterruptedException {
    String known = known();
    if (known != null) {
      return known;
    }
    if (!getting.tryLock(deadline.left(), TimeUnit.NANOSECONDS)) {
      throw new IOException("no answer in time");
    }
    try {
      String meanwhile = known();
      return meanwhile == null ? fetch(deadline) : meanwhile;
    } finally {
      getting.unlock();
    }
  }

  private @Nullable String known() {
    Held now = held;
    return now != null && clock.instant().isBefore(now.until()) ? now.token() : null;
  }

  /** To be called if the token turned out not to be valid. */
  void forget(String token) {
    Held now = held;
    if (now != null && now.token().equals(token)) {
      held = null;
    }
  }

  private String fetch(Calls.Deadline deadline) throws IOException, InterruptedException {
    Calls.Reply reply = calls.post("/v3/auth/tokens", request(), deadline);
    String token = reply.token();
    if (reply.status() == 401) {
      throw new IOException(
          "user "
              + options.user()
              + " or its password, or project "
              + options.project()
              + ", is wrong");
    }
    if (reply.status() != 201 || token == null) {
      throw new IOException("logging in is answered with " + reply.status());
    }
    Instant expires = Token.of(reply.body()).expires();
    Instant now = clock.instant();
    Duration life = Duration.between(now, expires);
    Duration margin = life.dividedBy(2).compareTo(MARGIN) < 0 ? life.dividedBy(2) : MARGIN;
    held = new Held(token, expires.minus(margin));
    return token;
  }

  private ObjectNode request() {
    ObjectNode request = JsonNodeFactory.instance.objectNode();
    ObjectNode auth = request.putObject("auth");
    ObjectNode identity = auth.putObject("identity");
    identity.putArray("methods").add("password");
    ObjectNode user = identity.putObject("password").putObject("user");
    user.put("name", options.user()).put("password", options.password());
    user.putObject("domain").put("name", options.userDomain());
    ObjectNode project = auth.putObject("scope").putObject("project");
    project.put("name", options.project());
    project.putObject("domain").put("name", options.projectDomain());
    return request;
  }
}
