package weft.control;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.bgp.BgpServer;
import weft.http.HttpLimits;
import weft.http.HttpOptions;
import weft.net.Ipv4Address;
import weft.state.io.Listener;
import weft.xmpp.XmppServer;

/**
 * What a control node is told when it starts.
 *
 * @param name its own name, as agents see it in introspection
 * @param routerId its BGP identifier
 * @param xmppTls if not null, agents must use TLS, each with a certificate of its name
 */
public record ControlOptions(
    String name,
    Ipv4Address routerId,
    Listen listen,
    Times times,
    @Nullable Tls xmppTls,
    Limits limits) {
  public static final int XMPP_PORT = 5269;
  public static final int BGP_PORT = 179;
  public static final int HTTP_PORT = 8083;

  /**
   * Where it listens.
   *
   * @param xmpp for agents
   * @param bgp for BGP peers; empty = dial only
   * @param http for introspection
   */
  public record Listen(
      List<InetSocketAddress> xmpp, List<InetSocketAddress> bgp, HttpOptions http) {
    public Listen {
      xmpp = List.copyOf(xmpp);
      bgp = List.copyOf(bgp);
    }

    static final Listen USUAL =
        new Listen(
            List.of(new InetSocketAddress("0.0.0.0", XMPP_PORT)),
            List.of(new InetSocketAddress("0.0.0.0", BGP_PORT)),
            new HttpOptions("0.0.0.0", HTTP_PORT));
  }

  /**
   * How long it waits.
   *
   * @param xmppHold for an agent that is silent
   * @param restart for a lost agent to come back, whose routes stay
   * @param bgpRetry between two attempts to connect to a BGP peer
   */
  public record Times(Duration xmppHold, Duration restart, Duration bgpRetry) {
    static final Times USUAL =
        new Times(Duration.ofSeconds(90), Duration.ofSeconds(60), Duration.ofSeconds(10));
  }

  /** Files in PEM, which may be replaced while it runs. */
  public record Tls(Path certificate, Path key, Path authority) {}

  /**
   * What those who connect may take.
   *
   * @param http of introspection
   * @param xmpp connections of agents
   * @param xmppOpen how long an agent may take to open its stream
   * @param bgp connections of BGP peers
   */
  public record Limits(
      HttpLimits http, Listener.Limits xmpp, Duration xmppOpen, Listener.Limits bgp) {
    public static final Limits USUAL =
        new Limits(
            HttpLimits.USUAL,
            XmppServer.Options.LIMITS,
            XmppServer.Options.OPEN_TIME,
            BgpServer.Options.LIMITS);
  }

  /** The usual ports on all addresses. */
  public static ControlOptions of(String name, Ipv4Address routerId) {
    return new ControlOptions(name, routerId, Listen.USUAL, Times.USUAL, null, Limits.USUAL);
  }

  public ControlOptions with(Listen other) {
    return new ControlOptions(name, routerId, other, times, xmppTls, limits);
  }

  public ControlOptions with(Times other) {
    return new ControlOptions(name, routerId, listen, other, xmppTls, limits);
  }
}
