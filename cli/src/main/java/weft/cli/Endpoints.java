package weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import weft.http.Json;
import weft.lab.Cluster;

/**
 * Where the daemons are: from options, else the environment (WEFT_API, WEFT_CONTROL, WEFT_VROUTER),
 * else a lab that runs on this machine, else this machine's usual ports.
 */
final class Endpoints {
  @Option(
      names = "--api",
      paramLabel = "URL",
      description = "Config API (default: http://127.0.0.1:8082).")
  @Nullable String api;

  @Option(
      names = "--control",
      paramLabel = "URL",
      description = "Control node (default: http://127.0.0.1:8083).")
  @Nullable String control;

  @Option(
      names = "--vrouter",
      paramLabel = "URL",
      description = "vRouter (default: http://127.0.0.1:8085).")
  @Nullable String vrouter;

  @Option(
      names = "--on",
      paramLabel = "HOST",
      description = "vRouter of a host of the lab that runs here.")
  @Nullable String host;

  String api() throws IOException {
    return choose(api, "WEFT_API", "api", "http://127.0.0.1:8082");
  }

  String control() throws IOException {
    return choose(control, "WEFT_CONTROL", "control", "http://127.0.0.1:8083");
  }

  /**
   * @throws IOException if `--on` names a host that no lab here has
   */
  String vrouter() throws IOException {
    if (host != null) {
      String url = vrouters().get(host);
      if (url == null) {
        throw new IOException(
            "--on " + host + ": no such host; the lab has " + vrouters().keySet());
      }
      return url;
    }
    return choose(vrouter, "WEFT_VROUTER", "vrouter", "http://127.0.0.1:8085");
  }

  /** The vRouters of the lab that runs here, by host; empty if none runs. */
  SortedMap<String, String> vrouters() throws IOException {
    SortedMap<String, String> urls = new TreeMap<>();
    lab().path("vrouters").forEachEntry((name, url) -> urls.put(name, url.asString()));
    return urls;
  }

  private static String choose(@Nullable String option, String variable, String key, String usual)
      throws IOException {
    if (option != null) {
      return withScheme(option);
    }
    String fromEnvironment = System.getenv(variable);
    if (fromEnvironment != null) {
      return withScheme(fromEnvironment);
    }
    JsonNode fromLab = lab().path(key);
    return fromLab.isMissingNode() ? usual : fromLab.asString();
  }

  private static String withScheme(String url) {
    return url.contains("://") ? url : "http://" + url;
  }

  private static JsonNode lab() throws IOException {
    return Files.exists(Cluster.POINTER)
        ? Json.parse(Files.readString(Cluster.POINTER))
        : Json.object();
  }
}
