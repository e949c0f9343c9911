package weft.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import weft.lab.Cluster;

/**
 * Where a command finds the servers: by option, else by environment, else as a running lab has
 * noted, else at the usual ports of this machine.
 */
final class Endpoints {
  private static final int VROUTER_PORT = 8085;

  @CommandLine.Option(names = "--api", paramLabel = "URL", description = "Config API (WEFT_API).")
  private @Nullable String api;

  @CommandLine.Option(
      names = "--cacert",
      paramLabel = "FILE",
      description = "Who vouches for the config API, in PEM (WEFT_CACERT; else OS_CACERT).")
  private @Nullable String cacert;

  @CommandLine.Option(
      names = "--token",
      paramLabel = "TOKEN",
      description = "Token for the config API (WEFT_TOKEN; else by OS_AUTH_URL, OS_USERNAME …).")
  private @Nullable String token;

  @CommandLine.Option(
      names = "--control",
      paramLabel = "URL",
      description = "Control node (WEFT_CONTROL).")
  private @Nullable String control;

  @CommandLine.Option(
      names = "--controller",
      paramLabel = "URL",
      description = "Status of the controller (WEFT_CONTROLLER).")
  private @Nullable String controller;

  @CommandLine.Option(
      names = "--vrouter",
      paramLabel = "HOST[:PORT]",
      description = "vRouter agent (WEFT_VROUTER).")
  private @Nullable String vrouter;

  @CommandLine.Option(names = "--on", paramLabel = "NAME", description = "A host of the lab.")
  private @Nullable String on;

  private @Nullable JsonNode lab;

  Rest api() {
    String own = cacert == null ? System.getenv("WEFT_CACERT") : cacert;
    String os = System.getenv("OS_CACERT");
    Credentials credentials =
        new KeystoneCredentials(
            token == null ? System.getenv("WEFT_TOKEN") : token,
            System.getenv(),
            Trust.of(os == null ? own : os, "OS_CACERT"));
    return new Rest(
        find(api, "WEFT_API", "api", "http://127.0.0.1:8082"),
        credentials,
        Trust.of(own == null ? os : own, "--cacert, WEFT_CACERT"));
  }

  /** A service of OpenStack's, asked as who the environment says. */
  Rest openStack(String url) {
    Trust trust = Trust.of(System.getenv("OS_CACERT"), "OS_CACERT");
    return new Rest(url, new KeystoneCredentials(null, System.getenv(), trust), trust);
  }

  Rest control() {
    return new Rest(find(control, "WEFT_CONTROL", "control", "http://127.0.0.1:8083"));
  }

  Rest controller() {
    return new Rest(find(controller, "WEFT_CONTROLLER", "controller", "http://127.0.0.1:8087"));
  }

  /** The host of the lab that has this underlay address; null if none is known to have it. */
  @Nullable Rest vrouterAt(String address) {
    for (JsonNode url : lab().path("vrouters")) {
      if (url.asString().contains("//" + address + ":")) {
        return new Rest(url.asString());
      }
    }
    return null;
  }

  /** The one host that was named, or else the only one that there is. */
  Rest vrouter() {
    Map<String, Rest> all = vrouters();
    if (all.size() != 1) {
      throw new Failure("which host? --on " + String.join(" | ", all.keySet()));
    }
    return all.values().iterator().next();
  }

  /** The host that was named, or else all that are known; by name. */
  Map<String, Rest> vrouters() {
    Map<String, Rest> all = new LinkedHashMap<>();
    if (vrouter != null) {
      all.put(vrouter, withPort(vrouter));
      return all;
    }
    lab().path("vrouters").forEachEntry((name, url) -> all.put(name, new Rest(url.asString())));
    if (on != null) {
      Rest named = all.get(on);
      if (named == null) {
        throw new Failure("no host " + on + " in the lab; there are: " + all.keySet());
      }
      return Map.of(on, named);
    }
    String environment = System.getenv("WEFT_VROUTER");
    if (environment != null) {
      return Map.of(environment, withPort(environment));
    }
    if (all.isEmpty()) {
      all.put("127.0.0.1", withPort("127.0.0.1"));
    }
    return all;
  }

  private static Rest withPort(String host) {
    boolean complete = host.contains("://") || host.matches(".*:\\d+");
    return new Rest(complete ? host : host + ":" + VROUTER_PORT);
  }

  private String find(
      @Nullable String option, String environment, String labKey, String otherwise) {
    if (option != null) {
      return option;
    }
    String set = System.getenv(environment);
    return set != null ? set : lab().path(labKey).asString(otherwise);
  }

  private JsonNode lab() {
    if (lab == null) {
      try {
        lab =
            Files.isReadable(Cluster.POINTER)
                ? Rest.JSON.readTree(Files.readAllBytes(Cluster.POINTER))
                : JsonNodeFactory.instance.objectNode();
      } catch (IOException | tools.jackson.core.JacksonException e) {
        throw new Failure(Cluster.POINTER + ": " + e.getMessage());
      }
    }
    return lab;
  }
}
