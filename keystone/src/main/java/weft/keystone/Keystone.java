package weft.keystone;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;

/**
 * Asks Keystone about tokens, domains and projects.
 *
 * <p>No question takes longer than the timeout. While Keystone is away, tokens that it once found
 * valid stay so until they expire, and of others nothing is known.
 */
public final class Keystone implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Keystone.class);

  /** After a failure Keystone is not asked for so long: else each request would wait for it. */
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /** Longer than any token, and without what cannot stand in a header. */
  private static final java.util.regex.Pattern PLAUSIBLE =
      java.util.regex.Pattern.compile("[\\x21-\\x7e]{1,8000}");

  private final KeystoneOptions options;
  private final InstantSource clock;
  private final Calls calls;
  private final ServiceToken service;
  private final TokenCache cache;
  private final Map<String, CompletableFuture<Verdict>> asking = new ConcurrentHashMap<>();
  private volatile @Nullable Away away;

  private record Away(String reason, Instant until) {}

  /** A domain. */
  public record Domain(String id, String name) {}

  /** A project, and its domain's id. */
  public record Project(String id, String name, String domainId) {}

  /**
   * @throws IOException if the file with the certificates cannot be read
   */
  public Keystone(KeystoneOptions options, InstantSource clock) throws IOException {
    this.options = options;
    this.clock = clock;
    this.calls = new Calls(options.url(), options.timeout(), options.caFile());
    this.service = new ServiceToken(options, calls, clock);
    this.cache = new TokenCache(options.cached(), options.trusted(), options.refused());
  }

  /** What is known of a token; may ask Keystone. */
  public Verdict verdict(String token) throws InterruptedException {
    if (!PLAUSIBLE.matcher(token).matches()) {
      return new Verdict.Invalid("no token looks like that");
    }
    Instant now = clock.instant();
    TokenCache.Known known = cache.get(token, now);
    if (known != null && known.fresh()) {
      return known.verdict();
    }
    Away gone = away;
    Verdict verdict =
        gone != null && now.isBefore(gone.until())
            ? new Verdict.Unknown(gone.reason())
            : askOnce(token);
    return verdict instanceof Verdict.Unknown
            && known != null
            && known.verdict() instanceof Verdict.Valid
        ? known.verdict()
        : verdict;
  }

  /** Those who ask for the same token at the same time wait for one answer. */
  private Verdict askOnce(String token) throws InterruptedException {
    CompletableFuture<Verdict> mine = new CompletableFuture<>();
    CompletableFuture<Verdict> others = asking.putIfAbsent(token, mine);
    if (others == null) {
      try {
        mine.complete(ask(token));
      } finally {
        asking.remove(token, mine);
        mine.complete(new Verdict.Unknown("the question was given up"));
      }
      others = mine;
    }
    try {
      return others.get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(e.getCause());
    }
  }

  private Verdict ask(String token) throws InterruptedException {
    Verdict verdict;
    try {
      Calls.Reply reply = authorized("/v3/auth/tokens", "X-Subject-Token", token);
      verdict =
          switch (reply.status()) {
            case 200 -> new Verdict.Valid(Token.of(reply.body()));
            case 404 -> new Verdict.Invalid("the token is not valid");
            default -> new Verdict.Unknown(refusal(reply.status()));
          };
      back();
    } catch (IOException | IllegalArgumentException e) {
      verdict = new Verdict.Unknown(gone(e));
    }
    cache.put(token, verdict, clock.instant());
    return verdict;
  }

  /** Gets something as the service user; a token of its own that is no longer valid is renewed. */
  private Calls.Reply authorized(String path, String... headers)
      throws IOException, InterruptedException {
    Calls.Deadline deadline = Calls.Deadline.in(options.timeout());
    String own = service.get(deadline);
    Calls.Reply reply = calls.get(path, deadline, with(own, headers));
    if (reply.status() != 401) {
      return reply;
    }
    service.forget(own);
    return calls.get(path, deadline, with(service.get(deadline), headers));
  }

  private static String[] with(String own, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.add("X-Auth-Token");
    all.add(own);
    return all.toArray(String[]::new);
  }

  /**
   * The token of the service user, to speak to other services with.
   *
   * @throws IOException if there is none to be had
   */
  public String ownToken() throws IOException, InterruptedException {
    return service.get(Calls.Deadline.in(options.timeout()));
  }

  /** To be called when a service does not take that token; the next one is a new one. */
  public void forgetOwn(String token) {
    service.forget(token);
  }

  /**
   * All domains.
   *
   * @throws IOException if they are not told, or not all of them
   */
  public List<Domain> domains() throws IOException, InterruptedException {
    return list("domains").stream().map(Keystone::domain).toList();
  }

  /**
   * All projects.
   *
   * @throws IOException if they are not told, or not all of them
   */
  public List<Project> projects() throws IOException, InterruptedException {
    return list("projects").stream().map(Keystone::project).toList();
  }

  public @Nullable Domain domain(String id) throws IOException, InterruptedException {
    JsonNode node = one("domains", "domain", id);
    return node == null ? null : domain(node);
  }

  public @Nullable Project project(String id) throws IOException, InterruptedException {
    JsonNode node = one("projects", "project", id);
    return node == null ? null : project(node);
  }

  private static Domain domain(JsonNode node) {
    return new Domain(node.path("id").asString(""), node.path("name").asString(""));
  }

  private static Project project(JsonNode node) {
    return new Project(
        node.path("id").asString(""),
        node.path("name").asString(""),
        node.path("domain_id").asString(""));
  }

  private List<JsonNode> list(String name) throws IOException, InterruptedException {
    Calls.Reply reply = asked("/v3/" + name);
    if (reply.status() != 200 || !reply.body().path(name).isArray()) {
      throw new IOException(refusal(reply.status()));
    }
    if (reply.body().path("truncated").asBoolean(false)) {
      throw new IOException("Keystone cuts its list of " + name + " short: raise its list_limit");
    }
    return reply.body().path(name).valueStream().toList();
  }

  private @Nullable JsonNode one(String path, String name, String id)
      throws IOException, InterruptedException {
    if (!id.matches("[0-9A-Za-z_-]{1,64}")) {
      return null;
    }
    Calls.Reply reply = asked("/v3/" + path + "/" + id);
    return switch (reply.status()) {
      case 200 -> reply.body().path(name);
      case 404 -> null;
      default -> throw new IOException(refusal(reply.status()));
    };
  }

  private Calls.Reply asked(String path) throws IOException, InterruptedException {
    Away gone = away;
    if (gone != null && clock.instant().isBefore(gone.until())) {
      throw new IOException(gone.reason());
    }
    try {
      Calls.Reply reply = authorized(path);
      back();
      return reply;
    } catch (IOException e) {
      throw new IOException(gone(e), e);
    }
  }

  private String refusal(int status) {
    return "Keystone answered "
        + status
        + (status == 403 ? ": " + options.user() + " may not ask" : "");
  }

  /** Notes that Keystone does not answer; returns what to say about it. */
  private String gone(Exception e) {
    String reason = "Keystone at " + options.url() + " does not answer: " + e.getMessage();
    if (away == null) {
      LOG.warn("{}", reason);
    }
    away = new Away(reason, clock.instant().plus(PAUSE));
    return reason;
  }

  private void back() {
    if (away != null) {
      away = null;
      LOG.info("Keystone at {} answers again", options.url());
    }
  }

  @Override
  public void close() {
    calls.close();
  }
}
