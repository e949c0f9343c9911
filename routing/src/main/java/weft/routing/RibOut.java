package weft.routing;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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

  private final Table table;

  /** Which of a route's entries is that of this one. */
  private final int slot;

  private final ExportPolicy policy;
  private final int paths;
  private final FurtherPaths further = new FurtherPaths();

  private final ChangeLog log = new ChangeLog();
  private final Map<String, Member> members = new LinkedHashMap<>();
  private final Map<Integer, SharedBatch> batches = new HashMap<>();

  /** Whether it is among those that have something new. */
  private boolean changed;

  /**
   * @param slot which no other RibOut of the table has
   * @param paths how many of a route are told at most
   */
  RibOut(Table table, int slot, ExportPolicy policy, int paths) {
    this.table = table;
    this.slot = slot;
    this.policy = policy;
    this.paths = paths;
  }

  public TableId table() {
    return table.id();
  }

  int slot() {
    return slot;
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
      member.ownKeys().forEach(key -> found.add(new Update.Retract(key)));
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
      member.own().forEach(all::add);
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

  /** A member's interest has changed as to this route. */
  void reconsider(String peer, Route route) {
    Member member = members.get(peer);
    if (member == null || !member.wishes.filtered()) {
      return;
    }
    Entry entry = route.entry(slot);
    if (entry != null && entry.isLogged()) {
      member.doubtful.add(entry);
    }
    member.doubtful.addAll(further.of(route.key()));
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
      member.restart();
    }
  }

  void leave(String peer) {
    members.remove(peer);
  }

  /**
   * Makes `advert` what is told of the route to all; null for nothing. Returns whether it is new.
   */
  boolean set(Route route, @Nullable Advert advert) {
    return put(route, advert);
  }

  /** Makes that path what BGP peers are told of the route; null for nothing. */
  boolean set(Route route, @Nullable Path path) {
    return put(route, path);
  }

  private boolean put(Route route, @Nullable Object told) {
    Entry entry = route.entry(slot);
    if (entry != null && entry.isLogged()) {
      return change(entry, told);
    }
    if (told == null) {
      return false;
    }
    log(entry == null ? route.addEntry(slot) : entry, told);
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
   * Makes those paths what BGP peers are told of the route. A path keeps its number as long as it
   * is told; a number that is free is given to another.
   */
  boolean set(Route route, List<Path> told) {
    RouteKey key = route.key();
    if (told.size() <= 1 && !further.has(key)) {
      return put(route, told.isEmpty() ? null : told.getFirst());
    }
    @Nullable Path[] numbered = further.numbered(key, route.entry(slot), told);
    boolean isNew = put(route, numbered[0]);
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
    return member != null && member.setOwn(adverts);
  }

  /** Whether there is something that `peer` has not been told. */
  public boolean isPending(String peer) {
    Member member = members.get(peer);
    return member != null && member.isPending(log.end());
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
    List<Update> own = member.takeOwn();
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
    if (!member.wants(path) || (path.peer().equals(member.peer) && !isEcho())) {
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
    return table.id().family() == Family.ROUTE_TARGET && policy == ExportPolicy.INTERNAL_BGP;
  }

  /** What any other at the member's mark gets, if there is nothing in it that it must not get. */
  private Batch batch(Member member, int limit) {
    SharedBatch shared = batches.get(member.mark);
    if (shared == null) {
      shared = SharedBatch.of(log, member.mark, limit, members.size() == 1, this::isTold);
      if (members.size() > 1) {
        batches.put(member.mark, shared);
      }
    }
    return shared.suits(member)
        ? shared.batch().without(member.peer)
        : collect(member.mark, limit, member);
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
        member.note(entry);
      } else if (member.mayKnow(entry, place)) {
        updates.add(new Update.Retract(entry.key, entry.number()));
      }
    }
    return new Batch(updates.isEmpty() ? List.of() : List.of(new Batch.Part(updates, null)), place);
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
      entry.forget();
      table.forgotten(entry);
    } else {
      further.drop(entry);
    }
  }
}
