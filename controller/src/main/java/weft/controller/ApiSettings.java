package weft.controller;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.api.ApiOptions;
import weft.api.SpecialRoles;
import weft.api.access.AaaMode;
import weft.http.HttpLimits;
import weft.http.HttpOptions;
import weft.http.TlsFiles;
import weft.keystone.KeystoneOptions;

/** The keys that say where the config API listens and whom it lets in, and what they come to. */
final class ApiSettings {
  static final List<Settings.Key> KEYS =
      List.of(
          new Settings.Key("api.address", "0.0.0.0", "where the config API listens"),
          new Settings.Key("api.port", "8082", "0 takes a free one, as for all ports"),
          new Settings.Key(
              "api.aaa-mode",
              "",
              "no-auth: everybody may do everything; cloud-admin: only who has that role; rbac: by"
                  + " rules and permissions of objects; empty: cloud-admin with a Keystone, else"
                  + " no-auth"),
          new Settings.Key("api.role.admin", "admin", "role of a cloud administrator"),
          new Settings.Key("api.role.read-only", "", "role that may read everything; empty: none"),
          new Settings.Key(
              "api.tls.certificate", "", "PEM file of the API's certificates; turns TLS on"),
          new Settings.Key("api.tls.key", "", "PEM file of its key, PKCS 8"),
          new Settings.Key(
              "api.tls.client.ca",
              "",
              "PEM file; clients must show a certificate signed by one of it; empty: none"),
          new Settings.Key(
              "api.admin.password.file",
              "",
              "whose first line lets the local administrator in; empty: there is none"),
          new Settings.Key("api.admin.user", "admin", "name of the local administrator"),
          new Settings.Key("api.admin.address", "127.0.0.1", "loopback, where it is let in"),
          new Settings.Key("api.admin.port", "8095", ""),
          new Settings.Key(
              "keystone.url", "", "such as https://keystone:5000; empty: there is no Keystone"),
          new Settings.Key(
              "keystone.user", "weft", "service user: may validate tokens, list projects"),
          new Settings.Key("keystone.user.domain", "Default", ""),
          new Settings.Key("keystone.password.file", "", "whose first line is its password"),
          new Settings.Key("keystone.project", "service", "in which it has its role"),
          new Settings.Key("keystone.project.domain", "Default", ""),
          new Settings.Key(
              "keystone.tls.ca", "", "PEM file of who vouches for Keystone; empty: as the JDK"),
          new Settings.Key(
              "keystone.timeout.seconds",
              "5",
              "after which a question without an answer has failed"),
          new Settings.Key("keystone.cache.tokens", "10000", "that are remembered"),
          new Settings.Key(
              "keystone.cache.seconds",
              "300",
              "for which a valid token is not asked for again: a revoked one works so long"),
          new Settings.Key(
              "keystone.resync.seconds", "60", "between two looks at domains and projects"),
          new Settings.Key(
              "nova.url",
              "",
              "such as https://nova:8774/v2.1, which is told of ports that are plugged, as"
                  + " keystone.user; empty: there is no Nova"));

  private static final Duration REFUSED = Duration.ofSeconds(10);

  private ApiSettings() {}

  /**
   * @throws IllegalArgumentException with a text for people that names the key
   */
  static ApiOptions api(Settings set, boolean keystone, HttpLimits limits) {
    HttpOptions http =
        new HttpOptions(
            set.text("api.address"),
            set.port("api.port"),
            HttpOptions.DEFAULT_MAX_BODY_BYTES,
            tls(set),
            limits);
    ApiOptions.Admin admin = admin(set, limits);
    return new ApiOptions(
        http,
        mode(set, keystone, admin != null),
        new SpecialRoles(set.text("api.role.admin"), set.text("api.role.read-only")),
        admin,
        Duration.ofSeconds(set.number("keystone.resync.seconds", 1, 86_400)));
  }

  private static AaaMode mode(Settings set, boolean keystone, boolean admin) {
    String text = set.text("api.aaa-mode");
    if (text.isEmpty()) {
      return keystone ? AaaMode.CLOUD_ADMIN : AaaMode.NO_AUTH;
    }
    AaaMode mode;
    try {
      mode = AaaMode.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("api.aaa-mode: " + e.getMessage(), e);
    }
    if (mode != AaaMode.NO_AUTH && !keystone && !admin) {
      throw new IllegalArgumentException(
          "api.aaa-mode: in "
              + mode
              + " nobody could get in: set keystone.url or"
              + " api.admin.password.file");
    }
    return mode;
  }

