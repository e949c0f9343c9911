package weft.control;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import weft.bgp.BgpListener;
import weft.bgp.BgpServer;
import weft.bgp.BgpSession;
import weft.bgp.Cease;
import weft.bgp.Ending;
import weft.bgp.Family;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.bgp.Update;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.testkit.TestLoop;

/** A router of our make that dials the control node: what it has been told, by route. */
final class TestRouter implements BgpListener {
  /** A route as it was told. */
  record Told(PathAttributes attributes, IpAddress nextHop) {}

  private final TestLoop loop;
  private final Map<Nlri, Told> told = new HashMap<>();
  private @Nullable BgpSession session;
  private final Map<Nlri, Update> wanted = new HashMap<>();
  private final BgpServer server;
  private final BgpServer.Peer peer;
  private int endings;

  TestRouter(TestLoop loop, String address, long asn, InetSocketAddress node, Family... families)
      throws IOException {
    this.loop = loop;
    server =
        BgpServer.start(
            new BgpServer.Options(List.of(), asn, (Ipv4Address) IpAddress.parse(address), 4 << 20),
            loop.loop(),
            new Random(1),
            this);
    loop.add(server);
    peer =
        BgpServer.Peer.of(IpAddress.of(node.getAddress()), node.getPort(), 64512, families)
            .withLocalAddress(IpAddress.parse(address))
            .withTimers(90, Duration.ofSeconds(1));
    loop.loop().execute(() -> server.add(peer));
  }

  /** One that speaks of VPN routes and EVPN. */
  static TestRouter ofVpns(TestLoop loop, String address, long asn, TestNode node)
      throws IOException {
    return new TestRouter(
        loop,
        address,
        asn,
        node.node.bgpAddresses().getFirst(),
        Family.INET_VPN,
        Family.INET6_VPN,
        Family.EVPN);
  }

  /** Signs what it sends from now on (RFC 2385). */
  void sign(@Nullable String key) {
    loop.loop().execute(() -> server.add(peer.withProtection(new BgpServer.Protection(key, 0))));
  }

  void awaitUp() {
    loop.until(() -> session != null, up -> up);
  }

  /** How many sessions have ended. */
  int endings() {
    return loop.ask(() -> endings);
  }

  /** Tells a route, now and in every session to come; withdraws it if there is nothing to tell. */
  void keepTelling(Nlri route, @Nullable Update update) {
    Family family = Family.INET_VPN;
    loop.ask(() -> {
      Update before = update == null ? wanted.remove(unlabelled(route)) : null;
      if (update != null) {
        wanted.put(unlabelled(route), update);
      }
      BgpSession present = session;
      if (present != null && (update != null || before != null)) {
        present.send(update == null ? Update.withdraw(family, List.of(route)) : update);
      }
      return true;
    });
  }

  /** Ends the session, which comes back by itself. */
  void drop() {
    loop.ask(() -> {
      BgpSession present = session;
      if (present != null) {
        present.close(Cease.RESET);
      }
      return true;
    });
  }

  /** Waits for a route, named without its label. */
  Told await(Nlri route) {
    return loop.until(() -> told.containsKey(unlabelled(route)), there -> there)
        ? loop.ask(() -> told.get(unlabelled(route)))
        : null;
  }

  void awaitGone(Nlri route) {
    loop.until(() -> told.containsKey(unlabelled(route)), there -> !there);
  }

  /** Also without its number if it is the first of its route. */
  private static Nlri unlabelled(Nlri route) {
    return switch (route) {
      case Nlri.Vpn vpn -> new Nlri.Vpn(vpn.distinguisher(), vpn.prefix(), new Label(0));
      case Nlri.WithPath(int id, Nlri path) ->
          id == 1 ? unlabelled(path) : new Nlri.WithPath(id, unlabelled(path));
      default -> route;
    };
  }

  @Override
  public void established(BgpSession established) {
    session = established;
    wanted.values().forEach(established::send);
  }

  @Override
  public void update(BgpSession from, Update update) {
    for (Update.Unreach gone : update.unreach()) {
      gone.routes().forEach(route -> told.remove(unlabelled(route)));
    }
    for (Update.Reach come : update.reach()) {
      come.routes()
          .forEach(
              route -> told.put(unlabelled(route), new Told(update.attributes(), come.nextHop())));
    }
  }

  /** Tells all that it keeps telling. */
  @Override
  public void routeRefresh(BgpSession from, Family family) {
    from.markRefresh(family, true);
    wanted.values().forEach(from::send);
    from.markRefresh(family, false);
  }

  @Override
  public void down(BgpSession ended, Ending ending) {
    session = null;
    told.clear();
    endings++;
  }
}
