package weft.schema.generator;

import weft.schema.generator.Description.PropertyText;
import weft.schema.generator.Description.ReferenceText;

/**
 * One component of a generated record.
 *
 * @param type its Java type, without mark of absence
 * @param list whether it is a list, and so never null
 * @param reads the expression that reads it from a JSON node `n`
 * @param writes the statement that writes it to an object node `n`
 */
record Component(String name, String type, boolean list, String reads, String writes) {

  String declaration() {
    return list ? type + " " + name : nullable();
  }

  /** The mark goes before the simple name of a qualified type. */
  private String nullable() {
    return "@Nullable " + type + " " + name;
  }

  static Component of(PropertyText property) {
    String name = JavaNames.component(property.name());
    String key = "\"" + property.name() + "\"";
    String kind = kind(property.type());
    boolean complex = kind.equals("complex");
    String element = complex ? property.type() : javaType(kind);
    String read = complex ? element + "::of" : "Fields::" + kind;
    String write =
        complex
            ? element + "::toJson"
            : "Fields::" + (kind.equals("unsigned") ? "unsignedNode" : "node");
    return property.list()
        ? new Component(
            name,
            "List<" + element + ">",
            true,
            "Fields.list(n, " + key + ", " + read + ")",
            "Fields.putList(n, " + key + ", " + name + ", " + write + ");")
        : new Component(
            name,
            element,
            false,
            "Fields.value(n, " + key + ", " + read + ")",
            "Fields.put(n, " + key + ", " + name + ", " + write + ");");
  }

  static Component of(ReferenceText reference) {
    String json = reference.target().replace('-', '_') + "_refs";
    String name = JavaNames.component(json);
    String key = "\"" + json + "\"";
    String attr = reference.attr() == null ? "TypedRef.None" : reference.attr();
    return new Component(
        name,
        "List<TypedRef<" + attr + ">>",
        true,
        "Fields.refs(n, " + key + ", " + attr + "::of)",
        "Fields.putRefs(n, " + key + ", " + name + ", " + attr + "::toJson);");
  }

  private static String kind(String type) {
    return switch (type) {
      case "string", "dateTime", "time" -> "text";
      case "boolean" -> "bool";
      case "integer" -> "integer";
      case "unsignedLong" -> "unsigned";
      default -> "complex";
    };
  }

  private static String javaType(String kind) {
    return switch (kind) {
      case "text" -> "String";
      case "bool" -> "Boolean";
      default -> "Long";
    };
  }
}
