package weft.bfd;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.state.EventLoop;
import weft.state.FaultHandler;

/**
 * BFD sessions with routers, over UDP (RFC 5881, RFC 5883).
 *
 * <p>They have a loop of their own: a peer must not take us for dead because we are busy.
 */
public final class BfdPeers implements AutoCloseable {

  /**
   * A router to be watched.
   *
   * @param oneHop it is on a link of ours: its packets must not have come over a router
   * @param interval at which both ends shall send
   * @param multiplier how many packets may be missed
   */
  public record Peer(IpAddress address, boolean oneHop, Duration interval, int multiplier) {}

  /**
   * @param detection for how long the peer may be silent; zero if it is not heard
   */
  public record Status(BfdPacket.State state, Duration detection) {
    static final Status NONE = new Status(BfdPacket.State.DOWN, Duration.ZERO);
  }

  /** Is told on the loop of the sessions. */
  public interface Listener {
    void up(IpAddress peer);

    /**
     * A peer that was up is not heard any more, or hears us no more. Not told if it has taken the
     * session down on purpose, which says nothing of the peer (RFC 5882 section 3.2).
     *
     * @param forwardingLost it said that it answers also while its control plane is away
     */
    void down(IpAddress peer, boolean forwardingLost);

    /** No session can be had with it, for a reason of ours; it is tried again. */
    void failed(IpAddress peer, String reason);
  }

  private static final int LEAVE_SECONDS = 2;

  private record At(IpAddress local, boolean oneHop) {}

  private final EventLoop loop;
  private final RandomGenerator random;
  private final Listener listener;
  private final Map<IpAddress, Watch> watched = new HashMap<>();
  private final Map<At, BfdPort> ports = new HashMap<>();
  private final Map<IpAddress, Status> statuses = new ConcurrentHashMap<>();

  private BfdPeers(EventLoop loop, RandomGenerator random, Listener listener) {
    this.loop = loop;
    this.random = random;
    this.listener = listener;
  }

  public static BfdPeers start(FaultHandler faults, RandomGenerator random, Listener listener) {
    return new BfdPeers(EventLoop.start("bfd", faults), random, listener);
  }

  /** Watches these peers and no others. Any thread may call it. */
  public void watch(Collection<Peer> wanted) {
    Map<IpAddress, Peer> byAddress = new HashMap<>();
    wanted.forEach(peer -> byAddress.put(peer.address(), peer));
    loop.execute(() -> {
      for (Watch watch : List.copyOf(watched.values())) {
        if (!watch.peer().equals(byAddress.get(watch.peer().address()))) {
          end(watch);
        }
      }
      byAddress.forEach((address, peer) -> {
        if (!watched.containsKey(address)) {
          Watch watch = new Watch(peer, this, loop, random);
          watched.put(address, watch);
          statuses.put(address, Status.NONE);
          watch.start();
        }
      });
    });
  }

  private void end(Watch watch) {
    watched.remove(watch.peer().address());
    statuses.remove(watch.peer().address());
    watch.stop();
  }

  /** How the session with a peer is, null if it is not watched. Any thread may ask. */
  public @Nullable Status status(IpAddress peer) {
    return statuses.get(peer);
  }

  // ---- from the watches

  /** Has packets to that address of ours heard. */
  void listen(IpAddress local, boolean oneHop) throws IOException {
    At at = new At(local, oneHop);
    if (!ports.containsKey(at)) {
      ports.put(
          at,
          BfdPort.open(
              local,
              oneHop,
              (source, packet) -> {
                if (statuses.containsKey(source)) {
                  loop.execute(() -> heard(source, oneHop, packet));
                }
              }));
    }
  }

  private void heard(IpAddress source, boolean oneHop, BfdPacket packet) {
    Watch watch = watched.get(source);
    if (watch != null && watch.peer().oneHop() == oneHop) {
      watch.heard(packet);
    }
  }

  void changed(Watch watch, Status now) {
    statuses.replace(watch.peer().address(), now);
  }

  Listener listener() {
    return listener;
  }

  /** Takes leave of all peers. */
  @Override
  public void close() {
    CompletableFuture<Void> left = new CompletableFuture<>();
    loop.execute(() -> {
      List.copyOf(watched.values()).forEach(this::end);
      for (BfdPort port : new ArrayList<>(ports.values())) {
        try {
          port.close();
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      ports.clear();
      left.complete(null);
    });
    left.completeOnTimeout(null, LEAVE_SECONDS, TimeUnit.SECONDS).join();
    loop.close();
  }
}
