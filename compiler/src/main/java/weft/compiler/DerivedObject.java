package weft.compiler;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.FqName;

/**
 * What the compiler wants one object to hold.
 *
 * <p>It owns the properties and reference lists named here, each as a whole, and leaves the rest of
 * the object alone.
 *
 * @param parent null for a type without parent
 * @param whole whether the object exists because of the compiler: it is made when it is missing; if
 *     not, the object is a user's, and waits for it
 * @param properties by JSON name; never changed once here
 * @param references by the type referred to, in order of name
 */
public record DerivedObject(
    DerivedKey key,
    @Nullable Parent parent,
    boolean whole,
    ObjectNode properties,
    SortedMap<String, List<DerivedRef>> references) {

  /**
   * The object that a derived one is a child of.
   *
   * @param uuid null if it is known by its name alone: that of the child without the last part
   */
  public record Parent(String type, @Nullable UUID uuid) {
    /** One that others make. */
    static Parent named(String type) {
      return new Parent(type, null);
    }
  }

  /**
   * A reference to an object that may itself still be to be made.
   *
   * @param attr null for none
   */
  public record DerivedRef(FqName to, @Nullable JsonNode attr) {}

  public DerivedObject {
    TreeMap<String, List<DerivedRef>> sorted = new TreeMap<>();
    for (Map.Entry<String, List<DerivedRef>> entry : references.entrySet()) {
      sorted.put(
          entry.getKey(),
          entry.getValue().stream()
              .sorted((one, other) -> one.to().compareTo(other.to()))
              .toList());
    }
    references = java.util.Collections.unmodifiableSortedMap(sorted);
  }
}
