package weft.schema.generator;

import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The schema as described in the files: object types and complex types by name, and the edges that
 * lead on from each node type in an agent's subgraph.
 */
record Description(
    SequencedMap<String, ObjectText> objects,
    SequencedMap<String, ComplexText> types,
    Map<String, List<String>> whitelist) {

  /** What is written of an object type. */
  record ObjectText(
      String name,
      String description,
      boolean root,
      List<ParentText> parents,
      List<PropertyText> properties,
      List<ReferenceText> references) {}

  record ParentText(String type, String link, boolean derived, String presence) {}

  record ReferenceText(
      String target, @Nullable String attr, String link, boolean derived, String presence) {}

  /** What is written of a complex type. */
  record ComplexText(String name, String description, List<PropertyText> fields) {}

  /** What is written of a property of an object type or a field of a complex type. */
  record PropertyText(
      String name,
      String type,
      String xmlName,
      List<String> values,
      @Nullable Range range,
      String collection,
      @Nullable String key,
      String presence,
      @Nullable String defaultValue,
      String description) {
    boolean list() {
      return collection.equals("LIST");
    }
  }

  record Range(long min, long max) {}
}
