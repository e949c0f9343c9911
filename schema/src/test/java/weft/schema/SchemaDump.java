package weft.schema;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes the shape of the schema as sorted lines, from our tables and from the dumps. */
final class SchemaDump {
  private static final Pattern TUPLE =
      Pattern.compile("\\('([^']*)'(?:, '([^']*)')?, (True|False).*");
  private static final Pattern PROPERTY =
      Pattern.compile("(\\S+) (\\S+) ([LM] )? ?(\\S+)\\s*(\\[.*?])? ?(?:mapkey=(\\S+))?");
  private static final Pattern FIELD = Pattern.compile("(\\S+) (\\S+) (\\S*) ?(\\[.*])? *");

  private SchemaDump() {}

  static List<String> ofObjects() {
    List<String> out = new ArrayList<>();
    for (ObjectType type : Schema.types()) {
      String name = type.name();
      type.parents().forEach(parent -> out.add(name + " parent " + parent.typeName()));
      if (type.root()) {
        out.add(name + " parent config-root");
      }
      type.properties().forEach(property -> out.add(name + " property " + line(property)));
      for (ReferenceType reference : type.references()) {
        out.add(
            name
                + reference(
                    " reference ",
                    reference.name(),
                    reference.targetName(),
                    reference.attr(),
                    reference.derived()));
      }
      for (ChildType child : type.children()) {
        out.add(name + reference(" child ", child.name(), child.typeName(), null, child.derived()));
      }
      for (BackReferenceType back : type.backReferences()) {
        out.add(
            name
                + reference(
                    " back ",
                    back.name(),
                    back.typeName(),
                    back.reference().attr(),
                    back.reference().derived()));
      }
    }
    return out.stream().sorted().toList();
  }

  static List<String> ofObjects(List<String> dump) {
    List<String> out = new ArrayList<>();
    String name = "";
    for (String line : dump) {
      if (line.startsWith("## ")) {
        String[] parts = line.substring(3).split(" \\| parents: ", -1);
        name = parts[0];
        for (String parent : parts[1].split(",", -1)) {
          out.add(name + " parent " + parent);
        }
        continue;
      }
      String[] words = line.strip().split(" ", 3);
      switch (words[0]) {
        case "prop" -> out.add(name + " property " + property(words[1] + " " + words[2]));
        case "ref" -> out.add(name + tuple(" reference ", words));
        case "child" -> out.add(name + tuple(" child ", words));
        case "back" -> out.add(name + tuple(" back ", words));
        default -> throw new IllegalArgumentException(line);
      }
    }
    return out.stream().sorted().toList();
  }

  /** In the order of the fields, since that is the order of the XML. */
  static List<String> ofComplexTypes() {
    List<String> out = new ArrayList<>();
    for (ComplexType type : Schema.complexTypes()) {
      out.add(type.name());
      type.fields().forEach(field -> out.add(type.name() + " " + line(field)));
    }
    return out;
  }

  static List<String> ofComplexTypes(List<String> dump) {
    List<String> out = new ArrayList<>();
    String name = "";
    for (String line : dump) {
      if (line.startsWith("## ")) {
        name = line.substring(3);
        out.add(name);
        continue;
      }
      Matcher field = match(FIELD, line.strip() + " ");
      boolean list = field.group(2).endsWith("[]");
      out.add(
          name
              + " "
              + String.join(
                  " ",
                  field.group(1),
                  field.group(2).replace("[]", ""),
                  list ? "LIST" : "SINGLE",
                  "null",
                  presence(field.group(3)),
                  restriction(field.group(4))));
    }
    return out;
  }

  private static String line(Property property) {
    String[] type =
        switch (property.type()) {
          case ValueType.Text text -> new String[] {"string", text.values().toString()};
          case ValueType.Bool _ -> new String[] {"boolean", "[]"};
          case ValueType.Int range ->
              new String[] {
                "integer", range.bounded() ? List.of(range.min(), range.max()).toString() : "[]"
              };
          case ValueType.UnsignedLong _ -> new String[] {"unsignedLong", "[]"};
          case ValueType.Time time -> new String[] {time.dated() ? "dateTime" : "time", "[]"};
          case ValueType.Complex complex -> new String[] {complex.type().name(), "[]"};
        };
    return String.join(
        " ",
        property.name(),
        type[0],
        property.collection().name(),
        String.valueOf(property.mapKey()),
        property.presence().name(),
        type[1]);
  }

  private static String property(String text) {
    Matcher match = match(PROPERTY, text);
    String collection =
        match.group(3) == null ? "SINGLE" : match.group(3).equals("L ") ? "WRAPPED_LIST" : "MAP";
    return String.join(
        " ",
        match.group(1),
        match.group(2),
        collection,
        String.valueOf(match.group(6)),
        presence(match.group(4)),
        restriction(match.group(5)));
  }

  private static String presence(String word) {
    return switch (word) {
      case "" -> "UNSPECIFIED";
      case "true" -> "REQUIRED";
      default -> word.replace('-', '_').toUpperCase(Locale.ROOT);
    };
  }

  private static String restriction(String list) {
    return list == null ? "[]" : list.replace("'", "");
  }

  private static String tuple(String kind, String[] words) {
    Matcher match = match(TUPLE, words[2]);
    String attr = match.group(2);
    return kind
        + String.join(
            " ",
            words[1],
            match.group(1),
            attr == null || attr.equals("None") ? "-" : attr,
            match.group(3).equals("True") ? "derived" : "");
  }

  private static String reference(
      String kind, String name, String type, ComplexType attr, boolean derived) {
    return kind
        + String.join(" ", name, type, attr == null ? "-" : attr.name(), derived ? "derived" : "");
  }

  private static Matcher match(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(pattern + " does not match " + text);
    }
    return matcher;
  }
}
