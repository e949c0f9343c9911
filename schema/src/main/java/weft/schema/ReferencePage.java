package weft.schema;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;

/** Writes the reference of all types as one HTML page. */
public final class ReferencePage {
  private static final String STYLE =
      """
      body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}
      h2{border-top:1px solid #ccc;padding-top:1em}code{background:#f4f4f4;padding:0 .2em}
      table{border-collapse:collapse}td{padding:.1em 1em .1em 0;vertical-align:top}
      .note{color:#666}a{color:#0550ae;text-decoration:none}
      """;

  private final StringBuilder out = new StringBuilder();

  private ReferencePage() {}

  public static String html() {
    ReferencePage page = new ReferencePage();
    page.head();
    Schema.types().forEach(page::object);
    page.out.append("<h1 id=\"types\">Complex types</h1>\n");
    Schema.complexTypes().forEach(page::complex);
    return page.out.append("</body></html>\n").toString();
  }

  private void head() {
    out.append("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">")
        .append("<title>Weft config reference</title><style>")
        .append(STYLE)
        .append("</style></head><body>\n<h1>Config objects</h1>\n<p>")
        .append(
            "Every object has <code>uuid</code>, <code>fq_name</code> and, below a parent,"
                + " <code>parent_type</code> and <code>parent_uuid</code>. A collection is at"
                + " <code>/TYPEs</code>, one object at <code>/TYPE/UUID</code>.</p>\n<table>\n");
    for (ObjectType type : Schema.types()) {
      row(link(type.name()), text(type.description()));
    }
    out.append("</table>\n");
  }

  private void object(ObjectType type) {
    title(type.name(), type.description());
    String parents =
        String.join(", ", type.parents().stream().map(each -> link(each.typeName())).toList());
    if (type.root()) {
      parents = parents.isEmpty() ? "none" : parents + " or none";
    }
    out.append("<p>Parent: ").append(parents).append("</p>\n");
    properties(type.properties());
    if (!type.references().isEmpty()) {
      out.append("<p>References</p>\n<table>\n");
      for (ReferenceType reference : type.references()) {
        ComplexType attr = reference.attr();
        row(
            code(reference.name()),
            link(reference.targetName()),
            attr == null ? "" : "with " + link(attr.name()),
            note(reference.derived() ? "made by the system" : ""));
      }
      out.append("</table>\n");
    }
    line("Children", type.children().stream().map(ChildType::typeName).toList());
    line(
        "Referred to by", type.backReferences().stream().map(BackReferenceType::typeName).toList());
  }

  private void complex(ComplexType type) {
    title(type.name(), type.description());
    properties(type.fields());
  }

  private void title(String name, String description) {
    out.append("<h2 id=\"").append(name).append("\">").append(name).append("</h2>\n<p>");
    out.append(text(description)).append("</p>\n");
  }

  private void properties(List<Property> properties) {
    out.append("<table>\n");
    for (Property property : properties) {
      row(
          code(property.name()),
          type(property),
          text(property.description()) + " " + note(remarks(property)));
    }
    out.append("</table>\n");
  }

  private static String type(Property property) {
    String one =
        switch (property.type()) {
          case ValueType.Text value when value.values().isEmpty() -> "string";
          case ValueType.Text value ->
              String.join(" | ", value.values().stream().map(ReferencePage::code).toList());
          case ValueType.Bool _ -> "boolean";
          case ValueType.Int range ->
              range.bounded() ? "integer " + range.min() + " … " + range.max() : "integer";
          case ValueType.UnsignedLong _ -> "unsigned integer";
          case ValueType.Time time -> time.dated() ? "time, UTC" : "time of day";
          case ValueType.Complex complex -> link(complex.type().name());
        };
    return property.collection() == Collection.LIST ? "list of " + one : one;
  }

  private static String remarks(Property property) {
    String who =
        switch (property.presence()) {
          case REQUIRED -> "required";
          case EXCLUSIVE -> "one of these";
          case SYSTEM_ONLY -> "set by the system";
          case ADMIN_ONLY -> "set by the administrator";
          case OPTIONAL, UNSPECIFIED -> "";
        };
    @Nullable String defaultValue = property.defaultValue();
    if (defaultValue == null) {
      return who;
    }
    return (who.isEmpty() ? "" : who + ", ") + "absent means " + defaultValue;
  }

  private void line(String title, List<String> types) {
    if (!types.isEmpty()) {
      out.append("<p>").append(title).append(": ");
      out.append(String.join(", ", types.stream().map(ReferencePage::link).toList()));
      out.append("</p>\n");
    }
  }

  private void row(String... cells) {
    out.append("<tr>");
    for (String cell : cells) {
      out.append("<td>").append(cell).append("</td>");
    }
    out.append("</tr>\n");
  }

  private static String link(String name) {
    return "<a href=\"#" + name + "\">" + name + "</a>";
  }

  private static String code(String text) {
    return "<code>" + text(text) + "</code>";
  }

  private static String note(String text) {
    return "<span class=\"note\">" + text(text) + "</span>";
  }

  private static String text(String plain) {
    StringBuilder escaped = new StringBuilder();
    XmlElement.escape(plain, escaped);
    return escaped.toString();
  }
}
