package weft.routing;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;

/** The paths to one key of a table, and which of them are used. */
public final class Route {
  private final Table table;
  private final RouteKey key;
  private final Map<Path.Id, Path> paths = new LinkedHashMap<>();
  private Selection selection = Selection.EMPTY;

  // Where the primary paths of this route have been copied to, and what that depended on.
  Map<Place, Path> copies = Map.of();
  Set<RouteTarget> targets = Set.of();
  Set<OriginVn> origins = Set.of();

  /** Where a copy of a path lies: no other path has the same identity in that table. */
  record Place(TableId table, RouteKey key, Path.Id id) {}

  Route(Table table, RouteKey key) {
    this.table = table;
    this.key = key;
  }

  public RouteKey key() {
    return key;
  }

  public TableId tableId() {
    return table.id();
  }

  public Selection selection() {
    return selection;
  }

  Table table() {
    return table;
  }

  Collection<Path> paths() {
    return Collections.unmodifiableCollection(paths.values());
  }

  @Nullable Path path(Path.Id id) {
    return paths.get(id);
  }

  /** Returns whether that changed anything. */
  boolean put(Path path) {
    return !path.equals(paths.put(path.id(), path));
  }

  boolean remove(Path.Id id) {
    return paths.remove(id) != null;
  }

  void select() {
    selection = Selection.of(paths.values());
  }

  boolean isEmpty() {
    return paths.isEmpty();
  }
}
