package weft.api;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import weft.http.HttpError;

/** An identity service that knows no more than these bearers. */
record Tokens(Map<String, IdentityService.Bearer> bearers) implements IdentityService {
  @Override
  public Bearer bearer(String token) {
    Bearer bearer = bearers.get(token);
    if (bearer == null) {
      throw new HttpError(401, "Authentication required");
    }
    return bearer;
  }

  @Override
  public List<Tenant> tenants() {
    return List.of();
  }

  @Override
  public List<Tenant> project(String id) {
    return List.of();
  }

  @Override
  public String challenge() {
    return "Keystone uri=\"http://keystone\"";
  }

  static Bearer of(String user, String project, String projectId, String... roles) {
    return new Bearer(
        user, user + "-id", project, projectId, "Default", "default", Set.of(roles), Instant.MAX);
  }
}
