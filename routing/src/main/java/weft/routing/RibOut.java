package weft.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is told of one table under one export policy, and how far each peer has been told.
 *
 * <p>A log holds each key once, at the place of its latest change; a peer is a mark in the log. So
 * a slow peer gets the latest state and not the history, and peers at the same mark share one batch
 * and its encoding. Adverts for one peer alone are kept beside the log, by key. Where several paths
 * of a route are told, each has an entry of its own in the log.
 */
public final class RibOut {

  /** Something to tell a peer. */
  public sealed interface Update {
    RouteKey key();

    /** Tells the paths of a route apart (RFC 7911), from 1. */
    int number();

    record Tell(Advert advert, int number) implements Update {
      public Tell(Advert advert) {
        this(advert, 1);
      }

      @Override
      public RouteKey key() {
        return advert.key();
      }
    }

    record Retract(RouteKey key, int number) implements Update {
      public Retract(RouteKey key) {
        this(key, 1);
      }
    }
  }

  /** Updates in the order to send them; the same object for every peer that gets the same. */
  public static final class Batch {
    private final List<Update> updates;
    private final int end;
    private final Set<Peer> sources;
    private final boolean longStale;
    private final int firstRetract;
    private @Nullable Object encoded;

    /**
     * @param end the place in the log after it
     * @param sources who told what is in it, as far as it must not be told back to them
     * @param longStale something in it is of a peer that is away for long
     * @param firstRetract the place of its first retraction
     */
    private Batch(
        List<Update> updates, int end, Set<Peer> sources, boolean longStale, int firstRetract) {
      this.updates = List.copyOf(updates);
      this.end = end;
      this.sources = sources;
      this.longStale = longStale;
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
      return !member.wishes.filtered()
          && firstRetract >= member.joined
          && (!longStale || member.wishes.longLived())
          && !sources.contains(member.peer);
    }
  }

  static class Entry extends Keyed {
    /** An {@link Advert}, or a {@link Path} as what makes one for BGP peers; null if retracted. */
    private @Nullable Object told;

    int place;

    Entry(RouteKey key) {
      super(key);
    }

    /** Which of the paths of its key it tells. */
    int number() {
      return 1;
    }

    boolean isRetracted() {
      return told == null;
    }

    /** The path that it tells BGP peers; null if there is none. */
    @Nullable Path path() {
      return told instanceof Path path ? path : null;
    }

    @Nullable Advert advert() {
      return told instanceof Path path ? backbone(path, path.attributes()) : (Advert) told;
    }

    private Advert backbone(Path path, RouteAttributes attributes) {
      boolean marked = path.condition() == Path.Condition.LONG_STALE;
      return new Advert.Backbone(
          key, marked ? attributes.with(RouteAttributes.LLGR_STALE) : attributes, path.peer());
    }

    private boolean isLongStale() {
      return told instanceof Path path && path.isLongStale();
    }

    @Nullable Peer source() {
      return told instanceof Path path ? path.peer() : null;
    }

    private boolean tells(@Nullable Object other) {
      if (told == null || other == null) {
        return isRetracted() && other == null;
      }
      return told instanceof Path a && other instanceof Path b
          ? a.peer().equals(b.peer())
              && a.isLongStale() == b.isLongStale()
              && a.attributes().equals(b.attributes())
          : told.equals(other);
    }
  }

  private static final class Member {
    final Peer peer;
    final RoutingEvent.Wishes wishes;
    final Interest interest;
    int joined;
    int mark;
    final Map<RouteKey, Advert> own = new HashMap<>();
    final Map<RouteKey, Update> ownPending = new LinkedHashMap<>();

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
  }

  private final TableId table;
  private final ExportPolicy policy;
  private final int paths;
  private final KeyTable<Entry> entries = new KeyTable<>();

  private final FurtherPaths further = new FurtherPaths();

  private final ChangeLog log = new ChangeLog();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<Integer, Batch> batches = new HashMap<>();

  /** Whether it is among those that have something new. */
  private boolean changed;

  RibOut(TableId table, ExportPolicy policy) {
    this(table, policy, 1);
  }

  /**
   * @param paths how many of a route are told at most
   */
  RibOut(TableId table, ExportPolicy policy, int paths) {
    this.table = table;
    this.policy = policy;
    this.paths = paths;
  }

  public TableId table() {
    return table;
  }

  public ExportPolicy policy() {
    return policy;
  }

  /** How many paths of a route are told at most. */
  public int paths() {
    return paths;
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
    join(peer, RoutingEvent.Wishes.NONE, new Interest());
  }

  /**
   * @param interest what a member with a filter wants; changes of it are told by `reconsider`
   */
  void join(Peer peer, RoutingEvent.Wishes wishes, Interest interest) {
    members.put(peer.name(), new Member(peer, wishes, interest, log.end()));
  }

  /** A member's interest has changed as to this key. */
  void reconsider(String peer, RouteKey key) {
    Member member = members.get(peer);
    Entry entry = entries.get(key);
    if (member != null && member.wishes.filtered() && entry != null) {
      member.doubtful.add(entry);
    }
    if (member != null && member.wishes.filtered()) {
      member.doubtful.addAll(further.of(key));
    }
  }

  /** A member's interest has changed as to any key. */
  void reconsider(String peer) {
    Member member = members.get(peer);
    if (member == null || !member.wishes.filtered()) {
      return;
    }
    for (int place = 0; place < log.end(); place++) {
      Entry entry = log.at(place);
      if (entry != null) {
        member.doubtful.add(entry);
      }
    }
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
    if (entry != null) {
      return change(entry, told);
    }
    if (told == null) {
      return false;
    }
    Entry added = new Entry(key);
    entries.add(added);
    log(added, told);
    return true;
  }

