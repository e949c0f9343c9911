package weft.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A peer that a {@link RibOut} tells, and how far it has been told. */
final class Member {
  final Peer peer;
  final RoutingEvent.Wishes wishes;
  private final Interest interest;

  /** The end of the log when it came: of what was taken back before it never knew. */
  int joined;

  /** The place in the log from which on it has been told nothing. */
  int mark;

  private final Map<RouteKey, Advert> own = new HashMap<>();
  private final Map<RouteKey, RibOut.Update> ownPending = new LinkedHashMap<>();

  /** If filtered: what it has been told and not been told to forget. */
  final Set<Entry> told = new HashSet<>();

  /** If filtered: what it may want now and did not before, or the other way round. */
  final Set<Entry> doubtful = new LinkedHashSet<>();

  Member(Peer peer, RoutingEvent.Wishes wishes, Interest interest, int joined) {
    this.peer = peer;
    this.wishes = wishes;
    this.interest = interest;
    this.joined = joined;
  }

  /** Whether its filter lets that path through. */
  boolean wants(Path path) {
    return !wishes.filtered() || interest.takes(path.attributes().membership().targets());
  }

  // ---- what it alone is told

  Iterable<Advert> own() {
    return own.values();
  }

  /** Everything of its own that it may have been told or is to be. */
  Set<RouteKey> ownKeys() {
    Set<RouteKey> keys = new LinkedHashSet<>(own.keySet());
    keys.addAll(ownPending.keySet());
    return keys;
  }

  /** Makes `adverts` all that it alone is told. Returns whether that is new. */
  boolean setOwn(Map<? extends RouteKey, ? extends Advert> adverts) {
    if (own.equals(adverts)) {
      return false;
    }
    for (RouteKey key : List.copyOf(own.keySet())) {
      if (!adverts.containsKey(key)) {
        own.remove(key);
        ownPending.put(key, new RibOut.Update.Retract(key));
      }
    }
    adverts.forEach((key, advert) -> {
      if (!advert.equals(own.put(key, advert))) {
        ownPending.put(key, new RibOut.Update.Tell(advert));
      }
    });
    return true;
  }

  /** It is to be told everything again. */
  void restart() {
    mark = 0;
    own.forEach((key, advert) -> ownPending.put(key, new RibOut.Update.Tell(advert)));
  }

  boolean isPending(int end) {
    return mark < end || !ownPending.isEmpty() || !doubtful.isEmpty();
  }

  List<RibOut.Update> takeOwn() {
    List<RibOut.Update> taken = new ArrayList<>(ownPending.values());
    ownPending.clear();
    return taken;
  }

  // ---- what it knows

  /** It is told of that entry. */
  void note(Entry entry) {
    if (wishes.filtered()) {
      told.add(entry);
    }
  }

  /** Whether it may have been told of the entry and must be told that it is gone. */
  boolean mayKnow(Entry entry, int place) {
    if (wishes.filtered()) {
      return told.remove(entry);
    }
    boolean isNews = entry.isContested() || !peer.equals(entry.source());
    return place >= joined && isNews;
  }
}
