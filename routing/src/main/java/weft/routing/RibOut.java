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

  /**
   * A batch for all members at a mark that nothing sets apart.
   *
   * @param longStale something in it is of a peer that is away for long
   * @param firstRetract the place of its first retraction
   * @param contested the members that may know of another's path where their own is told now
   */
  private record Shared(Batch batch, boolean longStale, int firstRetract, Set<Peer> contested) {
    /**
     * Whether it holds what this member is to be told, but for its own part no less and no more.
     */
    boolean suits(Member member) {
      return !member.wishes.filtered()
          && firstRetract >= member.joined
          && (!longStale || member.wishes.longLived())
          && !contested.contains(member.peer);
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
  private final Map<Integer, Shared> batches = new HashMap<>();

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

  /**
   * What takes back all that a member of kind AGENT may have been told: for one that goes and may
   * be back before it has read what is under way to it.
   */
  public List<Update> takenBack(String peer) {
    Member member = members.get(peer);
    List<Update> found = new ArrayList<>();
    for (int place = 0; member != null && place < log.end(); place++) {
      Entry entry = log.at(place);
      boolean mayKnow =
          entry != null && (place < member.mark ? entry.advert() != null : place >= member.joined);
      if (entry != null && mayKnow) {
        found.add(new Update.Retract(entry.key, entry.number()));
      }
    }
    if (member != null) {
      Set<RouteKey> own = new LinkedHashSet<>(member.own.keySet());
      own.addAll(member.ownPending.keySet());
      own.forEach(key -> found.add(new Update.Retract(key)));
    }
    return found;
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
    batches.clear();
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
      entry.renew(told); // not to keep a path that is gone
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
    entry.tell(told);
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
      member.mark = batch.end();
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
    return new Batch(
        updates.isEmpty() ? List.of() : List.of(new Batch.Part(updates, null)), log.end());
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
    Path path = entry.path();
    if (path == null) {
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
    Shared shared = batches.get(member.mark);
    if (shared == null) {
      shared = share(member.mark, limit);
      if (members.size() > 1) {
        batches.put(member.mark, shared);
      }
    }
    return shared.suits(member)
        ? shared.batch.without(member.peer)
        : collect(member.mark, limit, member);
  }

  /**
   * What members have told makes a part each, for all others to share; the rest makes one. What the
   * only member has told nobody needs.
   */
  private Shared share(int mark, int limit) {
    List<Update> common = new ArrayList<>();
    Map<Peer, List<Update>> bySource = new LinkedHashMap<>();
    Set<Peer> contested = new HashSet<>(4);
    Peer last = null;
    boolean isOwn = false;
    List<Update> ofLast = common;
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
      Advert advert = entry.advert();
      if (advert == null) {
        common.add(new Update.Retract(entry.key, entry.number()));
        firstRetract = Math.min(firstRetract, place);
        continue;
      }
      if (source != null && !source.equals(last)) {
        last = source;
        isOwn = isTold(source);
        ofLast = isOwn ? bySource.computeIfAbsent(source, _ -> new ArrayList<>()) : common;
      }
      if (source != null && isOwn && entry.isContested()) {
        contested.add(source);
      }
      longStale |= entry.isLongStale();
      if (!isOwn || members.size() > 1) {
        ofLast.add(new Update.Tell(advert, entry.number()));
      }
    }
    List<Batch.Part> parts = new ArrayList<>();
    if (!common.isEmpty()) {
      parts.add(new Batch.Part(common, null));
    }
    bySource.forEach((source, updates) -> {
      if (!updates.isEmpty()) {
        parts.add(new Batch.Part(updates, source));
      }
    });
    return new Shared(new Batch(parts, place), longStale, firstRetract, contested);
  }

  /** Whether the peer is a member that is not told what it told itself. */
  private boolean isTold(Peer peer) {
    Member member = members.get(peer.name());
    return member != null && member.peer.equals(peer) && !isEcho();
  }

  /** What this member alone gets. */
  private Batch collect(int mark, int limit, Member member) {
    List<Update> updates = new ArrayList<>();
    int place = mark;
    for (int seen = 0; place < log.end() && seen < limit; place++) {
      Entry entry = log.at(place);
      if (entry == null) {
        continue;
      }
      seen++;
      Advert advert = advert(entry, member);
      if (advert != null) {
        updates.add(new Update.Tell(advert, entry.number()));
        note(member, entry);
      } else if (mayKnow(member, entry, place)) {
        updates.add(new Update.Retract(entry.key, entry.number()));
      }
    }
    return new Batch(updates.isEmpty() ? List.of() : List.of(new Batch.Part(updates, null)), place);
  }

  private static void note(Member member, Entry entry) {
    if (member.wishes.filtered()) {
      member.told.add(entry);
    }
  }

  /** Whether a member may have been told of the entry and must be told that it is gone. */
  private static boolean mayKnow(Member member, Entry entry, int place) {
    if (member.wishes.filtered()) {
      return member.told.remove(entry);
    }
    boolean isNews = entry.isContested() || !member.peer.equals(entry.source());
    return place >= member.joined && isNews;
  }

  /** Forgets the retracted keys that every peer has been told of. */
  public void trim() {
    int told = log.end();
    for (Member member : members.values()) {
      told = Math.min(told, member.mark);
    }
    log.dropRetracted(told, this::drop);
    if (told == log.end()) {
      batches.clear();
    }
  }

  private void drop(Entry entry) {
    if (entry.number() == 1) {
      entries.remove(entry);
    } else {
      further.drop(entry);
    }
  }
}
