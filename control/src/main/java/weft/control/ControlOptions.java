package weft.control;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.bgp.BgpServer;
import weft.http.HttpLimits;
import weft.net.Ipv4Address;
import weft.state.io.Listener;
import weft.xmpp.XmppServer;

/**
 * What a control node is told when it starts.
 *
 * @param name its own name, as agents see it in introspection
 * @param routerId its BGP identifier
 * @param xmpp where agents connect
 * @param bgp where BGP peers connect; empty = dial only
 * @param httpAddress where introspection listens
 * @param httpPort its port; 0 takes a free one
 * @param xmppHold how long an agent may be silent
 * @param restartTime how long the routes of a lost agent stay, for it to come back
 * @param bgpRetry the wait between two attempts to connect to a BGP peer
 * @param xmppTls if not null, agents must use TLS, each with a certificate of its name
 * @param limits what those who connect may take
 */
public record ControlOptions(
    String name,
    Ipv4Address routerId,
    List<InetSocketAddress> xmpp,
    List<InetSocketAddress> bgp,
    String httpAddress,
    int httpPort,
    Duration xmppHold,
    Duration restartTime,
    Duration bgpRetry,
    @Nullable Tls xmppTls,
    Limits limits) {
  public static final int XMPP_PORT = 5269;
  public static final int BGP_PORT = 179;
  public static final int HTTP_PORT = 8083;

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

  public ControlOptions {
    xmpp = List.copyOf(xmpp);
    bgp = List.copyOf(bgp);
  }

  /** The usual ports on all addresses. */
  public static ControlOptions of(String name, Ipv4Address routerId) {
    return new ControlOptions(
        name,
        routerId,
        List.of(new InetSocketAddress("0.0.0.0", XMPP_PORT)),
        List.of(new InetSocketAddress("0.0.0.0", BGP_PORT)),
        "0.0.0.0",
        HTTP_PORT,
        Duration.ofSeconds(90),
        Duration.ofSeconds(60),
        Duration.ofSeconds(10),
        null,
        Limits.USUAL);
  }

  public ControlOptions withXmpp(List<InetSocketAddress> listen) {
    return new ControlOptions(
        name,
        routerId,
        listen,
        bgp,
        httpAddress,
        httpPort,
        xmppHold,
        restartTime,
        bgpRetry,
        xmppTls,
        limits);
  }

  public ControlOptions withBgp(List<InetSocketAddress> listen) {
    return new ControlOptions(
        name,
        routerId,
        xmpp,
        listen,
        httpAddress,
        httpPort,
        xmppHold,
        restartTime,
        bgpRetry,
        xmppTls,
        limits);
  }

  public ControlOptions withHttp(String address, int port) {
    return new ControlOptions(
        name, routerId, xmpp, bgp, address, port, xmppHold, restartTime, bgpRetry, xmppTls, limits);
  }

  public ControlOptions withTimes(Duration hold, Duration restart, Duration retry) {
    return new ControlOptions(
        name, routerId, xmpp, bgp, httpAddress, httpPort, hold, restart, retry, xmppTls, limits);
  }

  public ControlOptions withXmppTls(@Nullable Tls files) {
    return new ControlOptions(
        name,
        routerId,
        xmpp,
        bgp,
        httpAddress,
        httpPort,
        xmppHold,
        restartTime,
        bgpRetry,
        files,
        limits);
  }

  public ControlOptions withLimits(Limits most) {
    return new ControlOptions(
        name,
        routerId,
        xmpp,
        bgp,
        httpAddress,
        httpPort,
        xmppHold,
        restartTime,
        bgpRetry,
        xmppTls,
        most);
  }
}
