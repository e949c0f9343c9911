package weft.api;

import java.net.InetSocketAddress;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.api.access.AaaMode;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.access.Perms2;
import weft.http.HttpError;
import weft.http.Request;

/**
 * Knows callers by the token in `X-Auth-Token`.
 *
 * <p>A cloud administrator, such as another service, may say for whom it asks: then the roles in
 * `X-API-ROLE` take the place of its own. From anybody else these headers mean nothing.
 */
final class TokenAuthentication implements Authentication {
  private final AccessControl control;
  private final @Nullable IdentityService identities;
  private final SpecialRoles roles;
  private final ProjectSource projects;

  /**
   * @param identities null if there is nobody who knows tokens
   */
  TokenAuthentication(
      AccessControl control,
      @Nullable IdentityService identities,
      SpecialRoles roles,
      ProjectSource projects) {
    this.control = control;
    this.identities = identities;
    this.roles = roles;
    this.projects = projects;
  }

  @Override
  public Caller caller(Request request) throws InterruptedException {
    if (control.mode() == AaaMode.NO_AUTH) {
      return Caller.anyone(request.origin());
    }
    String token = request.header("x-auth-token");
    if (token == null || token.isEmpty()) {
      throw new HttpError(401, "Authentication required");
    }
    Caller caller = bearer(token, request.origin());
    String acting = request.header("x-api-role");
    return acting == null || !caller.admin() || control.mode() != AaaMode.RBAC
        ? caller
        : onBehalf(request, caller, acting);
  }

  /** Who bears a token. */
  Caller bearer(String token, @Nullable InetSocketAddress origin) throws InterruptedException {
    if (identities == null) {
      throw new HttpError(401, "Authentication required, and no identity service is configured");
    }
    IdentityService.Bearer bearer = identities.bearer(token);
    UUID project = bearer.projectId() == null ? null : Perms2.uuid(bearer.projectId());
    if (project != null) {
      bring(project);
    }
    return new Caller(
        bearer.user(),
        bearer.userId(),
        bearer.project(),
        bearer.projectId(),
        bearer.domain(),
        bearer.domainId(),
        bearer.roles(),
        roles.admin(bearer.roles()),
        roles.readsAll(bearer.roles()),
        origin);
  }

  /** So that it can be worked in at once. */
  private void bring(UUID project) throws InterruptedException {
    try {
      projects.fetch(project);
    } catch (HttpError _) {
      // It comes later; what the bearer may do does not depend on it.
    }
  }

  private Caller onBehalf(Request request, Caller service, String acting) {
    Set<String> named = new LinkedHashSet<>();
    Arrays.stream(acting.split(",", -1))
        .map(String::strip)
        .filter(role -> !role.isEmpty())
        .forEach(named::add);
    String user = request.header("x-api-user");
    String userId = request.header("x-api-user-id");
    return new Caller(
        user == null ? service.user() : user,
        userId == null ? service.userId() : userId,
        service.project(),
        service.projectId(),
        service.domain(),
        service.domainId(),
        named,
        roles.admin(named),
        roles.readsAll(named),
        service.origin());
  }

  @Override
  public String challenge() {
    return identities == null ? "Keystone" : identities.challenge();
  }
}
