package weft.controller;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.store.etcd.EtcdOptions;

/** The keys that say which store there is, and what they come to. */
final class StoreSettings {
  static final List<Settings.Key> KEYS =
      List.of(
          new Settings.Key(
              "store",
              "embedded",
              "embedded (in data.dir), or etcd: shared by several controllers"),
          new Settings.Key(
              "store.etcd.endpoints", "127.0.0.1:2379", "members of etcd, host:port by commas"),
          new Settings.Key(
              "store.etcd.prefix",
              "",
              "of all keys, the same for all controllers; empty if the etcd is theirs alone"),
          new Settings.Key(
              "store.etcd.tls.ca", "", "PEM file of who vouches for the members; turns TLS on"),
          new Settings.Key("store.etcd.tls.cert", "", "PEM file of the own certificate"),
          new Settings.Key("store.etcd.tls.key", "", "PEM file of its key, PKCS 8"),
          new Settings.Key("store.etcd.user", "", "by which etcd knows the controller"),
          new Settings.Key("store.etcd.password.file", "", "whose first line is the password"),
          new Settings.Key(
              "store.etcd.timeout.seconds",
              "5",
              "after which a request without an answer has failed"),
          new Settings.Key(
              "store.etcd.max.operations", "128", "in a transaction: the members' --max-txn-ops"));

  private StoreSettings() {}

  /**
   * @throws IllegalArgumentException with a text for people that names the key
   */
  static StoreOptions of(Settings set, Path dataDir) {
    return switch (set.text("store")) {
      case "embedded" -> {
        for (Settings.Key key : KEYS) {
          if (key.name().startsWith("store.etcd.") && set.isChanged(key.name())) {
            throw new IllegalArgumentException(
                key.name() + " is set, but store is embedded: set store=etcd");
          }
        }
        yield new StoreOptions.Embedded(dataDir);
      }
      case "etcd" -> new StoreOptions.Etcd(etcd(set));
      case String other ->
          throw new IllegalArgumentException(
              "store: no engine '" + other + "'; there are embedded, etcd");
    };
  }

  private static EtcdOptions etcd(Settings set) {
    List<String> endpoints = new ArrayList<>();
    for (String each : set.text("store.etcd.endpoints").split(",")) {
      endpoints.add(each.trim());
    }
    EtcdOptions options;
    try {
      options = EtcdOptions.of(endpoints);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("store.etcd.endpoints: " + e.getMessage(), e);
    }
    return options
        .withTimeout(Duration.ofSeconds(set.number("store.etcd.timeout.seconds", 1, 60)))
        .withMaxOperations(set.number("store.etcd.max.operations", 16, 1_000_000))
        .withPrefix(set.text("store.etcd.prefix"))
        .withTls(tls(set))
        .withLogin(login(set));
  }

  private static EtcdOptions.@Nullable Tls tls(Settings set) {
    Path authorities = file(set, "store.etcd.tls.ca");
    Path certificate = file(set, "store.etcd.tls.cert");
    Path key = file(set, "store.etcd.tls.key");
    if ((certificate == null) != (key == null)) {
      throw new IllegalArgumentException(
          "store.etcd.tls.cert and store.etcd.tls.key are only of use together");
    }
    if (authorities == null) {
      if (certificate != null) {
        throw new IllegalArgumentException("store.etcd.tls.cert needs store.etcd.tls.ca");
      }
      return null;
    }
    return new EtcdOptions.Tls(authorities, certificate, key);
  }

  private static @Nullable Path file(Settings set, String key) {
    if (set.text(key).isEmpty()) {
      return null;
    }
    Path file = Path.of(set.text(key));
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw new IllegalArgumentException(key + ": " + file + " is no file that can be read");
    }
    return file;
  }

  private static EtcdOptions.@Nullable Login login(Settings set) {
    String user = set.text("store.etcd.user");
    Path file = file(set, "store.etcd.password.file");
    if (user.isEmpty() != (file == null)) {
      throw new IllegalArgumentException(
          "store.etcd.user and store.etcd.password.file are only of use together");
    }
    if (file == null) {
      return null;
    }
    try {
      String password = Files.readString(file).lines().findFirst().orElse("");
      if (password.isEmpty()) {
        throw new IllegalArgumentException(
            "store.etcd.password.file: the first line of " + file + " is empty");
      }
      return new EtcdOptions.Login(user, password);
    } catch (IOException e) {
      throw new IllegalArgumentException("store.etcd.password.file: " + e, e);
    }
  }
}
