package weft.api;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Set;
import weft.api.access.Caller;
import weft.http.HttpError;
import weft.http.Request;

/** An administrator of this machine, known by a password; works while nobody knows tokens. */
final class LocalAdmin implements Authentication {
  private static final String SCHEME = "Basic ";

  private final byte[] expected;
  private final Caller caller;

  LocalAdmin(ApiOptions.Admin options, String role) {
    this.expected =
        Base64.getEncoder()
            .encode((options.user() + ":" + options.password()).getBytes(StandardCharsets.UTF_8));
    this.caller =
        new Caller(options.user(), null, null, null, null, null, Set.of(role), true, true, null);
  }

  @Override
  public Caller caller(Request request) {
    String header = request.header("authorization");
    byte[] given =
        header != null && header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
            ? header.substring(SCHEME.length()).strip().getBytes(StandardCharsets.UTF_8)
            : new byte[0];
    // Takes as long for a wrong password as for a right one.
    if (!MessageDigest.isEqual(expected, given)) {
      throw new HttpError(401, "Authentication required");
    }
    return caller.from(request.origin());
  }

  @Override
  public String challenge() {
    return "Basic realm=\"weft\"";
  }
}