  private static @Nullable TlsFiles tls(Settings set) {
    Path certificate = file(set, "api.tls.certificate");
    Path key = file(set, "api.tls.key");
    Path clientCa = file(set, "api.tls.client.ca");
    if (certificate != null && key != null) {
      return new TlsFiles(certificate, key, clientCa);
    }
    if (certificate != null || key != null || clientCa != null) {
      throw new IllegalArgumentException(
          "api.tls: "
              + (certificate == null ? "api.tls.certificate" : "api.tls.key")
              + " is missing");
    }
    return null;
  }

  private static ApiOptions.@Nullable Admin admin(Settings set, HttpLimits limits) {
    Path file = file(set, "api.admin.password.file");
    if (file == null) {
      return null;
    }
    String address = set.text("api.admin.address");
    try {
      if (!InetAddress.getByName(address).isLoopbackAddress()) {
        throw new IllegalArgumentException(
            "api.admin.address: " + address + " is not of this machine alone (127.0.0.1, ::1)");
      }
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("api.admin.address: unknown host " + address, e);
    }
    return new ApiOptions.Admin(
        new HttpOptions(address, set.port("api.admin.port")).withLimits(limits),
        set.text("api.admin.user"),
        secret("api.admin.password.file", file));
  }

  /**
   * Null if there is no Keystone.
   *
   * @throws IllegalArgumentException with a text for people that names the key
   */
  static @Nullable KeystoneOptions keystone(Settings set) {
    String url = set.text("keystone.url");
    if (url.isEmpty()) {
      for (Settings.Key key : KEYS) {
        if (key.name().startsWith("keystone.") && set.isChanged(key.name())) {
          throw new IllegalArgumentException(key.name() + " is set, but keystone.url is not");
        }
      }
      return null;
    }
    Path password = file(set, "keystone.password.file");
    if (password == null) {
      throw new IllegalArgumentException("keystone.password.file: missing");
    }
    try {
      return new KeystoneOptions(
          URI.create(url),
          set.text("keystone.user"),
          set.text("keystone.user.domain"),
          secret("keystone.password.file", password),
          set.text("keystone.project"),
          set.text("keystone.project.domain"),
          file(set, "keystone.tls.ca"),
          Duration.ofSeconds(set.number("keystone.timeout.seconds", 1, 60)),
          set.number("keystone.cache.tokens", 1, 10_000_000),
          Duration.ofSeconds(set.number("keystone.cache.seconds", 0, 86_400)),
          REFUSED);
    } catch (IllegalArgumentException e) {
      boolean named = e.getMessage() != null && e.getMessage().startsWith("keystone.");
      throw named ? e : new IllegalArgumentException("keystone.url: " + e.getMessage(), e);
    }
  }

  /**
   * Null if there is no Nova.
   *
   * @throws IllegalArgumentException with a text for people that names the key
   */
  static @Nullable URI nova(Settings set, boolean keystone) {
    String text = set.text("nova.url");
    if (text.isEmpty()) {
      return null;
    }
    if (!keystone) {
      throw new IllegalArgumentException("nova.url is set, but keystone.url is not");
    }
    if (!text.matches("https?://[^/?#\\s]+(/[^?#\\s]*)?")) {
      throw new IllegalArgumentException("nova.url: '" + text + "' is no URL of http or https");
    }
    try {
      return URI.create(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("nova.url: " + e.getMessage(), e);
    }
  }

  private static @Nullable Path file(Settings set, String key) {
    String text = set.text(key);
    return text.isEmpty() ? null : Path.of(text);
  }

  private static String secret(String key, Path file) {
    List<String> lines;
    try {
      lines = Files.readAllLines(file);
    } catch (NoSuchFileException e) {
      throw new IllegalArgumentException(key + ": no file " + file, e);
    } catch (IOException e) {
      throw new IllegalArgumentException(key + ": " + file + " cannot be read: " + e, e);
    }
    if (lines.isEmpty() || lines.getFirst().isEmpty()) {
      throw new IllegalArgumentException(key + ": the first line of " + file + " is empty");
    }
    return lines.getFirst();
  }
}
