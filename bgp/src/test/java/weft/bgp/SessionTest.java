package weft.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.net.Hex;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.RouteDistinguisher;
import weft.net.RouteTarget;
import weft.state.EventLoop;
import weft.state.io.Listener;
import weft.testkit.TestLoop;

/** Two speakers over loopback addresses of their own. */
@Timeout(120)
class SessionTest {
  static final PathAttributes ATTRIBUTES =
      PathAttributes.of(
          Attribute.Origin.IGP,
          Attribute.AsPath.EMPTY,
          new Attribute.LocalPreference(100),
          new Attribute.ExtendedCommunities(
              List.of(RouteTarget.parse("target:64512:8000001").toCommunity())));

  private final TestLoop open = new TestLoop();
  private final EventLoop loop = open.loop();

  @AfterEach
  void closeAll() throws Exception {
    open.end();
  }

  private BgpServer speaker(String address, String identifier, Recorder recorder)
      throws IOException {
    BgpServer server =
        BgpServer.start(
            BgpServer.Options.of(
                64512, Ipv4Address.parse(identifier), new InetSocketAddress(address, 0)),
            loop,
            new Random(1),
            recorder);
    open.add(server);
    return server;
  }

  private static BgpServer.Peer peer(BgpServer other, String local) {
    InetSocketAddress address = other.addresses().getFirst();
    return BgpServer.Peer.of(
            IpAddress.of(address.getAddress()),
            address.getPort(),
            64512,
            Family.INET_VPN,
            Family.EVPN)
        .withLocalAddress(IpAddress.parse(local));
  }

