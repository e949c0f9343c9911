package weft.bgp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.state.Loop;
import weft.state.io.Connection;
import weft.state.io.Listener;

/** A BGP speaker's sessions: listens, dials, settles collisions. Called on the owner's loop. */
public final class BgpServer implements AutoCloseable {

  /**
   * @param listen where to take connections; empty = dial only
   * @param maxQueuedBytes above this a session is not writable
   */
  public record Options(
      List<InetSocketAddress> listen, long asn, Ipv4Address identifier, int maxQueuedBytes) {
    public Options {
      listen = List.copyOf(listen);
    }

    public static Options of(long asn, Ipv4Address identifier, InetSocketAddress... listen) {
      return new Options(List.of(listen), asn, identifier, 4 << 20);
    }
  }

  /**
   * A configured neighbour.
   *
   * @param port where to dial it
   * @param localAddress source of dialled connections, or null for any
   * @param passive never dial
   * @param holdTime seconds
   */
  public record Peer(
      IpAddress address,
      int port,
      long asn,
      @Nullable IpAddress localAddress,
      boolean passive,
      int holdTime,
      Duration connectRetry,
      Set<Family> families) {
    public Peer {
      families = Set.copyOf(families);
    }

    public static Peer of(IpAddress address, int port, long asn, Family... families) {
      return new Peer(
          address, port, asn, null, false, 90, Duration.ofSeconds(30), Set.of(families));
    }

    public Peer withPassive() {
      return new Peer(address, port, asn, localAddress, true, holdTime, connectRetry, families);
    }

    public Peer withLocalAddress(IpAddress local) {
      return new Peer(address, port, asn, local, passive, holdTime, connectRetry, families);
    }

    public Peer withTimers(int hold, Duration retry) {
      return new Peer(address, port, asn, localAddress, passive, hold, retry, families);
    }
  }

  /**
   * A neighbour as it stands, for people.
   *
   * @param state such as `Established`
   * @param lastError empty if there was none
   */
  public record PeerStatus(
      Peer peer,
      String state,
      int flaps,
      String lastError,
      @Nullable Negotiated negotiated,
      long messagesIn,
      long messagesOut) {}

  private static final int DECONFIGURED = 3; // Cease subcodes, RFC 4486
  private static final int CONFIG_CHANGED = 6;

  private static final int BACKLOG = 128;

  private final Options options;
  private final Loop loop;
  private final RandomGenerator random;
  private final BgpListener listener;
  private final Map<IpAddress, Neighbor> neighbors = new LinkedHashMap<>();
  private final Map<Neighbor, SocketChannel> dialling = new HashMap<>();
  private @Nullable Listener listening;
  private boolean closed;

  private BgpServer(Options options, Loop loop, RandomGenerator random, BgpListener listener) {
    this.options = options;
    this.loop = loop;
    this.random = random;
    this.listener = listener;
  }

  /** Listens at once; calls the listener on `loop`. May be called from any thread. */
  public static BgpServer start(
      Options options, Loop loop, RandomGenerator random, BgpListener listener) throws IOException {
    BgpServer server = new BgpServer(options, loop, random, listener);
    server.listening = Listener.open(options.listen(), BACKLOG, loop, server::accepted);
    return server;
  }

  /** Where it listens, with the ports that were given for port 0. May be called from any thread. */
  public List<InetSocketAddress> addresses() {
    return listening == null ? List.of() : listening.addresses();
  }

  /** Adds a neighbour, or changes one, which resets its session. */
  public void add(Peer peer) {
    Neighbor before = neighbors.get(peer.address());
    if (closed || before != null && before.peer().equals(peer)) {
      return;
    }
    if (before != null) {
      before.stop(CONFIG_CHANGED);
    }
    Fsm.Config config =
        new Fsm.Config(
            options.asn(),
            options.identifier(),
            peer.asn(),
            peer.passive(),
            peer.holdTime(),
            peer.connectRetry(),
            peer.families());
    Neighbor neighbor = new Neighbor(peer, config, loop, random, new Calls(), listener);
    neighbors.put(peer.address(), neighbor);
    neighbor.start();
  }

  /** Removes a neighbour; its session ends with Cease, Peer De-configured. */
  public void remove(IpAddress address) {
    Neighbor neighbor = neighbors.remove(address);
    if (neighbor != null) {
      neighbor.stop(DECONFIGURED);
    }
  }

  public List<PeerStatus> peers() {
    return neighbors.values().stream().map(Neighbor::status).toList();
  }

  /** Ends all sessions with Cease, Administrative Shutdown. May be called from any thread. */
  @Override
  public void close() {
    if (listening != null) {
      listening.close();
    }
    loop.execute(() -> {
      closed = true;
      List.copyOf(neighbors.values()).forEach(neighbor -> neighbor.stop(Fsm.SHUTDOWN));
      neighbors.clear();
    });
  }

  // ---- incoming ----

  private void accepted(SocketChannel channel) {
    try {
      InetSocketAddress remote = (InetSocketAddress) channel.getRemoteAddress();
      IpAddress address = IpAddress.of(remote.getAddress());
      Neighbor neighbor = neighbors.get(address);
      if (closed || neighbor == null) {
        Listener.close(channel);
        listener.refused(address);
        return;
      }
      neighbor.accepted(connection(channel, neighbor));
    } catch (IOException e) {
      Listener.close(channel); // gone before it could be looked at
    }
  }

  private Connection<Decoded> connection(SocketChannel channel, Neighbor neighbor)
      throws IOException {
    return new Connection<>(channel, loop, new Framer(), neighbor, options.maxQueuedBytes());
  }

  // ---- outgoing ----

  /** Connects on a thread of its own, since that blocks. */
  private final class Calls implements Neighbor.Dialer {
    @Override
    public void dial(Neighbor neighbor) {
      try {
        SocketChannel channel = SocketChannel.open();
        dialling.put(neighbor, channel);
        Thread.ofVirtual().name("bgp-connect").start(() -> connect(neighbor, channel));
        Loop.Timer _ =
            loop.schedule(
                neighbor.peer().connectRetry(),
                () -> failed(neighbor, channel, "no answer to the connection attempt"));
      } catch (IOException e) {
        loop.execute(() -> neighbor.dialFailed(String.valueOf(e.getMessage())));
      }
    }

    @Override
    public void hangUp(Neighbor neighbor) {
      SocketChannel channel = dialling.remove(neighbor);
      if (channel != null) {
        Listener.close(channel);
      }
    }
  }

  private void connect(Neighbor neighbor, SocketChannel channel) {
    Peer peer = neighbor.peer();
    try {
      IpAddress local = peer.localAddress();
      if (local != null) {
        channel.bind(new InetSocketAddress(local.toInetAddress(), 0));
      }
      channel.connect(new InetSocketAddress(peer.address().toInetAddress(), peer.port()));
      loop.execute(() -> connected(neighbor, channel));
    } catch (IOException e) {
      loop.execute(() -> failed(neighbor, channel, String.valueOf(e.getMessage())));
    }
  }

  private void connected(Neighbor neighbor, SocketChannel channel) {
    if (!dialling.remove(neighbor, channel)) {
      Listener.close(channel);
      return;
    }
    try {
      neighbor.dialled(connection(channel, neighbor));
    } catch (IOException e) {
      Listener.close(channel);
      neighbor.dialFailed(String.valueOf(e.getMessage()));
    }
  }

  private void failed(Neighbor neighbor, SocketChannel channel, String reason) {
    if (dialling.remove(neighbor, channel)) {
      Listener.close(channel);
      neighbor.dialFailed(reason);
    }
  }
}
