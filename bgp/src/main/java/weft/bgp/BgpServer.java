package weft.bgp;

import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
   * @param limits how many connections to it may be open
   */
  public record Options(
      List<InetSocketAddress> listen,
      long asn,
      Ipv4Address identifier,
      int maxQueuedBytes,
      Listener.Limits limits) {
    /** A neighbour has one session, and a second connection while that is settled. */
    public static final Listener.Limits LIMITS = new Listener.Limits(8, 4096);

    public Options {
      listen = List.copyOf(listen);
    }

    public Options(
        List<InetSocketAddress> listen, long asn, Ipv4Address identifier, int maxQueuedBytes) {
      this(listen, asn, identifier, maxQueuedBytes, LIMITS);
    }

    public static Options of(long asn, Ipv4Address identifier, InetSocketAddress... listen) {
      return new Options(List.of(listen), asn, identifier, 4 << 20);
    }
  }

  /**
   * What we ask of a peer while we are away; in seconds.
   *
   * @param time how long it keeps our routes (RFC 4724); at most 4095
   * @param longLivedTime how long after that as a last choice (RFC 9494); at most 24 bits
   */
  public record Restart(int time, int longLivedTime) {
    public static final Restart NONE = new Restart(0, 0);
  }

  /**
   * What protects the connections with a peer.
   *
   * @param key of MD5 signatures (RFC 2385), at most 80 bytes; null for none
   * @param hops how many links the peer may be away (RFC 5082); 0 = any
   */
  public record Protection(@Nullable String key, int hops) {
    public static final Protection NONE = new Protection(null, 0);
  }

  /**
   * A configured neighbour.
   *
   * @param port where to dial it
   * @param localAddress source of dialled connections, or null for any
   * @param passive never dial
   * @param holdTime seconds
   * @param localAsn our AS towards it; 0 = that of the server
   * @param manyPaths if it takes several paths to a route it is told them, each under an identifier
   */
  public record Peer(
      IpAddress address,
      int port,
      long asn,
      @Nullable IpAddress localAddress,
      boolean passive,
      int holdTime,
      Duration connectRetry,
      Set<Family> families,
      long localAsn,
      Restart restart,
      Protection protection,
      boolean manyPaths) {
    public Peer {
      families = Set.copyOf(families);
    }

    public static Peer of(IpAddress address, int port, long asn, Family... families) {
      return new Peer(
          address,
          port,
          asn,
          null,
          false,
          90,
          Duration.ofSeconds(30),
          Set.of(families),
          0,
          Restart.NONE,
          Protection.NONE,
          false);
    }

    private Peer with(boolean isPassive, int hold, Duration retry) {
      return new Peer(
          address,
          port,
          asn,
          localAddress,
          isPassive,
          hold,
          retry,
          families,
          localAsn,
          restart,
          protection,
          manyPaths);
    }

    private Peer with(
        @Nullable IpAddress local,
        long ownAsn,
        Restart wanted,
        Protection protecting,
        boolean several) {
      return new Peer(
          address,
          port,
          asn,
          local,
          passive,
          holdTime,
          connectRetry,
          families,
          ownAsn,
          wanted,
          protecting,
          several);
    }

    public Peer withPassive() {
      return with(true, holdTime, connectRetry);
    }

    public Peer withTimers(int hold, Duration retry) {
      return with(passive, hold, retry);
    }

    public Peer withLocalAddress(IpAddress local) {
      return with(local, localAsn, restart, protection, manyPaths);
    }

    public Peer withLocalAsn(long ownAsn) {
      return with(localAddress, ownAsn, restart, protection, manyPaths);
    }

    public Peer withRestart(Restart wanted) {
      return with(localAddress, localAsn, wanted, protection, manyPaths);
    }

    public Peer withProtection(Protection wanted) {
      return with(localAddress, localAsn, restart, wanted, manyPaths);
    }

    public Peer withManyPaths() {
      return with(localAddress, localAsn, restart, protection, true);
    }

    /** Whether a session under the other terms goes on under these. */
    private boolean goesOn(Peer other) {
      return asn == other.asn
          && localAsn == other.localAsn
          && families.equals(other.families)
          && manyPaths == other.manyPaths
          && Objects.equals(localAddress, other.localAddress);
    }
  }

  /**
   * A neighbour as it stands, for people.
   *
   * @param state such as `Established`
   * @param lastError empty if there was none
   * @param queuedBytes what waits to be sent
   */
  public record PeerStatus(
      Peer peer,
      String state,
      History history,
      String lastError,
      @Nullable Negotiated negotiated,
      long messagesIn,
      long messagesOut,
      long queuedBytes) {}

  /**
   * What became of a neighbour's sessions; times by the loop's clock.
   *
   * @param changedNs since when it has a session, or has none
   * @param flaps how many sessions have ended
   * @param lastFlapNs when the last one did; null if none has
   * @param lastFlap why
   */
  public record History(long changedNs, int flaps, @Nullable Long lastFlapNs, String lastFlap) {
    History up(long nowNs) {
      return new History(nowNs, flaps, lastFlapNs, lastFlap);
    }

    History down(long nowNs, String why) {
      return new History(nowNs, flaps + 1, nowNs, why);
    }
  }

  private static final int BACKLOG = 128;

  private final Options options;
  private final Loop loop;
  private final RandomGenerator random;
  private final BgpListener listener;
  private final Map<IpAddress, Neighbor> neighbors = new LinkedHashMap<>();
  private final Map<Neighbor, SocketChannel> dialling = new HashMap<>();
  private @Nullable Listener listening;
  private boolean closed;
  private boolean restarting;

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
    server.listening =
        Listener.open(options.listen(), BACKLOG, options.limits(), loop, server::accepted);
    return server;
  }

  /** Where it listens, with the ports that were given for port 0. May be called from any thread. */
  public List<InetSocketAddress> addresses() {
    return listening == null ? List.of() : listening.addresses();
  }

  /**
   * Adds a neighbour, or changes one. Its session ends only if it cannot go on: what the OPEN says
   * of AS numbers, families and paths has changed. Hold and restart time count from the next
   * session on.
   */
  public void add(Peer peer) {
    Neighbor before = neighbors.get(peer.address());
    if (closed || before != null && before.peer().equals(peer)) {
      return;
    }
    Protection protection = before == null ? Protection.NONE : before.peer().protection();
    Neighbor neighbor = before;
    if (before != null && before.peer().goesOn(peer)) {
      before.change(peer, terms(peer));
    } else {
      if (before != null) {
        before.stop(Cease.CONFIG_CHANGED, "");
      }
      neighbor = new Neighbor(peer, terms(peer), loop, random, new Calls(), listener);
      neighbors.put(peer.address(), neighbor);
    }
    if (neighbor != null && !protection.equals(peer.protection())) {
      protect(neighbor);
    }
    if (neighbor != null && neighbor != before) {
      neighbor.start();
    }
  }

  private Terms terms(Peer peer) {
    return new Terms(
        peer.localAsn() == 0 ? options.asn() : peer.localAsn(),
        options.identifier(),
        peer.asn(),
        peer.passive(),
        peer.holdTime(),
        peer.connectRetry(),
        peer.families(),
        peer.manyPaths(),
        peer.restart(),
        restarting);
  }

  /**
   * Says in the OPEN of sessions to come whether we are back from a restart and have not told
   * everything yet (RFC 4724 section 3, bit R).
   */
  public void restarting(boolean now) {
    restarting = now;
    neighbors
        .values()
        .forEach(neighbor -> neighbor.change(neighbor.peer(), terms(neighbor.peer())));
  }

  /** Removes a neighbour; its session ends with Cease, Peer De-configured. */
  public void remove(IpAddress address) {
    remove(address, Cease.DECONFIGURED, "");
  }

  /** Removes a neighbour, with a text for its operator. */
  public void remove(IpAddress address, Cease cease, String text) {
    Neighbor neighbor = neighbors.remove(address);
    if (neighbor != null) {
      neighbor.stop(cease, text);
      if (neighbor.peer().protection().key() != null) {
        sign(address, null);
      }
    }
  }

  // ---- protection

  /** On sockets that listen and on connections that there are. */
  private void protect(Neighbor neighbor) {
    Peer peer = neighbor.peer();
    sign(peer.address(), peer.protection().key());
    if (peer.protection().hops() > 0) {
      for (InetSocketAddress local : addresses()) {
        try {
          Guard.sendFar(local);
        } catch (IOException e) {
          listener.unprotected(peer.address(), String.valueOf(e.getMessage()));
        }
      }
    }
    for (Connection<Decoded> connection : neighbor.connections()) {
      protect(neighbor, connection.local(), connection.remote(), true);
    }
  }

  private void sign(IpAddress address, @Nullable String key) {
    for (InetSocketAddress local : addresses()) {
      boolean v4 = local.getAddress() instanceof Inet4Address;
      if (v4 && !address.isV4() && !local.getAddress().isAnyLocalAddress()) {
        continue; // nobody comes from there to here
      }
      try {
        Guard.sign(local, null, address, key);
      } catch (IOException e) {
        listener.unprotected(address, String.valueOf(e.getMessage()));
      }
    }
  }

  /**
   * @param running whether it had other terms until now; one that is accepted has the key already
   */
  private void protect(
      Neighbor neighbor,
      InetSocketAddress local,
      @Nullable InetSocketAddress remote,
      boolean running) {
    Peer peer = neighbor.peer();
    try {
      if (running) {
        Guard.sign(local, remote, peer.address(), peer.protection().key());
      }
      if (remote != null && (running || peer.protection().hops() > 0)) {
        Guard.limitHops(local, remote, peer.protection().hops());
      }
    } catch (IOException e) {
      loop.execute(() -> listener.unprotected(peer.address(), String.valueOf(e.getMessage())));
    }
  }

  /** How many connections were closed at once, as there were too many. */
  public Map<Listener.Refusal, Long> refusals() {
    return listening == null ? Map.of() : listening.refusals();
  }

  public List<PeerStatus> peers() {
    return neighbors.values().stream().map(Neighbor::status).toList();
  }

  /**
   * Ends all sessions with Cease, Administrative Shutdown, and with none where the peer keeps our
   * routes for us only if it gets none. May be called from any thread.
   */
  @Override
  public void close() {
    close("");
  }

  /** The same with a text for the operators of the peers (RFC 9003). */
  public void close(String text) {
    if (listening != null) {
      listening.close();
    }
    loop.execute(() -> {
      closed = true;
      List.copyOf(neighbors.values()).forEach(neighbor -> neighbor.leave(text));
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
      Connection<Decoded> connection = connection(channel, neighbor);
      if (neighbor.peer().protection().hops() > 0) {
        protect(neighbor, connection.local(), connection.remote(), false);
      }
      neighbor.accepted(connection);
    } catch (IOException e) {
      Listener.close(channel); // gone before it could be looked at
    }
  }

  private Connection<Decoded> connection(SocketChannel channel, Neighbor neighbor)
      throws IOException {
    Framer framer = new Framer(neighbor.terms().takenManyPaths());
    return new Connection<>(channel, loop, framer, neighbor, options.maxQueuedBytes());
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
      String key = peer.protection().key();
      if (local != null) {
        channel.bind(new InetSocketAddress(local.toInetAddress(), 0));
      } else if (key != null || peer.protection().hops() > 0) {
        channel.bind(new InetSocketAddress(0)); // an address by which it is found
      }
      if (key != null) {
        Guard.sign((InetSocketAddress) channel.getLocalAddress(), null, peer.address(), key);
      }
      if (peer.protection().hops() > 0) {
        Guard.sendFar((InetSocketAddress) channel.getLocalAddress());
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
      Connection<Decoded> connection = connection(channel, neighbor);
      if (neighbor.peer().protection().hops() > 0) {
        protect(neighbor, connection.local(), connection.remote(), false);
      }
      neighbor.dialled(connection);
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
