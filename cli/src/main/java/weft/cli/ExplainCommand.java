package weft.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.BackReferenceType;
import weft.schema.ChildType;
import weft.schema.Collection;
import weft.schema.ComplexType;
import weft.schema.ObjectType;
import weft.schema.ParentType;
import weft.schema.Property;
import weft.schema.ReferenceType;
import weft.schema.ValueType;

/** `weft explain TYPE[.FIELD…]`: the schema, without asking a server. */
@CommandLine.Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = "Explains a type of config object, or a field of it.")
final class ExplainCommand implements Callable<Integer> {
  @CommandLine.Parameters(
      paramLabel = "TYPE[.FIELD...]",
      description = "Such as vn, vn.mtu or vn.network_ipam_refs.ipam_subnets.")
  private String path = "";

  @CommandLine.Mixin private final Output output = new Output();

  @Override
  public Integer call() {
    String[] words = path.split("\\.", -1);
    ObjectType type = Types.of(words[0]);
    if (words.length == 1) {
      output.print(json(type), lines(type));
      return 0;
    }
    ReferenceType reference = type.reference(words[1]);
    ComplexType inner = reference == null ? null : reference.attr();
    if (reference != null && words.length == 2) {
      List<String> lines = new ArrayList<>();
      lines.add(path + ": references to " + reference.targetName() + remark(reference));
      if (inner != null) {
        lines.add("with attr: " + inner.name() + " " + inner.description());
        lines.addAll(fields(inner.fields()));
      }
      output.print(json(reference), lines);
      return 0;
    }
    if (reference != null && inner == null) {
      throw new Failure("references to " + reference.targetName() + " bear no data");
    }
    explain(
        words,
        reference == null ? 1 : words[2].equals("attr") ? 3 : 2,
        inner == null ? type.properties() : inner.fields());
    return 0;
  }

  private void explain(String[] words, int from, List<Property> fields) {
    List<Property> known = fields;
    Property found = null;
    for (int i = from; i < words.length; i++) {
      String word = words[i];
      found = known.stream().filter(each -> each.name().equals(word)).findFirst().orElse(null);
      if (found == null) {
        List<String> names = known.stream().map(Property::name).toList();
        String above = String.join(".", List.of(words).subList(0, i));
        throw new Failure(above + " has no " + word + Near.hint(word, names));
      }
      known =
          found.type() instanceof ValueType.Complex complex ? complex.type().fields() : List.of();
    }
    List<String> lines = new ArrayList<>();
    if (found != null) {
      lines.add(path + ": " + kind(found) + remark(found));
      if (!found.description().isEmpty()) {
        lines.add(found.description());
      }
    }
    lines.addAll(fields(known));
    output.print(found == null ? json(known) : json(found), lines);
  }

  private static List<String> lines(ObjectType type) {
    List<String> lines = new ArrayList<>();
    lines.add(type.name() + ": " + type.description());
    List<String> parents =
        new ArrayList<>(type.parents().stream().map(ParentType::typeName).toList());
    if (type.root() || parents.isEmpty()) {
      parents.add("none");
    }
    lines.add("parent: " + String.join(" or ", parents));
    List<String> children = type.children().stream().map(ChildType::typeName).toList();
    if (!children.isEmpty()) {
      lines.add("children: " + String.join(", ", children));
    }
    List<String> back = type.backReferences().stream().map(BackReferenceType::typeName).toList();
    if (!back.isEmpty()) {
      lines.add("referred to by: " + String.join(", ", back));
    }
    lines.add("");
    lines.addAll(fields(type.properties()));
    if (!type.references().isEmpty()) {
      lines.add("");
      List<JsonNode> rows = new ArrayList<>();
      for (ReferenceType each : type.references()) {
        ComplexType attr = each.attr();
        ObjectNode row = JsonNodeFactory.instance.objectNode();
        row.put("reference", each.name()).put("to", each.targetName());
        row.put("attr", attr == null ? "" : attr.name());
        row.put("remark", remark(each).strip());
        rows.add(row);
      }
      lines.addAll(Table.of(rows, List.of("reference", "to", "attr", "remark")).lines());
    }
    return lines;
  }

  private static List<String> fields(List<Property> fields) {
    List<JsonNode> rows = new ArrayList<>();
    for (Property each : fields) {
      ObjectNode row = JsonNodeFactory.instance.objectNode();
      row.put("field", each.name()).put("type", kind(each));
      row.put("description", (each.description() + remark(each)).strip());
      rows.add(row);
    }
    return rows.isEmpty()
        ? List.of()
        : Table.of(rows, List.of("field", "type", "description")).lines();
  }

  private static String kind(Property property) {
    String one =
        switch (property.type()) {
          case ValueType.Text text when text.values().isEmpty() -> "string";
          case ValueType.Text text -> String.join("|", text.values());
          case ValueType.Bool _ -> "boolean";
          case ValueType.Int range ->
              range.bounded() ? "integer " + range.min() + ".." + range.max() : "integer";
          case ValueType.UnsignedLong _ -> "unsigned integer";
          case ValueType.Time time -> time.dated() ? "time, UTC" : "time of day";
          case ValueType.Complex complex -> complex.type().name();
        };
    return switch (property.collection()) {
      case SINGLE -> one;
      case LIST -> "list of " + one;
      case WRAPPED_LIST -> one + " (a list)";
      case MAP -> one + " (by " + property.mapKey() + ")";
    };
  }

  private static String remark(Property property) {
    List<String> remarks = new ArrayList<>();
    switch (property.presence()) {
      case REQUIRED -> remarks.add("required");
      case EXCLUSIVE -> remarks.add("one of these");
      case SYSTEM_ONLY -> remarks.add("set by the system");
      case ADMIN_ONLY -> remarks.add("set by the administrator");
      case OPTIONAL, UNSPECIFIED -> {}
    }
    if (property.defaultValue() != null) {
      remarks.add("absent means " + property.defaultValue());
    }
    return remarks.isEmpty() ? "" : " (" + String.join(", ", remarks) + ")";
  }

  private static String remark(ReferenceType reference) {
    return reference.derived() ? " (made by the system)" : "";
  }

  private static ObjectNode json(ObjectType type) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("type", type.name()).put("description", type.description()).put("root", type.root());
    strings(out.putArray("parents"), type.parents().stream().map(ParentType::typeName).toList());
    strings(out.putArray("children"), type.children().stream().map(ChildType::typeName).toList());
    strings(
        out.putArray("referred_to_by"),
        type.backReferences().stream().map(BackReferenceType::typeName).toList());
    out.set("properties", json(type.properties()));
    ArrayNode references = out.putArray("references");
    type.references().forEach(each -> references.add(json(each)));
    return out;
  }

  private static void strings(ArrayNode array, List<String> texts) {
    texts.forEach(array::add);
  }

  private static ObjectNode json(ReferenceType reference) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("name", reference.name()).put("to", reference.targetName());
    out.put("derived", reference.derived());
    ComplexType attr = reference.attr();
    if (attr != null) {
      out.set("attr", json(attr.fields()));
    }
    return out;
  }

  private static ArrayNode json(List<Property> properties) {
    ArrayNode out = JsonNodeFactory.instance.arrayNode();
    properties.forEach(each -> out.add(json(each)));
    return out;
  }

  private static ObjectNode json(Property property) {
    ObjectNode out = JsonNodeFactory.instance.objectNode();
    out.put("name", property.name()).put("type", kind(property));
    out.put("list", property.collection() != Collection.SINGLE);
    out.put("presence", property.presence().name());
    out.put("default", property.defaultValue()).put("description", property.description());
    return out;
  }
}