  static List<Nlri> routes(int count) {
    List<Nlri> routes = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      routes.add(
          new Nlri.Vpn(
              RouteDistinguisher.parse("10.0.0.1:5"),
              Ipv4Address.parse("10.64.0.0").plus(i).toHostPrefix(),
              new Label(16 + i)));
    }
    return routes;
  }

  private static BgpServer.Peer protect(BgpServer.Peer peer, String key) {
    return peer.withProtection(new BgpServer.Protection(key, 0));
  }

  private static List<Nlri> reached(Update update) {
    return update.reach().stream().flatMap(reach -> reach.routes().stream()).toList();
  }

  /**
   * RFC 2385: on the socket that listens and on the one that dials; keys change under a session.
   */
  @Test
  void signedSessionsAndNewKeys() throws IOException {
    Recorder atA = new Recorder();
    Recorder atB = new Recorder();
    BgpServer a = speaker("127.0.1.1", "10.0.0.1", atA);
    BgpServer b = speaker("127.0.1.2", "10.0.0.2", atB);
    BgpServer.Peer ofA = peer(b, "127.0.1.1");
    BgpServer.Peer ofB = peer(a, "127.0.1.2").withPassive();
    loop.execute(() -> {
      b.add(protect(ofB, "first"));
      a.add(protect(ofA.withTimers(90, Duration.ofMillis(500)), "other"));
    });
    // The kernel drops what is signed with another key, so nobody answers.
    open.until(() -> a.peers().getFirst().lastError(), error -> error.contains("no answer"));
    loop.execute(() -> a.add(protect(ofA.withTimers(90, Duration.ofSeconds(2)), "first")));
    BgpSession toB = atA.nextEstablished();
    BgpSession toA = atB.nextEstablished();

    loop.execute(() -> {
      b.add(protect(ofB, "second"));
      a.add(protect(ofA.withTimers(90, Duration.ofSeconds(2)), "second"));
      toB.send(
          Update.announce(ATTRIBUTES, Family.INET_VPN, Ipv4Address.parse("10.0.0.1"), routes(10)));
    });
    assertThat(reached(atB.nextUpdate())).hasSize(10);
    loop.execute(() -> toA.requestRefresh(Family.EVPN));
    assertThat(atA.nextRefresh()).isEqualTo(Family.EVPN);
    assertThat(atA.unprotected).isEmpty();
    assertThat(atB.unprotected).isEmpty();
  }

  /** RFC 5082: packets of a peer that does not send with the highest lifetime are dropped. */
  @Test
  void peersThatMayBeFarAwayGetNoSession() throws IOException {
    Recorder atA = new Recorder();
    Recorder atB = new Recorder();
    BgpServer a = speaker("127.0.1.1", "10.0.0.1", atA);
    BgpServer b = speaker("127.0.1.2", "10.0.0.2", atB);
    BgpServer.Protection near = new BgpServer.Protection(null, 1);
    BgpServer.Peer ofA = peer(b, "127.0.1.1").withTimers(90, Duration.ofMillis(500));
    BgpServer.Peer ofB = peer(a, "127.0.1.2").withPassive().withProtection(near);
    loop.execute(() -> {
      b.add(ofB);
      a.add(ofA);
    });
    // An OPEN that comes before the accepted socket is guarded is read; nothing after it is.
    open.until(() -> b.peers().getFirst().state(), List.of("OpenSent", "OpenConfirm")::contains);
    assertThat(atB.heard).isEmpty();
    loop.execute(() -> a.add(ofA.withProtection(near)));
    atA.nextEstablished();
    BgpSession toA = atB.nextEstablished();
    assertThat(atB.unprotected).isEmpty();
    // The limit goes for the session that is there, which then hears a peer from afar again.
    loop.execute(() -> {
      b.add(ofB.withProtection(BgpServer.Protection.NONE));
      a.add(ofA.withProtection(BgpServer.Protection.NONE));
      toA.requestRefresh(Family.EVPN);
    });
    assertThat(atA.nextRefresh()).isEqualTo(Family.EVPN);
    assertThat(open.ask(() -> b.peers().getFirst().history().flaps())).isZero();
  }

  /** What a session does not depend on changes under it; what the OPEN said does not. */
  @Test
  void sessionsGoOnUnderNewTermsWhereTheyCan() throws IOException {
    Recorder atA = new Recorder();
    Recorder atB = new Recorder();
    BgpServer a = speaker("127.0.1.1", "10.0.0.1", atA);
    BgpServer b = speaker("127.0.1.2", "10.0.0.2", atB);
    BgpServer.Peer ofA = peer(b, "127.0.1.1");
    loop.execute(() -> b.add(peer(a, "127.0.1.2").withPassive()));
    loop.execute(() -> a.add(ofA));
    BgpSession toB = atA.nextEstablished();
    BgpSession toA = atB.nextEstablished();
    loop.execute(() -> {
      a.add(ofA.withTimers(33, Duration.ofSeconds(7)).withRestart(new BgpServer.Restart(120, 60)));
      toA.markRefresh(Family.EVPN, true);
      toA.markRefresh(Family.EVPN, false);
      toB.requestRefresh(Family.EVPN);
    });
    assertThat(atA.nextMark()).isEqualTo("begins");
    assertThat(atA.nextMark()).isEqualTo("ends");
    assertThat(atB.nextRefresh()).isEqualTo(Family.EVPN);
    loop.execute(() -> toA.close(Cease.RESET));
    assertThat(atB.nextEnding().graceful()).isTrue();
    assertThat(atA.nextEnding().graceful()).isTrue();
    atA.nextEstablished();
    Negotiated next = atB.nextEstablished().negotiated();
    assertThat(next.holdTime()).isEqualTo(33);
    assertThat(next.peerRestart().time()).isEqualTo(120);
    assertThat(next.peerLongLived()).containsEntry(Family.EVPN, 60);

    loop.execute(() -> a.remove(IpAddress.parse("127.0.1.2"), Cease.SHUTDOWN, "back at noon"));
    Recorder.Down down = atB.nextEnding();
    assertThat(down.reason()).contains("shutdown: back at noon");
    assertThat(down.graceful()).isTrue();
    atA.nextDown();
    loop.execute(() -> a.add(ofA));
    atA.nextEstablished();
    atB.nextEstablished();
    loop.execute(() -> a.remove(IpAddress.parse("127.0.1.2")));
    down = atB.nextEnding();
    assertThat(down.reason()).contains("hard reset", "deconfigured");
    assertThat(down.graceful()).isFalse();
  }

  @Test
  void routesGoBothWaysAndSessionComesBack() throws IOException {
    Recorder atA = new Recorder();
    Recorder atB = new Recorder();
    BgpServer a = speaker("127.0.1.1", "10.0.0.1", atA);
    BgpServer b = speaker("127.0.1.2", "10.0.0.2", atB);
    loop.execute(() -> b.add(peer(a, "127.0.1.2").withPassive()));
    loop.execute(() -> a.add(peer(b, "127.0.1.1")));
    BgpSession toB = atA.nextEstablished();
    BgpSession toA = atB.nextEstablished();
    assertThat(toA.negotiated().families()).containsExactly(Family.INET_VPN, Family.EVPN);
    assertThat(toA.negotiated().extendedMessage()).isTrue();
    assertThat(toA.remoteAddress().getAddress().getHostAddress()).isEqualTo("127.0.1.1");

    Ipv4Address hop = Ipv4Address.parse("10.0.0.1");
    List<Nlri> routes = routes(20000);
    loop.execute(() -> {
      toB.send(Update.announce(ATTRIBUTES, Family.INET_VPN, hop, routes));
      toB.send(Update.endOfRib(Family.INET_VPN));
      toA.requestRefresh(Family.INET_VPN);
    });
    List<Nlri> received = new ArrayList<>();
    Update update = atB.nextUpdate();
    while (update.endOfRib() == null) {
      assertThat(update.attributes()).isEqualTo(ATTRIBUTES);
      received.addAll(update.reach().getFirst().routes());
      update = atB.nextUpdate();
    }
    assertThat(received).isEqualTo(routes);
    assertThat(atA.nextRefresh()).isEqualTo(Family.INET_VPN);

    loop.execute(() -> toA.close(Cease.RESET));
    assertThat(atB.nextDown()).contains("reset");
    assertThat(atA.nextDown()).contains("reset received");
    atA.nextEstablished();
    atB.nextEstablished();
    assertThat(open.ask(a::peers))
        .singleElement()
        .satisfies(status -> {
          assertThat(status.state()).isEqualTo("Established");
          assertThat(status.history().flaps()).isEqualTo(1);
        });

    loop.execute(() -> b.remove(IpAddress.parse("127.0.1.1")));
    assertThat(atA.nextDown()).contains("deconfigured received");
    assertThat(atB.nextDown()).contains("stopped");
  }

  @Test
  void bothDialAndOneSessionResults() throws IOException {
    Recorder atA = new Recorder();
    Recorder atB = new Recorder();
    BgpServer a = speaker("127.0.2.1", "10.0.0.1", atA);
    BgpServer b = speaker("127.0.2.2", "10.0.0.2", atB);
    loop.execute(() -> {
      a.add(peer(b, "127.0.2.1"));
      b.add(peer(a, "127.0.2.2"));
    });
    BgpSession toB = atA.nextSettled();
    BgpSession toA = atB.nextSettled();
    // What goes in on one side comes out of the very session that is up on the other.
    loop.execute(() -> toB.send(Update.endOfRib(Family.EVPN)));
    assertThat(atB.nextUpdate().endOfRib()).isEqualTo(Family.EVPN);
    loop.execute(() -> toA.send(Update.endOfRib(Family.INET_VPN)));
    assertThat(atA.nextUpdate().endOfRib()).isEqualTo(Family.INET_VPN);
    assertThat(atA.heard).isEmpty();
    assertThat(atB.heard).isEmpty();
  }

  @Test
  void unknownNeighboursAndGarbageAreRefused() throws IOException {
    Recorder atA = new Recorder();
    BgpServer a = speaker("127.0.3.1", "10.0.0.1", atA);
    try (Socket stranger = new Socket()) {
      stranger.bind(new InetSocketAddress("127.0.3.9", 0));
      stranger.connect(a.addresses().getFirst());
      assertThat(stranger.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(atA.nextRefused()).isEqualTo(IpAddress.parse("127.0.3.9"));
    loop.execute(() ->
        a.add(
            BgpServer.Peer.of(IpAddress.parse("127.0.3.2"), 1, 64512, Family.INET_VPN)
                .withPassive()));
    try (Socket peer = new Socket()) {
      peer.bind(new InetSocketAddress("127.0.3.2", 0));
      peer.connect(a.addresses().getFirst());
      peer.getOutputStream().write(new byte[19]);
      byte[] answer = peer.getInputStream().readAllBytes();
      int open = answer[17];
      assertThat(answer[18]).isEqualTo((byte) 1);
      assertThat(answer[open + 18]).isEqualTo((byte) 3);
      assertThat(answer[open + 19]).isEqualTo((byte) 1);
      assertThat(answer[open + 20]).isEqualTo((byte) 1);
    }
    assertThat(open.ask(a::peers).getFirst().lastError()).contains("marker");
  }

  /** Says what a peer with a hold time of three seconds says first. */
  private static void openSession(Socket peer) throws IOException {
    Message.Open hello =
        new Message.Open(
            64512,
            3,
            Ipv4Address.parse("10.0.0.2"),
            List.of(new Capability.MultiProtocol(Family.INET_VPN)));
    peer.getOutputStream().write(Codec.write(hello, Codec.Context.INITIAL));
    peer.getOutputStream().write(Codec.write(new Message.Keepalive(), Codec.Context.INITIAL));
  }

  @Test
  void silentPeerIsDropped() throws IOException {
    Recorder atA = new Recorder();
    BgpServer a = speaker("127.0.4.1", "10.0.0.1", atA);
    loop.execute(() ->
        a.add(
            BgpServer.Peer.of(IpAddress.parse("127.0.4.2"), 1, 64512, Family.INET_VPN)
                .withPassive()
                .withTimers(3, Duration.ofSeconds(1))));
    try (Socket peer = new Socket()) {
      peer.bind(new InetSocketAddress("127.0.4.2", 0));
      peer.setSoTimeout(60_000);
      peer.connect(a.addresses().getFirst());
      openSession(peer);
      atA.nextEstablished();
      assertThat(atA.nextDown()).contains("hold timer");
      byte[] said = peer.getInputStream().readAllBytes();
      assertThat(said[said.length - 3]).isEqualTo((byte) 3);
      assertThat(said[said.length - 2]).isEqualTo((byte) 4);
    }
  }

  @Test
  void aMessageThatNeverEndsIsNoSignOfLife() throws IOException {
    Recorder atA = new Recorder();
    BgpServer a = speaker("127.0.4.3", "10.0.0.1", atA);
    loop.execute(() ->
        a.add(
            BgpServer.Peer.of(IpAddress.parse("127.0.4.4"), 1, 64512, Family.INET_VPN)
                .withPassive()
                .withTimers(3, Duration.ofSeconds(1))));
    try (Socket peer = new Socket()) {
      peer.bind(new InetSocketAddress("127.0.4.4", 0));
      peer.connect(a.addresses().getFirst());
      openSession(peer);
      atA.nextEstablished();
      byte[] update = Hex.parse("ff".repeat(16) + "0fff 02" + "00".repeat(4000));
      boolean going = true;
      for (int i = 0; i < update.length && going; i++) {
        going = send(peer, update[i]);
        LockSupport.parkNanos(50_000_000);
      }
      assertThat(atA.nextDown()).contains("hold timer");
    }
  }

  /** False once the other side has closed. */
  private static boolean send(Socket peer, byte one) {
    try {
      peer.getOutputStream().write(one);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  @Test
  void aNeighbourMayNotHaveManyConnections() throws IOException {
    Recorder atA = new Recorder();
    BgpServer a = speaker("127.0.4.5", "10.0.0.1", atA);
    loop.execute(() ->
        a.add(
            BgpServer.Peer.of(IpAddress.parse("127.0.4.6"), 1, 64512, Family.INET_VPN)
                .withPassive()));
    for (int i = 0; i < 40; i++) {
      Socket peer = new Socket();
      open.add(peer);
      peer.bind(new InetSocketAddress("127.0.4.6", 0));
      peer.connect(a.addresses().getFirst());
    }
    open.until(
        () -> a.refusals().getOrDefault(Listener.Refusal.TOO_MANY_FROM_SOURCE, 0L),
        refused -> refused > 0);
  }

  @Test
  void mendedUpdateIsReported() throws IOException {
    Recorder atA = new Recorder();
    BgpServer a = speaker("127.0.5.1", "10.0.0.1", atA);
    loop.execute(() ->
        a.add(
            BgpServer.Peer.of(IpAddress.parse("127.0.5.2"), 1, 64513, Family.INET).withPassive()));
    try (Socket peer = new Socket()) {
      peer.bind(new InetSocketAddress("127.0.5.2", 0));
      peer.connect(a.addresses().getFirst());
      Message.Open hello = new Message.Open(64513, 90, Ipv4Address.parse("10.0.0.2"), List.of());
      Update update =
          Update.announce(
              PathAttributes.of(
                  Attribute.Origin.IGP,
                  new Attribute.AsPath(
                      List.of(new Attribute.AsPath.Segment(true, List.of(64513L)))),
                  new Attribute.LocalPreference(700)),
              Family.INET,
              Ipv4Address.parse("10.0.0.2"),
              List.of(new Nlri.Ip(IpPrefix.parse("10.0.0.0/8"))));
      byte[] good = Codec.write(update, Codec.Context.INITIAL);
      byte[] bad = good.clone();
      bad[26] = 9; // the origin's value
      for (byte[] bytes :
          List.of(
              Codec.write(hello, Codec.Context.INITIAL),
              Codec.write(new Message.Keepalive(), Codec.Context.INITIAL),
              good,
              bad)) {
        peer.getOutputStream().write(bytes);
      }
      atA.nextEstablished();
      // LOCAL_PREF from another AS means nothing here.
      assertThat(atA.nextUpdate().attributes().get(Attribute.LocalPreference.class)).isNull();
      assertThat(atA.nextTolerated())
          .extracting(Decoded.AttributeError::severity)
          .containsExactly(Decoded.Severity.TREAT_AS_WITHDRAW);
      assertThat(atA.nextUpdate())
          .isEqualTo(
              Update.withdraw(Family.INET, List.of(new Nlri.Ip(IpPrefix.parse("10.0.0.0/8")))));
    }
    atA.nextDown();
  }
}
