package weft.schema;

import java.util.Collection;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/**
 * Writes values as Python prints them, since existing clients match error texts in that form:
 * `['a', 'b']`, `{'x': None}`.
 */
public final class PythonText {
  private PythonText() {}

  /** As `str()`: a string alone is written without quotes. */
  public static String of(JsonNode value) {
    return value.isString() ? value.asString() : inner(value);
  }

  /** A list of strings. */
  public static String of(Collection<String> values) {
    return values.stream().map(PythonText::quoted).collect(Collectors.joining(", ", "[", "]"));
  }

  public static String of(FqName name) {
    return of(name.parts());
  }

  private static String inner(JsonNode value) {
    return switch (value.getNodeType()) {
      case STRING -> quoted(value.asString());
      case BOOLEAN -> value.booleanValue() ? "True" : "False";
      case NULL, MISSING -> "None";
      case ARRAY ->
          value.valueStream().map(PythonText::inner).collect(Collectors.joining(", ", "[", "]"));
      case OBJECT ->
          value
              .propertyStream()
              .map(entry -> quoted(entry.getKey()) + ": " + inner(entry.getValue()))
              .collect(Collectors.joining(", ", "{", "}"));
      case NUMBER, BINARY, POJO -> value.asString();
    };
  }

  private static String quoted(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    StringBuilder out = new StringBuilder().append(quote);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '\\' -> out.append("\\\\");
        case '\n' -> out.append("\\n");
        case '\r' -> out.append("\\r");
        case '\t' -> out.append("\\t");
        default -> {
          if (c == quote) {
            out.append('\\');
          }
          out.append(c);
        }
      }
    }
    return out.append(quote).toString();
  }
}
