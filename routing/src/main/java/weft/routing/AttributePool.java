package weft.routing;

import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import weft.routing.RouteAttributes.AllButLabels;

/**
 * What the attributes of paths have in common: equal ones are one object, and so are equal parts of
 * different ones.
 *
 * <p>A path holds its attributes from when it is put into a route until it leaves it; what no path
 * holds is forgotten.
 */
final class AttributePool {
  private final Shared<NextHop> nextHops = new Shared<>(n -> n, _ -> {});
  private final Shared<RouteAttributes.Preference> preferences = new Shared<>(p -> p, _ -> {});
  private final Shared<RouteAttributes.Membership> memberships = new Shared<>(m -> m, _ -> {});
  private final Shared<AllButLabels> whole = new Shared<>(this::holdParts, this::releaseParts);

  // Routes without labels that one update tells share even the outer object.
  private @Nullable RouteAttributes asked;
  private @Nullable RouteAttributes answer;

  /** The same with what stands for all equal to its common part, which has one holder more. */
  @SuppressWarnings("ReferenceEquality") // spares an object
  RouteAttributes hold(RouteAttributes attributes) {
    AllButLabels common = whole.hold(attributes.common());
    RouteAttributes known = answer;
    if (asked == attributes && known != null && known.common() == common) {
      return known;
    }
    RouteAttributes held = attributes.with(common);
    asked = attributes;
    answer = held;
    return held;
  }

  void release(RouteAttributes attributes) {
    whole.release(attributes.common());
  }

  /** How many different ones are held. */
  int size() {
    return whole.entries.size();
  }

  private AllButLabels holdParts(AllButLabels common) {
    return common.with(
        nextHops.hold(common.nextHop()),
        preferences.hold(common.preference()),
        memberships.hold(common.membership()));
  }

  private void releaseParts(AllButLabels common) {
    nextHops.release(common.nextHop());
    preferences.release(common.preference());
    memberships.release(common.membership());
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

    // Routes come in runs with the same attributes: the last answer.
    private @Nullable T asked;
    private @Nullable Entry<T> answer;

    Shared(UnaryOperator<T> onFirst, Consumer<T> onLast) {
      this.onFirst = onFirst;
      this.onLast = onLast;
    }

    T hold(T value) {
      Entry<T> entry = entry(value);
      if (entry == null) {
        T first = onFirst.apply(value);
        entry = new Entry<>(first);
        entries.put(first, entry);
        asked = value;
        answer = entry;
      }
      entry.holders++;
      return entry.value;
    }

    @SuppressWarnings("ReferenceEquality") // spares the search
    private @Nullable Entry<T> entry(T value) {
      if (asked != value) {
        asked = value;
        answer = entries.get(value);
      }
      return answer;
    }

    void release(T value) {
      Entry<T> entry = entry(value);
      if (entry == null) {
        throw new IllegalStateException("not held: " + value);
      }
      entry.holders--;
      if (entry.holders == 0) {
        entries.remove(value);
        asked = null;
        answer = null;
        onLast.accept(entry.value);
      }
    }
  }
}