  private boolean change(Entry entry, @Nullable Object told) {
    if (entry.tells(told)) {
      entry.told = told; // not to keep a path that is gone
      return false;
    }
    log.remove(entry);
    log(entry, told);
    return true;
  }

  private void log(Entry entry, @Nullable Object told) {
    if (log.isFull()) {
      compact();
    }
    entry.told = told;
    log.add(entry);
    if (!batches.isEmpty()) {
      batches.clear();
    }
  }

  /**
   * Makes those paths what BGP peers are told of `key`. A path keeps its number as long as it is
   * told; a number that is free is given to another.
   */
  boolean set(RouteKey key, List<Path> told) {
    if (told.size() <= 1 && !further.has(key)) {
      return put(key, told.isEmpty() ? null : told.getFirst());
    }
    @Nullable Path[] numbered = further.numbered(key, entries.get(key), told);
    boolean isNew = put(key, numbered[0]);
    for (int number = 2; number <= numbered.length; number++) {
      isNew |= put(key, number, numbered[number - 1]);
    }
    return isNew;
  }

  private boolean put(RouteKey key, int number, @Nullable Path told) {
    Entry entry = further.get(key, number);
    if (entry != null) {
      return change(entry, told);
    }
    if (told != null) {
      log(further.add(key, number), told);
    }
    return told != null;
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
    return member != null
        && (member.mark < log.end() || !member.ownPending.isEmpty() || !member.doubtful.isEmpty());
  }

  /**
   * The next updates for `peer`, about `limit` of them at most; from then on it counts as told.
   * Empty if there is nothing more.
   */
  public Batch next(String peer, int limit) {
    Member member = members.get(peer);
    if (member == null) {
      return ofOne(List.of());
    }
    while (member.mark < log.end()) {
      Batch batch = batch(member, limit);
      member.mark = batch.end;
      if (!batch.isEmpty()) {
        return batch;
      }
    }
    List<Update> own = new ArrayList<>(member.ownPending.values());
    member.ownPending.clear();
    own.addAll(decided(member, limit));
    return ofOne(own);
  }

  private Batch ofOne(List<Update> updates) {
    return new Batch(updates, log.end(), Set.of(), false, Integer.MAX_VALUE);
  }

  /** What follows from a change of the member's interest, once it knows the rest. */
  private List<Update> decided(Member member, int limit) {
    List<Update> found = new ArrayList<>();
    Iterator<Entry> doubtful = member.doubtful.iterator();
    while (found.size() < limit && doubtful.hasNext()) {
      Entry entry = doubtful.next();
      doubtful.remove();
      Advert advert = advert(entry, member);
      if (advert == null && member.told.remove(entry)) {
        found.add(new Update.Retract(entry.key, entry.number()));
      } else if (advert != null && member.told.add(entry)) {
        found.add(new Update.Tell(advert, entry.number()));
      }
    }
    return found;
  }

  /** What this member is told of an entry, or null for nothing. */
  private @Nullable Advert advert(Entry entry, Member member) {
    if (!(entry.told instanceof Path path)) {
      return entry.advert();
    }
    boolean unwanted =
        member.wishes.filtered()
            && !member.interest.takes(path.attributes().membership().targets());
    if (unwanted || (path.peer().equals(member.peer) && !isEcho())) {
      return null;
    }
    if (member.wishes.longLived() || !path.isLongStale()) {
      return entry.advert();
    }
    // RFC 9494 section 4.6: within the AS as the last choice, and not beyond it.
    if (policy != ExportPolicy.INTERNAL_BGP) {
      return null;
    }
    RouteAttributes attributes = path.attributes();
    return entry.backbone(
        path,
        attributes.with(attributes.preference().withLocal(0)).with(RouteAttributes.NO_EXPORT));
  }

  /**
   * Whether a route goes to the peer that told it too: that others want a target is news to who
   * wants it itself (RFC 4684 section 3.2).
   */
  private boolean isEcho() {
    return table.family() == Family.ROUTE_TARGET && policy == ExportPolicy.INTERNAL_BGP;
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
    boolean longStale = false;
    int firstRetract = Integer.MAX_VALUE;
    int place = mark;
    for (int seen = 0; place < log.end() && seen < limit; place++) {
      Entry entry = log.at(place);
      if (entry == null) {
        continue;
      }
      seen++;
      Peer source = entry.source();
      if (source != null && !source.equals(last) && !isEcho()) {
        sources.add(source);
        last = source;
      }
      longStale |= entry.isLongStale();
      Advert advert = member == null ? entry.advert() : advert(entry, member);
      if (advert != null) {
        updates.add(new Update.Tell(advert, entry.number()));
        note(member, entry);
      } else if (mayKnow(member, entry, place)) {
        updates.add(new Update.Retract(entry.key, entry.number()));
        firstRetract = Math.min(firstRetract, place);
      }
    }
    return new Batch(updates, place, sources, longStale, firstRetract);
  }

  private static void note(@Nullable Member member, Entry entry) {
    if (member != null && member.wishes.filtered()) {
      member.told.add(entry);
    }
  }

  /** Whether a member may have been told of the entry and must be told that it is gone. */
  private static boolean mayKnow(@Nullable Member member, Entry entry, int place) {
    if (member == null) {
      return true;
    }
    return member.wishes.filtered() ? member.told.remove(entry) : place >= member.joined;
  }

  /** Forgets the retracted keys that every peer has been told of. */
  public void trim() {
    int told = log.end();
    for (Member member : members.values()) {
      told = Math.min(told, member.mark);
    }
    log.dropRetracted(told, this::drop);
  }

  private void drop(Entry entry) {
    if (entry.number() == 1) {
      entries.remove(entry);
    } else {
      further.drop(entry);
    }
  }
}
