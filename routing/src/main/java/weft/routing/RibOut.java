package weft.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What is told of one table under one export policy, and how far each peer has been told.
 *
 * <p>A log holds each key once, at the place of its latest change; a peer is a mark in the log. So
 * a slow peer gets the latest state and not the history, and peers at the same mark share one batch
 * and its encoding. Adverts for one peer alone are kept beside the log, by key.
 */
public final class RibOut {

  /** Something to tell a peer. */
  public sealed interface Update {
    RouteKey key();

    record Tell(Advert advert) implements Update {
      @Override
      public RouteKey key() {
        return advert.key();
      }
    }

    record Retract(RouteKey key) implements Update {}
  }

  /** Updates in the order to send them; the same object for every peer that gets the same. */
  public static final class Batch {
    private final List<Update> updates;
    private final long end;
    private @Nullable Object encoded;

    Batch(List<Update> updates, long end) {
      this.updates = List.copyOf(updates);
      this.end = end;
    }

    public List<Update> updates() {
      return updates;
    }

    public boolean isEmpty() {
      return updates.isEmpty();
    }

    /** What was kept by `keep`, or null. */
    public @Nullable Object encoded() {
      return encoded;
    }

    /** Keeps an encoding for the next peer that gets this batch. */
    public void keep(Object encoding) {
      encoded = encoding;
    }
  }

  private static final class Entry {
    final RouteKey key;
    @Nullable Advert advert;
    long place;

    Entry(RouteKey key) {
      this.key = key;
    }
  }

  private static final class Member {
    final Peer peer;
    final long joined;
    long mark;
    final Map<RouteKey, Advert> own = new HashMap<>();
    final Map<RouteKey, Update> ownPending = new LinkedHashMap<>();

    Member(Peer peer, long joined) {
      this.peer = peer;
      this.joined = joined;
    }
  }

  private final TableId table;
  private final ExportPolicy policy;
  private final Map<RouteKey, Entry> entries = new HashMap<>();
  private final NavigableMap<Long, Entry> log = new TreeMap<>();
  private final NavigableMap<Long, Entry> retracted = new TreeMap<>();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<Long, Batch> batches = new HashMap<>();
  private long last;

  RibOut(TableId table, ExportPolicy policy) {
    this.table = table;
    this.policy = policy;
  }

  public TableId table() {
    return table;
  }

  public ExportPolicy policy() {
    return policy;
  }

  /** The peers that are told, in the order they came. */
  public List<String> members() {
    return List.copyOf(members.keySet());
  }

  public boolean hasMember(String peer) {
    return members.containsKey(peer);
  }

  /** The present adverts to all, then those to `peer` alone. */
  public List<Advert> adverts(String peer) {
    List<Advert> all = new ArrayList<>();
    for (Entry entry : log.values()) {
      if (entry.advert != null) {
        all.add(entry.advert);
      }
    }
    Member member = members.get(peer);
    if (member != null) {
      all.addAll(member.own.values());
    }
    return all;
  }

  boolean isDeserted() {
    return members.isEmpty();
  }

  void join(Peer peer) {
    members.put(peer.name(), new Member(peer, last));
  }

  /** Tells a member everything again. */
  void restart(String peer) {
    Member member = members.get(peer);
    if (member != null) {
      member.mark = 0;
      member.own.forEach((key, advert) -> member.ownPending.put(key, new Update.Tell(advert)));
    }
  }

  void leave(String peer) {
    members.remove(peer);
  }

  /** Makes `advert` what is told of `key` to all; null for nothing. Returns whether it is new. */
  boolean set(RouteKey key, @Nullable Advert advert) {
    Entry entry = entries.get(key);
    if (entry == null) {
      if (advert == null) {
        return false;
      }
      entry = new Entry(key);
      entries.put(key, entry);
    } else if (Objects.equals(entry.advert, advert)) {
      return false;
    } else {
      log.remove(entry.place);
      retracted.remove(entry.place);
    }
    entry.advert = advert;
    entry.place = ++last;
    log.put(entry.place, entry);
    if (advert == null) {
      retracted.put(entry.place, entry);
    }
    batches.clear();
    return true;
  }

  /** Makes `adverts` all that is told to `peer` alone. Returns whether that is new. */
  boolean setOwn(String peer, Map<? extends RouteKey, ? extends Advert> adverts) {
    Member member = members.get(peer);
    if (member == null || member.own.equals(adverts)) {
      return false;
    }
    for (RouteKey key : List.copyOf(member.own.keySet())) {
      if (!adverts.containsKey(key)) {
        member.own.remove(key);
        member.ownPending.put(key, new Update.Retract(key));
      }
    }
    adverts.forEach((key, advert) -> {
      if (!advert.equals(member.own.put(key, advert))) {
        member.ownPending.put(key, new Update.Tell(advert));
      }
    });
    return true;
  }

  /** Whether there is something that `peer` has not been told. */
  public boolean isPending(String peer) {
    Member member = members.get(peer);
    return member != null && (member.mark < last || !member.ownPending.isEmpty());
  }

  /**
   * The next updates for `peer`, about `limit` of them at most; from then on it counts as told.
   * Empty if there is nothing more.
   */
  public Batch next(String peer, int limit) {
    Member member = members.get(peer);
    if (member == null) {
      return new Batch(List.of(), last);
    }
    while (member.mark < last) {
      Batch batch = shared(member, limit);
      member.mark = batch.end;
      if (!batch.isEmpty()) {
        return batch;
      }
    }
    List<Update> own = List.copyOf(member.ownPending.values());
    member.ownPending.clear();
    return new Batch(own, last);
  }

  private Batch shared(Member member, int limit) {
    // A member that has caught up with its start gets what any other at its mark gets. Before, and
    // among BGP peers, each has things that it must not get.
    boolean shareable = policy == ExportPolicy.AGENTS && member.mark >= member.joined;
    Batch known = shareable ? batches.get(member.mark) : null;
    if (known != null) {
      return known;
    }
    List<Update> updates = new ArrayList<>();
    long end = last;
    for (Entry entry : log.tailMap(member.mark, false).values()) {
      if (updates.size() == limit) {
        end = log.lowerKey(entry.place);
        break;
      }
      Update update = update(entry, member);
      if (update != null) {
        updates.add(update);
      }
    }
    Batch batch = new Batch(updates, end);
    if (shareable) {
      batches.put(member.mark, batch);
    }
    return batch;
  }

  private @Nullable Update update(Entry entry, Member member) {
    Advert advert = entry.advert;
    boolean told = advert != null && !isFrom(member.peer, advert);
    if (told && advert != null) {
      return new Update.Tell(advert);
    }
    return entry.place > member.joined ? new Update.Retract(entry.key) : null;
  }

  /** BGP routes are not told to the one they came from; agents get their own back. */
  private static boolean isFrom(Peer peer, Advert advert) {
    return switch (advert) {
      case Advert.Backbone a -> a.source().name().equals(peer.name());
      case Advert.Unicast _, Advert.Replication _ -> false;
    };
  }

  /** Forgets the retracted keys that every peer has been told of. */
  public void trim() {
    if (retracted.isEmpty()) {
      return;
    }
    long least = last;
    for (Member member : members.values()) {
      least = Math.min(least, member.mark);
    }
    NavigableMap<Long, Entry> done = retracted.headMap(least, true);
    done.values()
        .forEach(entry -> {
          log.remove(entry.place);
          entries.remove(entry.key);
        });
    done.clear();
  }
}
