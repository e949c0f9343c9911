package weft.schema.generator;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import weft.schema.generator.Description.ComplexText;
import weft.schema.generator.Description.ObjectText;

/** Writes the Java source of one record. */
final class RecordWriter {
  private static final List<Component> IDENTITY =
      List.of(
          new Component(
              "uuid",
              "UUID",
              false,
              "Fields.uuid(n, \"uuid\")",
              "Fields.put(n, \"uuid\", uuid, Fields::node);"),
          new Component(
              "fqName",
              "FqName",
              false,
              "Fields.fqName(n)",
              "Fields.put(n, \"fq_name\", fqName, FqName::toJson);"),
          new Component(
              "parentType",
              "String",
              false,
              "Fields.value(n, \"parent_type\", Fields::text)",
              "Fields.put(n, \"parent_type\", parentType, Fields::node);"),
          new Component(
              "parentUuid",
              "UUID",
              false,
              "Fields.uuid(n, \"parent_uuid\")",
              "Fields.put(n, \"parent_uuid\", parentUuid, Fields::node);"));

  private final String name;
  private final String comment;
  private final List<Component> components;

  private RecordWriter(String name, String comment, List<Component> components) {
    this.name = name;
    this.comment = comment;
    this.components = components;
  }

  static RecordWriter of(ComplexText type) {
    return new RecordWriter(
        type.name(), type.description(), type.fields().stream().map(Component::of).toList());
  }

  static RecordWriter of(ObjectText object) {
    List<Component> components = new ArrayList<>(IDENTITY);
    object.properties().forEach(property -> components.add(Component.of(property)));
    object.references().forEach(reference -> components.add(Component.of(reference)));
    return new RecordWriter(JavaNames.type(object.name()), object.description(), components);
  }

  String name() {
    return name;
  }

  String source() {
    StringBuilder out = new StringBuilder();
    out.append("package weft.schema.gen;\n\n")
        .append("import java.util.List;\n")
        .append("import java.util.UUID;\n")
        .append("import org.jspecify.annotations.Nullable;\n")
        .append("import tools.jackson.databind.JsonNode;\n")
        .append("import tools.jackson.databind.node.ObjectNode;\n")
        .append("import weft.schema.FqName;\n")
        .append("import weft.schema.TypedRef;\n\n")
        .append("/** ")
        .append(comment)
        .append(" */\n")
        .append("public record ")
        .append(name)
        .append("(\n    ")
        .append(join(Component::declaration, ",\n    "))
        .append(") {\n");
    lists(out);
    out.append("  /** Nothing is set. */\n")
        .append("  public static final ")
        .append(name)
        .append(" EMPTY = new ")
        .append(name)
        .append('(')
        .append(join(component -> component.list() ? "List.of()" : "null", ", "))
        .append(");\n\n")
        .append("  public static ")
        .append(name)
        .append(" of(JsonNode n) {\n    return new ")
        .append(name)
        .append("(\n        ")
        .append(join(Component::reads, ",\n        "))
        .append(");\n  }\n\n")
        .append("  public ObjectNode toJson() {\n    ObjectNode n = Fields.object();\n");
    components.forEach(component -> out.append("    ").append(component.writes()).append('\n'));
    out.append("    return n;\n  }\n");
    components.forEach(component -> with(component, out));
    return out.append("}\n").toString();
  }

  private void lists(StringBuilder out) {
    if (components.stream().noneMatch(Component::list)) {
      return;
    }
    out.append("  public ").append(name).append(" {\n");
    for (Component component : components) {
      if (component.list()) {
        out.append("    ")
            .append(component.name())
            .append(" = List.copyOf(")
            .append(component.name())
            .append(");\n");
      }
    }
    out.append("  }\n\n");
  }

  private void with(Component changed, StringBuilder out) {
    out.append("\n  public ")
        .append(name)
        .append(" with")
        .append(Character.toUpperCase(changed.name().charAt(0)))
        .append(changed.name().substring(1))
        .append('(')
        .append(changed.declaration())
        .append(") {\n    return new ")
        .append(name)
        .append('(')
        .append(join(Component::name, ", "))
        .append(");\n  }\n");
  }

  private String join(java.util.function.Function<Component, String> part, String between) {
    return components.stream().map(part).collect(Collectors.joining(between));
  }
}
