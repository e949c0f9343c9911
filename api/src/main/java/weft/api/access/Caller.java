package weft.api.access;

import java.net.InetSocketAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Who asks.
 *
 * @param user by name
 * @param projectId the project of the caller's token, without dashes; null for none
 * @param domainId the domain of the project, else that of the user; as Keystone writes it
 * @param roles in the project
 * @param admin whether nothing is denied
 * @param readsAll whether no object is hidden, though it may not be changed
 * @param origin where the request came from; null for what the server does by itself
 */
public record Caller(
    String user,
    @Nullable String userId,
    @Nullable String project,
    @Nullable String projectId,
    @Nullable String domain,
    @Nullable String domainId,
    Set<String> roles,
    boolean admin,
    boolean readsAll,
    @Nullable InetSocketAddress origin) {

  /** The server itself. */
  public static final Caller SYSTEM =
      new Caller("system", null, null, null, null, null, Set.of(), true, true, null);

  public Caller {
    roles = Set.copyOf(roles);
  }

  /** The same, from another place. */
  public Caller from(@Nullable InetSocketAddress elsewhere) {
    return new Caller(
        user, userId, project, projectId, domain, domainId, roles, admin, readsAll, elsewhere);
  }

  /** Somebody of whom no proof is asked, as authentication is off. */
  public static Caller anyone(@Nullable InetSocketAddress origin) {
    return new Caller("anyone", null, null, null, null, null, Set.of(), true, true, origin);
  }
}
