package weft.schema.generator;

import java.util.List;
import weft.schema.generator.Description.ComplexText;
import weft.schema.generator.Description.ObjectText;
import weft.schema.generator.Description.ParentText;
import weft.schema.generator.Description.PropertyText;
import weft.schema.generator.Description.ReferenceText;

/**
 * Packs the schema into the table that is read at start: one line a record, its fields apart by
 * tabs; lines that begin with a blank belong to the line above that does not.
 */
final class TableWriter {
  private final StringBuilder out = new StringBuilder();

  private TableWriter() {}

  static String write(Description description) {
    TableWriter writer = new TableWriter();
    description.types().values().forEach(writer::complex);
    description.objects().values().forEach(writer::object);
    description
        .whitelist()
        .forEach((node, edges) -> writer.line("whitelist", node, writer.words(edges)));
    return writer.out.toString();
  }

  private void complex(ComplexText type) {
    line("complex", type.name(), type.description());
    type.fields().forEach(this::property);
  }

  private void object(ObjectText object) {
    line("object", object.name(), object.root() ? "root" : "", object.description());
    for (ParentText parent : object.parents()) {
      line(" parent", parent.type(), derived(parent.derived()), parent.link(), parent.presence());
    }
    object.properties().forEach(this::property);
    for (ReferenceText reference : object.references()) {
      String attr = reference.attr();
      line(
          " reference",
          reference.target().replace('-', '_') + "_refs",
          reference.target(),
          attr == null ? "" : attr,
          derived(reference.derived()),
          reference.link(),
          reference.presence());
    }
  }

  private void property(PropertyText property) {
    String key = property.key();
    String defaultValue = property.defaultValue();
    line(
        " property",
        property.name(),
        property.xmlName(),
        property.type(),
        restriction(property),
        property.collection(),
        key == null ? "" : key,
        property.presence(),
        defaultValue == null ? "" : defaultValue,
        property.description());
  }

  private String restriction(PropertyText property) {
    Description.Range range = property.range();
    return range == null ? words(property.values()) : range.min() + "|" + range.max();
  }

  private static String derived(boolean is) {
    return is ? "derived" : "";
  }

  private String words(List<String> words) {
    for (String word : words) {
      if (word.contains("|")) {
        throw new IllegalArgumentException("a bar in " + word);
      }
    }
    return String.join("|", words);
  }

  private void line(String... fields) {
    for (String field : fields) {
      if (field.contains("\t") || field.contains("\n")) {
        throw new IllegalArgumentException("a tab or line end in " + field);
      }
    }
    out.append(String.join("\t", fields)).append('\n');
  }
}
