package weft.api;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import weft.api.access.AaaMode;
import weft.http.HttpOptions;

/**
 * Where the config API listens, and how much it asks of a caller.
 *
 * @param http for everybody
 * @param mode that the server begins with
 * @param roles the roles with a meaning of their own
 * @param admin for the administrator of this machine; null for none
 * @param resync between two looks at the domains and projects of the identity service
 */
public record ApiOptions(
    HttpOptions http, AaaMode mode, SpecialRoles roles, @Nullable Admin admin, Duration resync) {
  public static final int DEFAULT_PORT = 8082;
  public static final Duration RESYNC = Duration.ofSeconds(60);

  /**
   * A listener of its own, where a password is asked for instead of a token.
   *
   * @param http should be a loopback address
   */
  public record Admin(HttpOptions http, String user, String password) {}

  /** Open to everybody. */
  public ApiOptions(String address, int port) {
    this(new HttpOptions(address, port), AaaMode.NO_AUTH, SpecialRoles.DEFAULT, null, RESYNC);
  }
}
