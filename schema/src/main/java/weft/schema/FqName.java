package weft.schema;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The name of an object in full: its parent's name and its own, `default-domain:demo:net1`. */
public record FqName(List<String> parts) implements Comparable<FqName> {
  public FqName {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("a name has at least one part");
    }
  }

  public static FqName of(String... parts) {
    return new FqName(List.of(parts));
  }

  /**
   * Reads `a:b:c`. The name of a route target holds colons itself and is not to be read with this.
   */
  public static FqName parse(String text) {
    return new FqName(Arrays.asList(text.split(":", -1)));
  }

  /** Reads a JSON array of strings. */
  public static FqName of(JsonNode array) {
    List<String> parts = new ArrayList<>(array.size());
    array.forEach(part -> parts.add(part.asString()));
    return new FqName(parts);
  }

  /** Reads an array of strings, as {@link #of(JsonNode)}; equal names of parents are shared. */
  static FqName of(JsonCursor array) {
    List<String> parts = new ArrayList<>(4);
    for (JsonCursor part = array.within(); part.next(); ) {
      parts.add(part.text());
    }
    for (int i = 0; i < parts.size() - 1; i++) {
      parts.set(i, SharedNames.of(parts.get(i)));
    }
    return new FqName(parts);
  }

  public FqName child(String name) {
    List<String> longer = new ArrayList<>(parts);
    longer.add(name);
    return new FqName(longer);
  }

  /** The name without its last part; fails for a name of one part. */
  public FqName parent() {
    return new FqName(parts.subList(0, parts.size() - 1));
  }

  /** The last part. */
  public String name() {
    return parts.getLast();
  }

  /** Whether it is below `parent` in the tree of names, or the same. */
  public boolean startsWith(FqName parent) {
    int size = parent.parts.size();
    return parts.size() >= size && parts.subList(0, size).equals(parent.parts);
  }

  public int size() {
    return parts.size();
  }

  public ArrayNode toJson() {
    ArrayNode array = JsonNodeFactory.instance.arrayNode(parts.size());
    parts.forEach(array::add);
    return array;
  }

  @Override
  @SuppressWarnings("ReferenceEquality") // only to spare a comparison
  public int compareTo(FqName other) {
    int common = Math.min(parts.size(), other.parts.size());
    for (int i = 0; i < common; i++) {
      String mine = parts.get(i);
      String its = other.parts.get(i);
      // Names of parents are shared, as a rule.
      int order = mine == its ? 0 : mine.compareTo(its);
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(parts.size(), other.parts.size());
  }

  @Override
  public String toString() {
    return String.join(":", parts);
  }
}
