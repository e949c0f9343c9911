package weft.agent.core;

import java.util.HashMap;
import java.util.Map;
import java.util.SortedSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.net.IpPrefix;

/**
 * Which port's guest has spoken last for an address that several may have, one at a time.
 *
 * <p>Each claim has a number above all that were known then; the highest one counts, on whichever
 * host it was made. Claims are history, as numbers are: they do not follow from the config.
 */
final class Claims {
  /** How a claimed route goes before others. */
  static final int PREFERENCE = 200;

  private record Key(UUID port, IpPrefix prefix) {}

  private final Map<Key, Long> claims = new HashMap<>();

  /** The number of a port's claim, 0 if it has none that counts beside what the route says. */
  long of(UUID port, IpPrefix prefix, Routes.@Nullable Inet remote) {
    Long own = claims.get(new Key(port, prefix));
    return own == null || (remote != null && remote.elsewhere() && remote.rank().sequence() > own)
        ? 0
        : own;
  }

  /**
   * Notes that a port's guest speaks for the prefix.
   *
   * @param rivals the ports of this host that may have it
   * @return whether that was news
   */
  boolean claim(UUID port, IpPrefix prefix, SortedSet<UUID> rivals, Routes.@Nullable Inet remote) {
    boolean taken = false;
    long known = remote == null ? 0 : remote.rank().sequence();
    boolean contested = remote != null && remote.elsewhere();
    for (UUID rival : rivals) {
      Long theirs = rival.equals(port) ? null : claims.remove(new Key(rival, prefix));
      if (theirs != null) {
        known = Math.max(known, theirs);
        taken = true;
      }
    }
    Long own = claims.get(new Key(port, prefix));
    boolean news = own == null || taken || (contested && known >= own);
    if (news) {
      claims.put(new Key(port, prefix), Math.max(known, own == null ? 0 : own) + 1);
    }
    return news;
  }

  /** Forgets what a port has claimed beside `kept`. */
  void retain(UUID port, java.util.Collection<IpPrefix> kept) {
    claims.keySet().removeIf(key -> key.port().equals(port) && !kept.contains(key.prefix()));
  }
}
