package weft.bgp;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.net.ExtendedCommunity;

/**
 * The attributes that a set of routes shares, at most one of each type, in type order.
 *
 * @param partial types of known optional ones that a speaker before did not know, which stays said
 *     of them (RFC 4271 section 5)
 */
public record PathAttributes(List<Attribute> attributes, Set<Integer> partial) {
  public static final PathAttributes NONE = new PathAttributes(List.of());

  public PathAttributes {
    attributes = inOrder(attributes) ? List.copyOf(attributes) : sorted(attributes);
    partial = Set.copyOf(partial);
  }

  public PathAttributes(List<Attribute> attributes) {
    this(attributes, Set.of());
  }

  private static boolean inOrder(List<Attribute> attributes) {
    for (int i = 1; i < attributes.size(); i++) {
      if (attributes.get(i).type() <= attributes.get(i - 1).type()) {
        return false;
      }
    }
    return true;
  }

  private static List<Attribute> sorted(List<Attribute> attributes) {
    List<Attribute> sorted =
        attributes.stream().sorted(Comparator.comparingInt(Attribute::type)).toList();
    for (int i = 1; i < sorted.size(); i++) {
      if (sorted.get(i).type() == sorted.get(i - 1).type()) {
        throw new IllegalArgumentException("attribute " + sorted.get(i).type() + " is there twice");
      }
    }
    return sorted;
  }

  public static PathAttributes of(Attribute... attributes) {
    return new PathAttributes(List.of(attributes));
  }

  /** The attribute of a kind, or null. */
  public <A extends Attribute> @Nullable A get(Class<A> kind) {
    for (Attribute attribute : attributes) {
      if (kind.isInstance(attribute)) {
        return kind.cast(attribute);
      }
    }
    return null;
  }

  /** These with one put in place of that of its type. */
  public PathAttributes with(Attribute attribute) {
    List<Attribute> all = new ArrayList<>(without(attribute.type()).attributes);
    all.add(attribute);
    return new PathAttributes(all, partial);
  }

  public PathAttributes without(int type) {
    return new PathAttributes(attributes.stream().filter(a -> a.type() != type).toList(), partial);
  }

  /** The extended communities, or none. */
  public List<ExtendedCommunity> extendedCommunities() {
    Attribute.ExtendedCommunities communities = get(Attribute.ExtendedCommunities.class);
    return communities == null ? List.of() : communities.values();
  }

  /** The AS path, or an empty one. */
  public Attribute.AsPath asPath() {
    Attribute.AsPath path = get(Attribute.AsPath.class);
    return path == null ? Attribute.AsPath.EMPTY : path;
  }
}
