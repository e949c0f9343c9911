package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import weft.bgp.BgpServer;
import weft.bgp.BgpSession;
import weft.bgp.Capability;
import weft.bgp.Cease;
import weft.bgp.Codec;
import weft.bgp.Decoded;
import weft.bgp.Ending;
import weft.bgp.Family;
import weft.bgp.Message;
import weft.bgp.Negotiated;
import weft.bgp.Update;

/** A BGP session between two control nodes: bytes in order, both ways, that take any time. */
final class SimulatedPeering {
  private static final Family[] FAMILIES = {Family.ROUTE_TARGET, Family.INET_VPN, Family.EVPN};
  private static final int LIMIT = 3;
  private static final Codec.Context CONTEXT = new Codec.Context(true, false);
  private static long serials;

  /** One node's end of it. */
  final class End implements BgpSession {
    final SimulatedNode node;
    private final SimulatedNode far;
    private final long serial = ++serials;
    private final Deque<byte[]> sent = new ArrayDeque<>();
    private boolean up = true;
    private boolean full;

    End(SimulatedNode node, SimulatedNode far) {
      this.node = node;
      this.far = far;
    }

    boolean isUp() {
      return up;
    }

    /** Something that this end sent arrives at the other. */
    void deliver() {
      byte[] bytes = sent.poll();
      End other = this == left ? right : left;
      if (bytes != null && other.up) {
        other.take(bytes);
      }
      if (full && sent.size() <= LIMIT / 2) {
        full = false;
        if (up) {
          node.neighbours.writable(this);
        }
      }
    }

    private void take(byte[] bytes) {
      Decoded decoded = Codec.read(bytes, CONTEXT);
      assertThat(decoded).isInstanceOf(Decoded.Ok.class);
      Decoded.Ok read = (Decoded.Ok) decoded;
      assertThat(read.tolerated()).isEmpty();
      switch (read.message()) {
        case Update update -> node.neighbours.update(this, update);
        case Message.RouteRefresh refresh -> refreshed(refresh);
        case Message.Open _, Message.Notification _, Message.Keepalive _ ->
            throw new AssertionError("not in an established session");
      }
    }

    private void refreshed(Message.RouteRefresh refresh) {
      switch (refresh.subtype()) {
        case 0 -> node.neighbours.routeRefresh(this, refresh.family());
        case 1 -> node.neighbours.refreshBegins(this, refresh.family());
        default -> node.neighbours.refreshEnds(this, refresh.family());
      }
    }

    /** This end finds out that the connection is gone. */
    void lost() {
      if (up) {
        up = false;
        sent.clear();
        node.neighbours.down(this, new Ending("connection lost", true));
      }
    }

    @Override
    public BgpServer.Peer peer() {
      return BgpServer.Peer.of(far.address, 179, SimulatedNode.ASN, FAMILIES);
    }

    @Override
    public Negotiated negotiated() {
      List<Capability.GracefulRestart.Preserved> kept =
          List.of(FAMILIES).stream()
              .map(family -> new Capability.GracefulRestart.Preserved(family, true))
              .toList();
      int seconds = (int) SimulatedNode.RESTART.toSeconds();
      return new Negotiated(
          SimulatedNode.ASN,
          far.address,
          90,
          Set.of(FAMILIES),
          true,
          true,
          false,
          true,
          Set.of(),
          Set.of(),
          new Capability.GracefulRestart(false, true, seconds, kept),
          far.longLived.isZero() ? null : longLived());
    }

    private Map<Family, Integer> longLived() {
      Map<Family, Integer> seconds = new HashMap<>();
      for (Family family : FAMILIES) {
        seconds.put(family, (int) far.longLived.toSeconds());
      }
      return seconds;
    }

    @Override
    public InetSocketAddress remoteAddress() {
      return SimulatedNode.socket(far.address, 179);
    }

    @Override
    public InetSocketAddress localAddress() {
      return SimulatedNode.socket(node.address, 179);
    }

    @Override
    public long serial() {
      return serial;
    }

    @Override
    public void send(Update update) {
      send(Codec.pack(update, CONTEXT));
    }

    @Override
    public Codec.Context context() {
      return CONTEXT;
    }

    @Override
    public void send(List<byte[]> messages) {
      sent.addAll(messages);
    }

    @Override
    public void requestRefresh(Family family) {
      sent.add(Codec.write(new Message.RouteRefresh(family, 0), CONTEXT));
    }

    @Override
    public void markRefresh(Family family, boolean begins) {
      sent.add(Codec.write(new Message.RouteRefresh(family, begins ? 1 : 2), CONTEXT));
    }

    @Override
    public boolean writable() {
      full |= sent.size() >= LIMIT;
      return !full;
    }

    @Override
    public void lost(String reason) {
      throw new AssertionError("the node ends a session: " + reason);
    }

    @Override
    public void close(Cease cease) {
      throw new AssertionError("the node ends a session: " + cease);
    }

    @Override
    public void close(Cease cease, Duration idle) {
      close(cease);
    }
  }

  final End left;
  final End right;

  SimulatedPeering(SimulatedNode one, SimulatedNode other) {
    left = new End(one, other);
    right = new End(other, one);
    one.neighbours.established(left);
    other.neighbours.established(right);
  }

  List<End> ends() {
    return List.of(left, right);
  }

  boolean isUp() {
    return left.up && right.up;
  }

  boolean isOver() {
    return !left.up && !right.up;
  }

  boolean isIdle() {
    return left.sent.isEmpty() && right.sent.isEmpty();
  }

  boolean isBetween(SimulatedNode one, SimulatedNode other) {
    return (left.node == one && right.node == other) || (left.node == other && right.node == one);
  }

  boolean isOf(SimulatedNode node) {
    return left.node == node || right.node == node;
  }

  /** What a family is worth asking for again. */
  static Family family(int number) {
    return FAMILIES[number % FAMILIES.length];
  }
}
