package weft.routing;

import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.RouteTarget;

/** The paths to one key of a table, and which of them are used. */
public final class Route {
  private final Table table;
  private final RouteKey key;
  private final AttributePool attributes;
  private final Map<Path.Id, Path> paths = new LinkedHashMap<>(2); // most have one
  private Selection selection = Selection.EMPTY;

  // Where the primary paths of this route have been copied to, and what that depended on.
  List<Place> copies = List.of();
  Set<RouteTarget> targets = Set.of();
  Set<OriginVn> origins = Set.of();

  /** Where a copy of a path lies: no other path has the same identity in that table. */
  record Place(TableId table, RouteKey key, Path.Id id) {}

  Route(Table table, RouteKey key, AttributePool attributes) {
    this.table = table;
    this.key = key;
    this.attributes = attributes;
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
    Path before = paths.get(path.id());
    if (path.equals(before)) {
      return false;
    }
    paths.put(path.id(), path.with(attributes.hold(path.attributes())));
    if (before != null) {
      attributes.release(before.attributes());
    }
    return true;
  }

  boolean remove(Path.Id id) {
    Path before = paths.remove(id);
    if (before == null) {
      return false;
    }
    attributes.release(before.attributes());
    return true;
  }

  void select() {
    selection = Selection.of(paths.values());
  }

  boolean isEmpty() {
    return paths.isEmpty();
  }
}
