package weft.routing;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * The attributes of all paths: equal ones are one object, and so are equal parts of different ones.
 *
 * <p>A path holds its attributes from when it is put into a route until it leaves it; what no path
 * holds is forgotten.
 */
final class AttributePool {
  private final Shared<RouteAttributes.Preference> preferences = new Shared<>(p -> p, _ -> {});
  private final Shared<RouteAttributes.Membership> memberships = new Shared<>(m -> m, _ -> {});
  private final Shared<RouteAttributes> whole = new Shared<>(this::holdParts, this::releaseParts);

  /** The object that stands for all equal to `attributes`; it has one holder more. */
  RouteAttributes hold(RouteAttributes attributes) {
    return whole.hold(attributes);
  }

  void release(RouteAttributes attributes) {
    whole.release(attributes);
  }

  /** How many different attributes are held. */
  int size() {
    return whole.entries.size();
  }

  private RouteAttributes holdParts(RouteAttributes attributes) {
    return attributes
        .with(preferences.hold(attributes.preference()))
        .with(memberships.hold(attributes.membership()));
  }

  private void releaseParts(RouteAttributes attributes) {
    preferences.release(attributes.preference());
    memberships.release(attributes.membership());
  }

  private static final class Shared<T> {
    private static final class Entry<T> {
      final T value;
      int holders;

      Entry(T value) {
        this.value = value;
      }
    }

    private final Map<T, Entry<T>> entries = new HashMap<>();
    private final UnaryOperator<T> onFirst;
    private final Consumer<T> onLast;

    Shared(UnaryOperator<T> onFirst, Consumer<T> onLast) {
      this.onFirst = onFirst;
      this.onLast = onLast;
    }

    T hold(T value) {
      Entry<T> entry = entries.get(value);
      if (entry == null) {
        T first = onFirst.apply(value);
        entry = new Entry<>(first);
        entries.put(first, entry);
      }
      entry.holders++;
      return entry.value;
    }

    void release(T value) {
      Entry<T> entry = entries.get(value);
      if (entry == null) {
        throw new IllegalStateException("not held: " + value);
      }
      entry.holders--;
      if (entry.holders == 0) {
        entries.remove(value);
        onLast.accept(entry.value);
      }
    }
  }
}
