package weft.xmpp;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How long a peer may be silent, and how often we speak, where the wish of fast detection comes and
 * goes and hold times are not negotiated.
 *
 * <p>The wish reaches the two ends at different times. So a peer is held to it only once it speaks
 * that often, and after the wish has gone we speak on as before for a while.
 */
final class Pace {
  /** By then the peer has heard of it too. */
  static final Duration GRACE = Duration.ofSeconds(60);

  private static final long NEVER = Long.MIN_VALUE;

  private final Duration usual;
  private @Nullable Duration fast;
  private Duration kept = Duration.ZERO;
  private long keptUntilNs = NEVER;
  private long keepAliveNs = NEVER;
  private boolean peerIsFast;

  /**
   * @param usual the hold time without a wish
   */
  Pace(Duration usual) {
    this.usual = usual;
  }

  /** A new session: nothing is known of the peer. */
  void restart() {
    keepAliveNs = NEVER;
    peerIsFast = false;
  }

  /**
   * The wish is another from now on.
   *
   * @param hold how long a peer may be silent at most; null for the usual time
   */
  void wish(@Nullable Duration hold, long nowNs) {
    Duration before = interval(nowNs);
    fast = hold;
    peerIsFast = false;
    keepAliveNs = NEVER;
    if (before.compareTo(wished().dividedBy(3)) < 0) {
      kept = before;
      keptUntilNs = nowNs + GRACE.toNanos();
    } else {
      keptUntilNs = NEVER;
    }
  }

  @Nullable Duration wish() {
    return fast;
  }

  private Duration wished() {
    Duration hold = fast;
    return hold == null || hold.compareTo(usual) > 0 ? usual : hold;
  }

  /** Takes note of a keep-alive; true if from now on the peer is held to the wish. */
  boolean keptAlive(long nowNs) {
    boolean often = keepAliveNs != NEVER && nowNs - keepAliveNs < wished().toNanos();
    keepAliveNs = nowNs;
    boolean turned = often && !peerIsFast && fast != null;
    peerIsFast |= often;
    return turned;
  }

  /** How long the peer may be silent. */
  Duration hold() {
    return peerIsFast ? wished() : usual;
  }

  /** The wait between two of our keep-alives. */
  Duration interval(long nowNs) {
    boolean keeps = keptUntilNs != NEVER && nowNs - keptUntilNs < 0;
    return keeps ? kept : wished().dividedBy(3);
  }
}
