package weft.routing;

import org.jspecify.annotations.Nullable;

/** What a {@link RibOut} tells of one key, or of one of its paths, and where that is in its log. */
class Entry extends Keyed {
  private static final int NOWHERE = Integer.MAX_VALUE;

  /** An {@link Advert}, or a {@link Path} as what makes one for BGP peers; null if retracted. */
  private @Nullable Object told;

  /** In the log; the sign tells that paths of several peers have been told. */
  private int place = NOWHERE;

  Entry(RouteKey key) {
    super(key);
  }

  /** Which of the paths of its key it tells. */
  int number() {
    return 1;
  }

  /** Whether it is in the log. */
  boolean isLogged() {
    return place != NOWHERE;
  }

  /** As it was before anything was told. */
  void forget() {
    told = null;
    place = NOWHERE;
  }

  int place() {
    return place & Integer.MAX_VALUE;
  }

  void place(int next) {
    place = (isContested() ? Integer.MIN_VALUE : 0) | next;
  }

  /** Whether who is the source now may have been told of the path of another before. */
  boolean isContested() {
    return place < 0;
  }

  void tell(@Nullable Object next) {
    boolean isFirst = place == NOWHERE;
    Peer before = source();
    told = next;
    Peer now = source();
    if (!isFirst && now != null && !now.equals(before)) {
      place |= Integer.MIN_VALUE;
    }
  }

  /** Puts what tells the same in the place of what is told. */
  void renew(@Nullable Object same) {
    told = same;
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

  Advert backbone(Path path, RouteAttributes attributes) {
    boolean marked = path.condition() == Path.Condition.LONG_STALE;
    return new Advert.Backbone(
        key, marked ? attributes.with(RouteAttributes.LLGR_STALE) : attributes, path.peer());
  }

  boolean isLongStale() {
    return told instanceof Path path && path.isLongStale();
  }

  @Nullable Peer source() {
    return told instanceof Path path ? path.peer() : null;
  }

  boolean tells(@Nullable Object other) {
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
