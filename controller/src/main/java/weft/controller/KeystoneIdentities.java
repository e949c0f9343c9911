package weft.controller;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import weft.api.IdentityService;
import weft.http.HttpError;
import weft.keystone.Keystone;
import weft.keystone.Token;
import weft.keystone.Verdict;

/** Keystone as the config API asks it. */
final class KeystoneIdentities implements IdentityService {
  private final Keystone keystone;
  private final String challenge;

  KeystoneIdentities(Keystone keystone, String url) {
    this.keystone = keystone;
    this.challenge = "Keystone uri=\"" + url + "\"";
  }

  @Override
  public Bearer bearer(String token) throws InterruptedException {
    return switch (keystone.verdict(token)) {
      case Verdict.Valid(Token valid) -> bearer(valid);
      case Verdict.Invalid _ -> throw new HttpError(401, "Authentication required");
      case Verdict.Unknown(String reason) -> throw new HttpError(503, reason);
    };
  }

  private static Bearer bearer(Token token) {
    Token.Named project = token.project();
    return new Bearer(
        token.user().name(),
        token.user().id(),
        project == null ? null : project.name(),
        project == null ? null : project.id(),
        token.domain().name(),
        token.domain().id(),
        token.roles(),
        token.expires());
  }

  @Override
  public List<Tenant> tenants() throws IOException, InterruptedException {
    List<Tenant> tenants = new ArrayList<>();
    for (Keystone.Domain domain : keystone.domains()) {
      tenants.add(tenant(domain));
    }
    for (Keystone.Project project : keystone.projects()) {
      tenants.add(tenant(project));
    }
    return tenants;
  }

  @Override
  public List<Tenant> project(String id) throws IOException, InterruptedException {
    Keystone.Project project = keystone.project(id);
    if (project == null) {
      return List.of();
    }
    Keystone.Domain domain = keystone.domain(project.domainId());
    return domain == null ? List.of(tenant(project)) : List.of(tenant(domain), tenant(project));
  }

  private static Tenant tenant(Keystone.Domain domain) {
    return new Tenant(domain.id(), domain.name(), null);
  }

  private static Tenant tenant(Keystone.Project project) {
    return new Tenant(project.id(), project.name(), project.domainId());
  }

  @Override
  public String challenge() {
    return challenge;
  }
}
