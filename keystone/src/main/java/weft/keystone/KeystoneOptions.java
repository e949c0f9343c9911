package weft.keystone;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Where Keystone is, and as whom it is asked.
 *
 * @param url such as `https://keystone:5000`, with or without `/v3`
 * @param user a service user that may validate tokens and list projects
 * @param caFile certificates in PEM that Keystone's is to be signed by; null for those of the JDK
 * @param timeout for all that one question takes
 * @param cached how many tokens are remembered
 * @param trusted how long a token that was found valid is not asked for again
 * @param refused how long one that was found invalid is not
 */
public record KeystoneOptions(
    URI url,
    String user,
    String userDomain,
    String password,
    String project,
    String projectDomain,
    @Nullable Path caFile,
    Duration timeout,
    int cached,
    Duration trusted,
    Duration refused) {

  public KeystoneOptions {
    String scheme = url.getScheme();
    if (!"http".equals(scheme) && !"https".equals(scheme) || url.getHost() == null) {
      throw new IllegalArgumentException("'" + url + "' is no URL of http or https");
    }
    String text = url.toString().replaceFirst("/+$", "").replaceFirst("/v3$", "");
    url = URI.create(text);
  }

  /** Hides the password. */
  @Override
  public String toString() {
    return "Keystone at " + url + " as " + user + " of " + userDomain;
  }
}
