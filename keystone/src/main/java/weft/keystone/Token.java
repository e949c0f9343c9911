package weft.keystone;

import java.time.DateTimeException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * What a token says.
 *
 * @param project null if it is for no project
 * @param domain of the project, else of the user
 * @param roles in the project or, of a token for the whole system, in that; empty for any other
 */
public record Token(
    Named user, @Nullable Named project, Named domain, Set<String> roles, Instant expires) {

  /** Something of Keystone's: id and name. */
  public record Named(String id, String name) {}

  public Token {
    roles = Set.copyOf(roles);
  }

  /**
   * @throws IllegalArgumentException if it is not as Keystone writes it
   */
  static Token of(JsonNode answer) {
    JsonNode token = answer.path("token");
    Named user = named(token.path("user"));
    JsonNode project = token.path("project");
    boolean scoped = project.isObject();
    Set<String> roles = new HashSet<>();
    if (scoped || token.path("system").isObject()) {
      token.path("roles").forEach(role -> roles.add(role.path("name").asString("")));
    }
    try {
      return new Token(
          user,
          scoped ? named(project) : null,
          named(scoped ? project.path("domain") : token.path("user").path("domain")),
          roles,
          Instant.parse(token.path("expires_at").asString("")));
    } catch (DateTimeException e) {
      throw new IllegalArgumentException("expires_at: " + e.getMessage(), e);
    }
  }

  private static Named named(JsonNode node) {
    String id = node.path("id").asString("");
    if (id.isEmpty()) {
      throw new IllegalArgumentException("something in the token has no id");
    }
    return new Named(id, node.path("name").asString(id));
  }
}
