package weft.routing;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;

/**
 * The paths to one key of a table, and which of them are used. It is also what the first RibOut of
 * the table tells of it.
 */
public final class Route extends Entry {
  private static final Path[] NONE = new Path[0];

  private final Table table;

  /** Most routes have one path: a {@link Path} then, else an array of them, best first. */
  private Object paths = NONE;

  /** How many paths are used together; the sign tells that the route waits to be settled. */
  private int equal;

  /** What further RibOuts tell, by their slots from 1 on: an {@link Entry} alone, or an array. */
  private @Nullable Object others;

  // Where the primary paths of this route have been copied to, and what that depended on.
  List<Copy> copies = List.of();
  Set<RouteTarget> targets = Set.of();
  Set<OriginVn> origins = Set.of();

  /** That a primary path of this route was copied into another one. */
  record Copy(Route at, Path path) {}

  Route(Table table, RouteKey key) {
    super(key);
    this.table = table;
  }

  public RouteKey key() {
    return key;
  }

  public TableId tableId() {
    return table.id();
  }

  public Selection selection() {
    return new Selection(paths(), equal(), table.rules());
  }

  /** How many paths it has, used or not. */
  public int pathCount() {
    return paths instanceof Path[] all ? all.length : 1;
  }

  private int equal() {
    return equal & Integer.MAX_VALUE;
  }

  /** Notes that it waits to be settled, until it is selected. Returns whether it did not before. */
  boolean touch() {
    boolean isNew = equal >= 0;
    equal |= Integer.MIN_VALUE;
    return isNew;
  }

  boolean isTouched() {
    return equal < 0;
  }

  Table table() {
    return table;
  }

  /** What the RibOut with that slot tells of it; null if it never told anything. */
  @Nullable Entry entry(int slot) {
    if (slot == 0) {
      return this;
    }
    if (others instanceof Entry one) {
      return slot == 1 ? one : null;
    }
    return others instanceof Entry[] all && slot <= all.length ? all[slot - 1] : null;
  }

  /** Makes that which is not there yet. */
  Entry addEntry(int slot) {
    Entry added = new Entry(key);
    if (others == null && slot == 1) {
      others = added;
      return added;
    }
    @Nullable Entry[] all = new @Nullable Entry[slot];
    if (others instanceof Entry one) {
      all[0] = one;
    } else if (others instanceof Entry[] known) {
      all = Arrays.copyOf(known, Math.max(slot, known.length));
    }
    all[slot - 1] = added;
    others = all;
    return added;
  }

  /** Forgets what the RibOut with that slot told. */
  void dropEntry(int slot) {
    Entry entry = entry(slot);
    if (entry != null) {
      entry.forget();
    }
  }

  /** Whether a RibOut still tells of it, if only that it is gone. */
  boolean isLoggedAnywhere() {
    if (isLogged() || (others instanceof Entry one && one.isLogged())) {
      return true;
    }
    if (others instanceof Entry[] all) {
      for (Entry entry : all) {
        if (entry != null && entry.isLogged()) {
          return true;
        }
      }
    }
    return false;
  }

  private Path[] array() {
    return paths instanceof Path one ? new Path[] {one} : (Path[]) paths;
  }

  List<Path> paths() {
    return paths instanceof Path one ? List.of(one) : List.of((Path[]) paths);
  }

  /** As of the last `select`: the best path, or null if none is feasible. */
  @Nullable Path best() {
    if (equal() == 0) {
      return null;
    }
    return paths instanceof Path one ? one : ((Path[]) paths)[0];
  }

  /** As of the last `select`: the paths used together, best first. */
  List<Path> ecmp() {
    if (equal() == 0) {
      return List.of();
    }
    return paths instanceof Path one ? List.of(one) : paths().subList(0, equal());
  }

  /** The primary path that the peer told. */
  @Nullable Path told(String peer, int number) {
    if (paths instanceof Path one) {
      return !one.imported() && one.isTold(peer, number) ? one : null;
    }
    for (Path path : array()) {
      if (!path.imported() && path.isTold(peer, number)) {
        return path;
      }
    }
    return null;
  }

