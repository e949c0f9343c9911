package weft.control;

import java.util.Collection;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.bfd.BfdPeers;
import weft.net.IpAddress;
import weft.state.FaultHandler;
import weft.state.Loop;

/** Watches BGP peers by BFD, where the config says so; belongs to the node's loop. */
final class PeerWatch implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PeerWatch.class);

  /** Is told on the node's loop. */
  interface Owner {
    /**
     * @param forwardingLost it does not forward either, as far as one can know
     */
    void unreachable(IpAddress peer, boolean forwardingLost);
  }

  private final Loop loop;
  private final FaultHandler faults;
  private final Counters counters;
  private final Owner owner;
  private @Nullable BfdPeers peers;

  PeerWatch(Loop loop, FaultHandler faults, Counters counters, Owner owner) {
    this.loop = loop;
    this.faults = faults;
    this.counters = counters;
    this.owner = owner;
  }

  void configure(Collection<Peering> peerings) {
    Collection<BfdPeers.Peer> wanted =
        peerings.stream().map(Peering::watch).filter(Objects::nonNull).toList();
    if (peers == null && !wanted.isEmpty()) {
      peers = BfdPeers.start(faults, RandomGenerator.getDefault(), new Told());
    }
    if (peers != null) {
      peers.watch(wanted);
    }
  }

  /** How the session with a peer is; null if it is not watched. */
  BfdPeers.@Nullable Status status(IpAddress peer) {
    return peers == null ? null : peers.status(peer);
  }

  @Override
  public void close() {
    if (peers != null) {
      peers.close();
      peers = null;
    }
  }

  private final class Told implements BfdPeers.Listener {
    @Override
    public void up(IpAddress peer) {
      LOG.info("BFD with {} is up", peer);
    }

    @Override
    public void down(IpAddress peer, boolean forwardingLost) {
      loop.execute(() -> {
        counters.count("bfd_down");
        LOG.warn("BFD with {} is down", peer);
        owner.unreachable(peer, forwardingLost);
      });
    }

    @Override
    public void failed(IpAddress peer, String reason) {
      loop.execute(() -> {
        counters.count("bfd_failed");
        LOG.warn("no BFD with {}: {}", peer, reason);
      });
    }
  }
}
