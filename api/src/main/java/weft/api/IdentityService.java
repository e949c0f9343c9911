package weft.api;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.http.HttpError;

/** Knows users by their tokens, and the domains and projects that there are. */
public interface IdentityService {
  /**
   * Somebody who bears a token.
   *
   * @param projectId null if the token is for no project; so are the roles then empty
   * @param domainId of the project, else of the user
   */
  record Bearer(
      String user,
      String userId,
      @Nullable String project,
      @Nullable String projectId,
      @Nullable String domain,
      @Nullable String domainId,
      Set<String> roles,
      Instant expires) {}

  /**
   * A domain or a project.
   *
   * @param id as the service writes it, without dashes
   * @param domainId of a project; null for a domain
   */
  record Tenant(String id, String name, @Nullable String domainId) {}

  /**
   * @throws HttpError 401 for a token that is not valid, 503 if that cannot be told now
   */
  Bearer bearer(String token) throws InterruptedException;

  /**
   * All domains, each before its projects.
   *
   * @throws IOException if the service does not tell now
   */
  List<Tenant> tenants() throws IOException, InterruptedException;

  /**
   * One project, after its domain; empty if there is none.
   *
   * @throws IOException if the service does not tell now
   */
  List<Tenant> project(String id) throws IOException, InterruptedException;

  /** What a client without a token is told, such as `Keystone uri="https://…"`. */
  String challenge();
}
