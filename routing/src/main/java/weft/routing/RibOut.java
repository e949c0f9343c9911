package weft.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
    private final int end;
    private final Set<Peer> sources;
    private final int firstRetract;
    private @Nullable Object encoded;

    /**
     * @param end the place in the log after it
     * @param sources who told what is in it, as far as it must not be told back to them
     * @param firstRetract the place of its first retraction
     */
    private Batch(List<Update> updates, int end, Set<Peer> sources, int firstRetract) {
      this.updates = List.copyOf(updates);
      this.end = end;
      this.sources = sources;
      this.firstRetract = firstRetract;
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

    /** Whether it holds what this member is to be told, no less and no more. */
    private boolean suits(Member member) {
      return firstRetract >= member.joined && !sources.contains(member.peer);
    }
  }

  static final class Entry extends Keyed {
    /** An {@link Advert}, or a {@link Path} as what makes one for BGP peers; null if retracted. */
    private @Nullable Object told;

    int place;

    Entry(RouteKey key) {
      super(key);
    }

    boolean isRetracted() {
      return told == null;
    }

    @Nullable Advert advert() {
      return told instanceof Path path
          ? new Advert.Backbone(key, path.attributes(), path.peer())
          : (Advert) told;
    }

    @Nullable Peer source() {
      return told instanceof Path path ? path.peer() : null;
    }

    private boolean tells(@Nullable Object other) {
      if (told == null || other == null) {
        return isRetracted() && other == null;
      }
      return told instanceof Path a && other instanceof Path b
          ? a.peer().equals(b.peer()) && a.attributes().equals(b.attributes())
          : told.equals(other);
    }
  }

  private static final class Member {
    final Peer peer;
    int joined;
    int mark;
    final Map<RouteKey, Advert> own = new HashMap<>();
    final Map<RouteKey, Update> ownPending = new LinkedHashMap<>();

    Member(Peer peer, int joined) {
      this.peer = peer;
      this.joined = joined;
    }
  }

  private final TableId table;
  private final ExportPolicy policy;
  private final KeyTable<Entry> entries = new KeyTable<>();
  private final ChangeLog log = new ChangeLog();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<Integer, Batch> batches = new HashMap<>();

  /** Whether it is among those that have something new. */
  private boolean changed;

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
    for (int place = 0; place < log.end(); place++) {
      Entry entry = log.at(place);
      Advert advert = entry == null ? null : entry.advert();
      if (advert != null) {
        all.add(advert);
      }
    }
    Member member = members.get(peer);
    if (member != null) {
      all.addAll(member.own.values());
    }
    return all;
  }

  /** Notes that there is something new; returns whether that was not noted before. */
  boolean noteChanged() {
    boolean first = !changed;
    changed = true;
    return first;
  }

  void forgetChanged() {
    changed = false;
  }

  boolean isDeserted() {
    return members.isEmpty();
  }

  void join(Peer peer) {
    members.put(peer.name(), new Member(peer, log.end()));
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
    return put(key, advert);
  }

  /** Makes that path what BGP peers are told of `key`; null for nothing. */
  boolean set(RouteKey key, @Nullable Path path) {
    return put(key, path);
  }

  private boolean put(RouteKey key, @Nullable Object told) {
    Entry entry = entries.get(key);
    if (entry == null) {
      if (told == null) {
        return false;
      }
      entry = new Entry(key);
      entries.add(entry);
    } else if (entry.tells(told)) {
      entry.told = told; // not to keep a path that is gone
      return false;
    } else {
      log.remove(entry);
    }
    if (log.isFull()) {
      compact();
    }
    entry.told = told;
    log.add(entry);
    if (!batches.isEmpty()) {
      batches.clear();
    }
    return true;
  }

  /** Closes the gaps in the log; the marks move along. */
  private void compact() {
    int[] moved = log.compact();
    for (Member member : members.values()) {
      member.mark = moved[member.mark];
      member.joined = moved[member.joined];
    }
    batches.clear();
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
    return member != null && (member.mark < log.end() || !member.ownPending.isEmpty());
  }

  /**
   * The next updates for `peer`, about `limit` of them at most; from then on it counts as told.
   * Empty if there is nothing more.
   */
  public Batch next(String peer, int limit) {
    Member member = members.get(peer);
    if (member == null) {
      return new Batch(List.of(), log.end(), Set.of(), Integer.MAX_VALUE);
    }
    while (member.mark < log.end()) {
      Batch batch = batch(member, limit);
      member.mark = batch.end;
      if (!batch.isEmpty()) {
        return batch;
      }
    }
    List<Update> own = List.copyOf(member.ownPending.values());
    member.ownPending.clear();
    return new Batch(own, log.end(), Set.of(), Integer.MAX_VALUE);
  }

  /** What any other at the member's mark gets, if there is nothing in it that it must not get. */
  private Batch batch(Member member, int limit) {
    Batch shared = batches.get(member.mark);
    if (shared == null) {
      shared = collect(member.mark, limit, null);
      batches.put(member.mark, shared);
    }
    return shared.suits(member) ? shared : collect(member.mark, limit, member);
  }

  /**
   * @param member for whom alone it is, or null for all that it suits
   */
  private Batch collect(int mark, int limit, @Nullable Member member) {
    List<Update> updates = new ArrayList<>();
    Set<Peer> sources = new HashSet<>(4);
    Peer last = null;
    int firstRetract = Integer.MAX_VALUE;
    int place = mark;
    for (int seen = 0; place < log.end() && seen < limit; place++) {
      Entry entry = log.at(place);
      if (entry == null) {
        continue;
      }
      seen++;
      Peer source = entry.source();
      Advert advert = entry.advert();
      if (source != null && !source.equals(last)) {
        sources.add(source);
        last = source;
      }
      if (advert != null && (member == null || !member.peer.equals(source))) {
        updates.add(new Update.Tell(advert));
      } else if (member == null || place >= member.joined) {
        updates.add(new Update.Retract(entry.key));
        firstRetract = Math.min(firstRetract, place);
      }
    }
    return new Batch(updates, place, sources, firstRetract);
  }

  /** Forgets the retracted keys that every peer has been told of. */
  public void trim() {
    int told = log.end();
    for (Member member : members.values()) {
      told = Math.min(told, member.mark);
    }
    log.dropRetracted(told, entries::remove);
  }
}
