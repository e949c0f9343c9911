package weft.controller;

import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import weft.control.ControlOptions;
import weft.http.HttpLimits;
import weft.net.IpPrefix;
import weft.state.io.Listener;

/** The keys that say how much clients, agents and BGP peers may take, and what they come to. */
final class LimitSettings {
  static final List<Settings.Key> KEYS =
      List.of(
          new Settings.Key(
              "http.connections",
              "8192",
              "open at once at each HTTP port; the last eighth is for http.trusted only"),
          new Settings.Key(
              "http.connections.per.client",
              "512",
              "of them from one address, or one /64 of IPv6, unless it is trusted"),
          new Settings.Key(
              "http.trusted",
              "127.0.0.0/8, ::1/128",
              "prefixes whose connections count in all only, such as of a reverse proxy"),
          new Settings.Key(
              "http.header.seconds", "20", "for a request's headers to arrive, else 408"),
          new Settings.Key("http.body.seconds", "60", "for its body, else 408"),
          new Settings.Key("http.idle.seconds", "75", "between two requests of a connection"),
          new Settings.Key(
              "http.stall.seconds", "30", "for a client to take the next 64 KiB of an answer"),
          new Settings.Key("control.xmpp.connections", "20000", "of agents, open at once"),
          new Settings.Key("control.xmpp.connections.per.address", "64", "of them from one"),
          new Settings.Key(
              "control.xmpp.open.seconds", "15", "for an agent to open its stream, TLS included"),
          new Settings.Key("control.bgp.connections", "4096", "of BGP peers, open at once"),
          new Settings.Key("control.bgp.connections.per.address", "8", "of them from one"));

  private LimitSettings() {}

  /**
   * @throws IllegalArgumentException with a text for people that names the key
   */
  static ControlOptions.Limits of(Settings set) {
    return new ControlOptions.Limits(
        http(set),
        connections(set, "control.xmpp.connections"),
        seconds(set, "control.xmpp.open.seconds"),
        connections(set, "control.bgp.connections"));
  }

  private static HttpLimits http(Settings set) {
    return new HttpLimits(
        set.number("http.connections", 8, 1_000_000),
        set.number("http.connections.per.client", 1, 1_000_000),
        trusted(set.text("http.trusted")),
        seconds(set, "http.header.seconds"),
        seconds(set, "http.body.seconds"),
        seconds(set, "http.idle.seconds"),
        seconds(set, "http.stall.seconds"));
  }

  private static List<IpPrefix> trusted(String text) {
    try {
      return Stream.of(text.split(","))
          .map(String::trim)
          .filter(prefix -> !prefix.isEmpty())
          .map(IpPrefix::parse)
          .toList();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("http.trusted: " + e.getMessage(), e);
    }
  }

  private static Duration seconds(Settings set, String key) {
    return Duration.ofSeconds(set.number(key, 1, 3600));
  }

  private static Listener.Limits connections(Settings set, String prefix) {
    return new Listener.Limits(
        set.number(prefix + ".per.address", 1, 1_000_000), set.number(prefix, 1, 1_000_000));
  }
}
