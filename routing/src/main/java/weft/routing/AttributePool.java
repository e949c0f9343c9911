package weft.routing;

import org.jspecify.annotations.Nullable;
import weft.routing.RouteAttributes.AllButLabels;
import weft.routing.RouteAttributes.Membership;
import weft.routing.RouteAttributes.Preference;

/**
 * What the attributes of paths have in common: equal ones are one object, and so are equal parts of
 * different ones.
 *
 * <p>A path holds its attributes from when it is put into a route until it leaves it; what no path
 * holds is forgotten.
 */
final class AttributePool {
  private final Interned<NextHop> nextHops = new Interned<>();
  private final Interned<Preference> preferences = new Interned<>();
  private final Interned<Membership> memberships = new Interned<>();
  private final Interned<AllButLabels> whole = new Interned<>();

  // Routes without labels that one update tells share even the outer object.
  private @Nullable RouteAttributes asked;
  private @Nullable RouteAttributes answer;

  /** The same with what stands for all equal to its common part, which has one holder more. */
  @SuppressWarnings("ReferenceEquality") // spares an object
  RouteAttributes hold(RouteAttributes attributes) {
    AllButLabels common = common(attributes.common());
    RouteAttributes known = answer;
    if (asked == attributes && known != null && known.common() == common) {
      return known;
    }
    RouteAttributes held = attributes.with(common);
    asked = attributes;
    answer = held;
    return held;
  }

  private AllButLabels common(AllButLabels told) {
    AllButLabels known = whole.hold(told);
    if (known != null) {
      return known;
    }
    AllButLabels added =
        told.with(
            hold(nextHops, told.nextHop()),
            hold(preferences, told.preference()),
            hold(memberships, told.membership()));
    whole.add(added);
    return added;
  }

  private static <T> T hold(Interned<T> parts, T told) {
    T known = parts.hold(told);
    if (known != null) {
      return known;
    }
    parts.add(told);
    return told;
  }

  void release(RouteAttributes attributes) {
    AllButLabels gone = whole.release(attributes.common());
    if (gone != null) {
      nextHops.release(gone.nextHop());
      preferences.release(gone.preference());
      memberships.release(gone.membership());
    }
  }

  /** How many different ones are held. */
  int size() {
    return whole.size();
  }
}
