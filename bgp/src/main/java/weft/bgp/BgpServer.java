package weft.bgp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.state.Loop;

/** A BGP speaker's sessions: listens, dials, settles collisions. Called on the owner's loop. */
@SuppressWarnings("DoNotCallSuggester") // bodies follow
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

  private BgpServer() {}

  /** Listens at once; calls the listener on `loop`. May be called from any thread. */
  public static BgpServer start(
      Options options, Loop loop, RandomGenerator random, BgpListener listener) throws IOException {
    throw new UnsupportedOperationException();
  }

  /** Where it listens, with the ports that were given for port 0. */
  public List<InetSocketAddress> addresses() {
    throw new UnsupportedOperationException();
  }

  /** Adds a neighbour, or changes one, which resets its session. */
  public void add(Peer peer) {
    throw new UnsupportedOperationException();
  }

  /** Removes a neighbour; its session ends with Cease, Peer De-configured. */
  public void remove(IpAddress address) {
    throw new UnsupportedOperationException();
  }

  public List<PeerStatus> peers() {
    throw new UnsupportedOperationException();
  }

  /** Ends all sessions with Cease, Administrative Shutdown. May be called from any thread. */
  @Override
  public void close() {
    throw new UnsupportedOperationException();
  }
}
