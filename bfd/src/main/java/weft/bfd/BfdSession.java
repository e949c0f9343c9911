package weft.bfd;

import org.jspecify.annotations.Nullable;
import weft.bfd.BfdPacket.State;

/**
 * One end of a BFD session in asynchronous mode (RFC 5880); who drives it sends {@link #packet}
 * every {@link #intervalNs}.
 */
public final class BfdSession {
  private static final int EXPIRED = 1;
  private static final int NEIGHBOUR_DOWN = 3;
  private static final int ADMINISTRATIVE = 7;
  private static final long SLOW_US = 1_000_000;

  private final int mine;
  private final long wantedUs;
  private final int multiplier;
  private State state = State.DOWN;
  private State theirs = State.DOWN;
  private boolean independent;
  private int diagnostic;
  private int yours;
  private long remoteRxUs = 1;
  private long detectionUs;
  private long heardNs;

  /**
   * @param mine the discriminator, not 0
   * @param intervalUs at which both ends shall send once the session is up
   */
  public BfdSession(int mine, long intervalUs, int multiplier) {
    this.mine = mine;
    this.wantedUs = intervalUs;
    this.multiplier = multiplier;
  }

  public State state() {
    return state;
  }

  /** What the other end said last of its own state. */
  public State theirs() {
    return theirs;
  }

  /**
   * Whether the other end answers also while its control plane is away, so that its silence means
   * that it does not forward either (RFC 5882 section 4.3.2).
   */
  public boolean isIndependent() {
    return independent;
  }

  /** How long the other end may be silent; 0 while it has not been heard. */
  public long detectionNs() {
    return detectionUs * 1000;
  }

  /** How long it may be silent still. */
  public long leftNs(long nowNs) {
    return heardNs + detectionUs * 1000 - nowNs;
  }

  /** Takes in a packet of the other end; returns what must be sent at once, or null. */
  public @Nullable BfdPacket heard(BfdPacket packet, long nowNs) {
    if (packet.yours() != 0 && packet.yours() != mine) {
      return null;
    }
    yours = packet.mine();
    remoteRxUs = packet.requiredRx();
    detectionUs = packet.multiplier() * Math.max(wantedUs, packet.desiredTx());
    heardNs = nowNs;
    theirs = packet.state();
    independent = packet.independent();
    step(packet.state());
    return packet.poll() ? packet(true) : null;
  }

  /** RFC 5880 section 6.8.6, the part on the state. */
  private void step(State told) {
    switch (told) {
      case ADMIN_DOWN -> {
        if (state != State.DOWN) {
          fall(NEIGHBOUR_DOWN);
        }
      }
      case DOWN -> {
        if (state == State.DOWN) {
          state = State.INIT;
        } else if (state == State.UP) {
          fall(NEIGHBOUR_DOWN);
        }
      }
      case INIT -> state = State.UP;
      case UP -> {
        if (state == State.INIT) {
          state = State.UP;
        }
      }
    }
    if (state == State.UP) {
      diagnostic = 0;
    }
  }

  private void fall(int why) {
    state = State.DOWN;
    diagnostic = why;
  }

  /** Ends the session if the other end has been silent for too long. */
  public void look(long nowNs) {
    if (detectionUs != 0 && nowNs - heardNs > detectionUs * 1000) {
      if (state != State.DOWN) {
        fall(EXPIRED);
      }
      yours = 0;
      detectionUs = 0;
    }
  }

  /** What is to be sent now. */
  public BfdPacket packet() {
    return packet(false);
  }

  private BfdPacket packet(boolean finished) {
    long tx = state == State.UP ? wantedUs : Math.max(wantedUs, SLOW_US);
    return packet(state, diagnostic, finished, tx);
  }

  /** The last that is sent, so that the other end does not take our silence for a failure. */
  public BfdPacket farewell() {
    return packet(State.ADMIN_DOWN, ADMINISTRATIVE, false, Math.max(wantedUs, SLOW_US));
  }

  private BfdPacket packet(State told, int why, boolean finished, long tx) {
    return new BfdPacket(told, why, false, finished, false, multiplier, mine, yours, tx, wantedUs);
  }

  /**
   * Time to the next packet, before jitter. What is heard may shorten it: then the next one is due
   * at once.
   */
  public long intervalNs() {
    long own = state == State.UP ? wantedUs : Math.max(wantedUs, SLOW_US);
    return Math.max(own, remoteRxUs) * 1000;
  }
}
