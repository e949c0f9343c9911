package weft.controller;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import weft.api.ApiOptions;
import weft.compiler.CompilerOptions;
import weft.control.ControlOptions;
import weft.keystone.KeystoneOptions;
import weft.net.Ipv4Address;

/**
 * What a controller is told when it starts.
 *
 * @param name of this controller, as agents and BGP peers see it
 * @param store where the config is kept
 * @param lease for how long another waits for a silent leader
 * @param roles which parts run here
 * @param api where the config API listens, and whom it lets in
 * @param keystone who knows tokens and projects; null for nobody
 * @param nova the URL of Nova's API, which is told of ports that are plugged; null for none
 * @param control of the control node
 * @param status where the controller tells how it is doing
 */
public record ControllerOptions(
    String name,
    StoreOptions store,
    Duration lease,
    Set<Role> roles,
    ApiOptions api,
    @Nullable KeystoneOptions keystone,
    @Nullable URI nova,
    Control control,
    CompilerOptions compiler,
    Listen status) {

  /**
   * An address to listen on.
   *
   * @param port 0 takes a free one
   */
  public record Listen(String address, int port) {}

  /**
   * @param address its own, by which agents and BGP peers reach it; it listens there and on
   *     127.0.0.1
   * @param tls null lets agents in without TLS
   * @param limits what those who connect may take
   */
  public record Control(
      Ipv4Address address,
      int xmppPort,
      int bgpPort,
      Listen introspection,
      ControlOptions.Times times,
      ControlOptions.@Nullable Tls tls,
      ControlOptions.Limits limits) {}

  private static final List<Settings.Key> FIRST_KEYS =
      List.of(
          new Settings.Key(
              "name", "", "name of this controller, unlike all others; empty: the host's name"),
          new Settings.Key("data.dir", "/var/lib/weft/controller", "where an embedded store lies"));

  private static final List<Settings.Key> FURTHER_KEYS =
      List.of(
          new Settings.Key(
              "leader.lease.seconds",
              "10",
              "after which another controller compiles in place of a silent one"),
          new Settings.Key("roles", "api,compiler,control", "which parts run here"),
          new Settings.Key(
              "status.address", "0.0.0.0", "where the controller tells how it is doing"),
          new Settings.Key("status.port", "8087", ""),
          new Settings.Key(
              "control.address",
              "127.0.0.1",
              "IPv4 address by which agents and BGP peers reach the control node"),
          new Settings.Key("control.xmpp.port", "5269", "where agents connect"),
          new Settings.Key(
              "control.tls.certificate",
              "",
              "PEM; with it agents must use TLS, each with a certificate of its name"),
          new Settings.Key("control.tls.key", "", "PEM, PKCS 8"),
          new Settings.Key("control.tls.ca", "", "PEM, whose certificates agents must show"),
          new Settings.Key("control.bgp.port", "179", "where BGP peers connect"),
          new Settings.Key(
              "control.introspection.address", "0.0.0.0", "where its tables can be read"),
          new Settings.Key("control.introspection.port", "8083", ""),
          new Settings.Key("control.hold.seconds", "90", "how long an agent may be silent"),
          new Settings.Key(
              "control.restart.seconds", "60", "how long the routes of a lost agent stay"),
          new Settings.Key(
              "control.bgp.retry.seconds", "10", "between two attempts to reach a BGP peer"),
          new Settings.Key(
              "compiler.unnamed.peers",
              "deny",
              "in a network with policies, traffic with networks that no rule names: deny, or pass"
                  + " where a logical router joins them"));

  private static final List<Settings.Key> KEYS =
      Stream.of(FIRST_KEYS, StoreSettings.KEYS, FURTHER_KEYS, LimitSettings.KEYS, ApiSettings.KEYS)
          .flatMap(List::stream)
          .toList();

  public ControllerOptions {
    roles = Set.copyOf(roles);
  }

  /**
   * Reads a properties file.
   *
   * @throws IllegalArgumentException with a text for people, if a key is unknown or a value is
   *     malformed
   */
  public static ControllerOptions read(Path file) throws IOException {
    return of(Settings.load(file));
  }

  /** As {@link #read}, from properties already loaded. */
  public static ControllerOptions of(Properties properties) {
    Settings set = Settings.of(KEYS, properties);
    KeystoneOptions keystone = ApiSettings.keystone(set);
    ControlOptions.Limits limits = LimitSettings.of(set);
    return new ControllerOptions(
        set.text("name").isEmpty() ? hostName() : set.text("name"),
        StoreSettings.of(set, Path.of(set.text("data.dir"))),
        Duration.ofSeconds(set.number("leader.lease.seconds", 2, 300)),
        Role.parse("roles", set.text("roles")),
        ApiSettings.api(set, keystone != null, limits.http()),
        keystone,
        ApiSettings.nova(set, keystone != null),
        new Control(
            address("control.address", set.text("control.address")),
            set.port("control.xmpp.port"),
            set.port("control.bgp.port"),
            new Listen(
                set.text("control.introspection.address"), set.port("control.introspection.port")),
            new ControlOptions.Times(
                Duration.ofSeconds(set.number("control.hold.seconds", 1, 3600)),
                Duration.ofSeconds(set.number("control.restart.seconds", 0, 86_400)),
                Duration.ofSeconds(set.number("control.bgp.retry.seconds", 1, 3600))),
            controlTls(set),
            limits),
        new CompilerOptions(unnamedPeers(set.text("compiler.unnamed.peers"))),
        new Listen(set.text("status.address"), set.port("status.port")));
  }

  /** All keys with their defaults, as a properties file. */
  public static String defaults() {
    List<String> lines = new ArrayList<>();
    for (Settings.Key key : KEYS) {
      if (!key.meaning().isEmpty()) {
        lines.add("# " + key.meaning());
      }
      lines.add(key.name() + "=" + key.fallback());
    }
    return String.join("\n", lines) + "\n";
  }

  private static Ipv4Address address(String key, String text) {
    try {
      return Ipv4Address.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + ": " + e.getMessage(), e);
    }
  }

  private static ControlOptions.@Nullable Tls controlTls(Settings set) {
    List<String> names = List.of("control.tls.certificate", "control.tls.key", "control.tls.ca");
    List<String> missing = names.stream().filter(name -> set.text(name).isEmpty()).toList();
    if (missing.size() == names.size()) {
      return null;
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          String.join(", ", missing) + " is missing: TLS for agents needs all of " + names);
    }
    List<Path> files = names.stream().map(name -> Path.of(set.text(name))).toList();
    return new ControlOptions.Tls(files.get(0), files.get(1), files.get(2));
  }

  private static CompilerOptions.UnnamedPeers unnamedPeers(String text) {
    try {
      return CompilerOptions.UnnamedPeers.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          "compiler.unnamed.peers: '" + text + "' is neither deny nor pass", e);
    }
  }

  private static String hostName() {
    try {
      return java.net.InetAddress.getLocalHost().getHostName();
    } catch (java.net.UnknownHostException _) {
      return "weft-controller";
    }
  }
}