  /** The primary paths that the peer told. */
  List<Path> told(String peer) {
    List<Path> found = new ArrayList<>(1);
    for (Path path : array()) {
      if (!path.imported() && path.peer().name().equals(peer)) {
        found.add(path);
      }
    }
    return found;
  }

  /** The paths that configuration gives it. */
  List<Path> derived() {
    List<Path> found = new ArrayList<>(0);
    for (Path path : array()) {
      if (!path.imported() && path.peer().kind().isDerived()) {
        found.add(path);
      }
    }
    return found;
  }

  /**
   * As of the last `select`: the paths that may leave the table, among those of others.
   *
   * <p>They are those in use, but for this: what configuration makes keeps nothing back that peers
   * tell, and imported paths compete as they came, whatever the instance's policy makes of them. So
   * it is the same order everywhere that decides, and what leaves has one outcome.
   */
  List<Path> leaving() {
    if (paths instanceof Path || !isMixed()) {
      return ecmp();
    }
    List<Path> all = new ArrayList<>();
    List<Path> told = new ArrayList<>();
    for (Path path : array()) {
      Path candidate = path.imported() ? path.asTold() : path;
      if (path.isFeasible()) {
        all.add(candidate);
        if (!path.peer().kind().isDerived()) {
          told.add(candidate);
        }
      }
    }
    List<Path> leaving = new ArrayList<>(Selection.of(told, table.rules()).ecmp());
    for (Path path : Selection.of(all, table.rules()).ecmp()) {
      if (path.peer().kind().isDerived()) {
        leaving.add(path);
      }
    }
    return leaving;
  }

  /** Whether a path of ours has come back (RFC 7611). */
  boolean hasReturned() {
    if (paths instanceof Path one) {
      return one.isReturned();
    }
    for (Path path : array()) {
      if (path.isReturned()) {
        return true;
      }
    }
    return false;
  }

  private boolean isMixed() {
    boolean derived = false;
    boolean told = false;
    for (Path path : array()) {
      if (path.imported() && path.told() != null) {
        return true;
      }
      if (path.peer().kind().isDerived()) {
        derived = true;
      } else {
        told = true;
      }
    }
    return derived && told;
  }

  private int index(Path path) {
    if (paths instanceof Path one) {
      return one.isSame(path) ? 0 : -1;
    }
    Path[] all = array();
    for (int i = 0; i < all.length; i++) {
      if (all[i].isSame(path)) {
        return i;
      }
    }
    return -1;
  }

  /** Puts a path in the place of that with its identity. Returns whether that changed anything. */
  boolean put(Path path) {
    int at = index(path);
    if (at >= 0 && array()[at].equals(path)) {
      return false;
    }
    Path shared = path.with(table.attributes().hold(path.attributes()));
    if (at < 0) {
      append(shared);
    } else {
      table.attributes().release(array()[at].attributes());
      replace(at, shared);
    }
    return true;
  }

  private void append(Path path) {
    Path[] before = array();
    if (before.length == 0) {
      paths = path;
    } else {
      Path[] all = Arrays.copyOf(before, before.length + 1);
      all[before.length] = path;
      paths = all;
    }
  }

  private void replace(int at, Path path) {
    if (paths instanceof Path) {
      paths = path;
    } else {
      ((Path[]) paths)[at] = path;
    }
  }

  /** Removes the path with the identity of this one. Returns whether it was there. */
  boolean remove(Path path) {
    int at = index(path);
    if (at < 0) {
      return false;
    }
    Path[] before = array();
    table.attributes().release(before[at].attributes());
    if (before.length == 1) {
      paths = NONE;
    } else {
      Path[] left = Arrays.copyOf(before, before.length - 1);
      System.arraycopy(before, at + 1, left, at, left.length - at);
      paths = left.length == 1 ? left[0] : left;
    }
    return true;
  }

  void select() {
    if (paths instanceof Path one) {
      equal = one.isFeasible() ? 1 : 0;
    } else if (((Path[]) paths).length == 0) {
      equal = 0;
    } else {
      Selection found = Selection.of(paths(), table.rules());
      paths = found.ranked().toArray(Path[]::new);
      equal = found.equal();
    }
  }

  boolean isEmpty() {
    return paths instanceof Path[] all && all.length == 0;
  }
}
