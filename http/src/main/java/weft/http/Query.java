package weft.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The decoded parameters after the `?` of a request, in their order. */
public record Query(Map<String, List<String>> parameters) {
  public static final Query EMPTY = new Query(Map.of());

  /** Decodes `a=b&c&d=%20`; a name without `=` has the empty value. */
  public static Query parse(@Nullable String raw) {
    if (raw == null || raw.isEmpty()) {
      return EMPTY;
    }
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String pair : raw.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      int equals = pair.indexOf('=');
      String name = equals < 0 ? pair : pair.substring(0, equals);
      String value = equals < 0 ? "" : pair.substring(equals + 1);
      parameters.computeIfAbsent(decode(name), _ -> new ArrayList<>()).add(decode(value));
    }
    return new Query(parameters);
  }

  /** True if the parameter is present, with or without a value. */
  public boolean has(String name) {
    return parameters.containsKey(name);
  }

  public @Nullable String first(String name) {
    List<String> values = parameters.get(name);
    return values == null ? null : values.getFirst();
  }

  private static String decode(String text) {
    try {
      return URLDecoder.decode(text, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException _) {
      throw HttpError.badRequest("Bad Request, malformed escape in query: " + text);
    }
  }
}
