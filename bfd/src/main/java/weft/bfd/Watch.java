package weft.bfd;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.bfd.BfdPacket.State;
import weft.net.IpAddress;
import weft.state.Loop;
import weft.state.io.NativeSocket;

/** One watched peer: its session, and the socket that packets to it leave by. */
final class Watch {
  private static final int FIRST_SOURCE = 49152;
  private static final int LAST_SOURCE = 65535;
  private static final int ATTEMPTS = 16;
  private static final int MOST_HOPS = 255;
  private static final Duration AGAIN = Duration.ofSeconds(1);

  private final BfdPeers.Peer peer;
  private final BfdPeers peers;
  private final Loop loop;
  private final RandomGenerator random;
  private final BfdSession session;
  private @Nullable DatagramChannel channel;
  private Loop.@Nullable Timer sending;
  private Loop.@Nullable Timer looking;
  private State told = State.DOWN;
  private BfdPeers.Status shown = BfdPeers.Status.NONE;
  private String failure = "";

  Watch(BfdPeers.Peer peer, BfdPeers peers, Loop loop, RandomGenerator random) {
    this.peer = peer;
    this.peers = peers;
    this.loop = loop;
    this.random = random;
    session =
        new BfdSession(
            random.nextInt(1, Integer.MAX_VALUE),
            peer.interval().toNanos() / 1000,
            peer.multiplier());
  }

  BfdPeers.Peer peer() {
    return peer;
  }

  /** Opens the socket, as soon as there is a way to the peer, and sends. */
  void start() {
    try {
      channel = open();
      failure = "";
      send();
    } catch (IOException e) {
      String reason = String.valueOf(e.getMessage());
      if (!reason.equals(failure)) {
        failure = reason;
        peers.listener().failed(peer.address(), reason);
      }
      sending = loop.schedule(AGAIN, this::start);
    }
  }

  private DatagramChannel open() throws IOException {
    InetSocketAddress remote =
        new InetSocketAddress(
            peer.address().toInetAddress(), peer.oneHop() ? BfdPort.ONE_HOP : BfdPort.MANY_HOPS);
    IpAddress local;
    try (DatagramChannel way = DatagramChannel.open()) {
      way.connect(remote);
      local = IpAddress.of(((InetSocketAddress) way.getLocalAddress()).getAddress());
    }
    peers.listen(local, peer.oneHop());
    DatagramChannel opened = DatagramChannel.open();
    try {
      bind(opened, local);
      opened.connect(remote);
      NativeSocket socket = NativeSocket.find((InetSocketAddress) opened.getLocalAddress(), remote);
      if (local.isV4()) {
        socket.set(NativeSocket.IPPROTO_IP, NativeSocket.IP_TTL, MOST_HOPS);
      } else {
        socket.set(NativeSocket.IPPROTO_IPV6, NativeSocket.IPV6_UNICAST_HOPS, MOST_HOPS);
      }
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  /** To a port that no other session has (RFC 5881 section 4). */
  private void bind(DatagramChannel opened, IpAddress local) throws IOException {
    for (int attempt = 1; ; attempt++) {
      int port = random.nextInt(FIRST_SOURCE, LAST_SOURCE + 1);
      try {
        opened.bind(new InetSocketAddress(local.toInetAddress(), port));
        return;
      } catch (IOException e) {
        if (attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void send() {
    transmit(session.packet());
    if (!failure.isEmpty() && session.state() == State.DOWN) {
      close();
      sending = loop.schedule(AGAIN, this::start);
      return;
    }
    double jitter = random.nextDouble(0.75, 0.9);
    sending = loop.schedule(Duration.ofNanos((long) (session.intervalNs() * jitter)), this::send);
  }

  /** What does not get out is missed by the peer, and so is its answer by us. */
  private void transmit(BfdPacket packet) {
    DatagramChannel open = channel;
    if (open == null) {
      return;
    }
    try {
      open.write(ByteBuffer.wrap(packet.toBytes()));
      failure = "";
    } catch (IOException e) {
      failure = String.valueOf(e.getMessage());
    }
  }

  void heard(BfdPacket packet) {
    State before = session.state();
    long interval = session.intervalNs();
    long detection = session.detectionNs();
    BfdPacket answer = session.heard(packet, loop.nowNs());
    if (answer != null) {
      transmit(answer);
    }
    boolean hurries = session.intervalNs() < interval;
    if (channel != null && (session.state() != before || hurries)) {
      cancel(sending);
      send();
    }
    tell();
    boolean sooner = looking == null || session.detectionNs() < detection;
    if (sooner && session.detectionNs() > 0) {
      cancel(looking);
      look();
    }
  }

  /** Looks when the peer will have been silent for too long. */
  private void look() {
    looking = null;
    session.look(loop.nowNs());
    tell();
    if (session.detectionNs() > 0) {
      long left = Math.max(session.leftNs(loop.nowNs()), 0) + 1_000_000;
      looking = loop.schedule(Duration.ofNanos(left), this::look);
    }
  }

  private void tell() {
    State now = session.state();
    BfdPeers.Status status = new BfdPeers.Status(now, Duration.ofNanos(session.detectionNs()));
    if (!status.equals(shown)) {
      shown = status;
      peers.changed(this, status);
    }
    if (now == told) {
      return;
    }
    State before = told;
    told = now;
    if (now == State.UP) {
      peers.listener().up(peer.address());
    } else if (before == State.UP && session.theirs() != State.ADMIN_DOWN) {
      peers.listener().down(peer.address(), session.isIndependent());
    }
  }

  void stop() {
    cancel(sending);
    cancel(looking);
    transmit(session.farewell());
    close();
  }

  private void close() {
    DatagramChannel open = channel;
    channel = null;
    if (open != null) {
      try {
        open.close();
      } catch (IOException e) {
        failure = String.valueOf(e.getMessage());
      }
    }
  }

  private static void cancel(Loop.@Nullable Timer timer) {
    if (timer != null) {
      timer.cancel();
    }
  }
}
