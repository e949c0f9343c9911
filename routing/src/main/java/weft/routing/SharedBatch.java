package weft.routing;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A batch for all members of a {@link RibOut} at a mark that nothing sets apart.
 *
 * @param longStale something in it is of a peer that is away for long
 * @param firstRetract the place of its first retraction
 * @param contested the members that may know of another's path where their own is told now
 */
record SharedBatch(Batch batch, boolean longStale, int firstRetract, Set<Peer> contested) {
  /** Whether it holds what this member is to be told, but for its own part no less and no more. */
  boolean suits(Member member) {
    return !member.wishes.filtered()
        && firstRetract >= member.joined
        && (!longStale || member.wishes.longLived())
        && !contested.contains(member.peer);
  }

  /**
   * What the log holds from a mark on. What members have told makes a part each, for all others to
   * share; the rest makes one. What the only member has told nobody needs.
   *
   * @param isTold whether a peer is a member that is not told what it told itself
   */
  static SharedBatch of(
      ChangeLog log, int mark, int limit, boolean onlyMember, Predicate<Peer> isTold) {
    Making making = new Making(onlyMember, isTold);
    int place = mark;
    for (int seen = 0; place < log.end() && seen < limit; place++) {
      Entry entry = log.at(place);
      if (entry != null) {
        seen++;
        making.add(entry, place);
      }
    }
    return making.batch(place);
  }

  private static final class Making {
    private final boolean onlyMember;
    private final Predicate<Peer> isTold;
    private final List<RibOut.Update> common = new ArrayList<>();
    private final Map<Peer, List<RibOut.Update>> bySource = new LinkedHashMap<>();
    private final Set<Peer> contested = new HashSet<>(4);
    private boolean longStale;
    private int firstRetract = Integer.MAX_VALUE;

    // Routes come in runs of the same source: what was found of the last.
    private @Nullable Peer last;
    private boolean isOwn;
    private List<RibOut.Update> ofLast = common;

    Making(boolean onlyMember, Predicate<Peer> isTold) {
      this.onlyMember = onlyMember;
      this.isTold = isTold;
    }

    void add(Entry entry, int place) {
      if (entry.isRetracted()) {
        common.add(new RibOut.Update.Retract(entry.key, entry.number()));
        firstRetract = Math.min(firstRetract, place);
        return;
      }
      Peer source = entry.source();
      if (source != null && !source.equals(last)) {
        last = source;
        isOwn = isTold.test(source);
        ofLast = isOwn ? bySource.computeIfAbsent(source, _ -> new ArrayList<>()) : common;
      }
      if (source != null && isOwn && entry.isContested()) {
        contested.add(source);
      }
      longStale |= entry.isLongStale();
      Advert advert = isOwn && onlyMember ? null : entry.advert();
      if (advert != null) {
        ofLast.add(new RibOut.Update.Tell(advert, entry.number()));
      }
    }

    SharedBatch batch(int end) {
      List<Batch.Part> parts = new ArrayList<>();
      if (!common.isEmpty()) {
        parts.add(new Batch.Part(common, null));
      }
      bySource.forEach((source, updates) -> {
        if (!updates.isEmpty()) {
          parts.add(new Batch.Part(updates, source));
        }
      });
      return new SharedBatch(new Batch(parts, end), longStale, firstRetract, contested);
    }
  }
}
