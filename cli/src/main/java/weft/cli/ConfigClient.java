package weft.cli;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.FqName;
import weft.schema.ObjectType;

/** The config API as the commands use it: objects by type and by name or uuid. */
final class ConfigClient {
  private static final Pattern UUID_TEXT =
      Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private static final int PAGE = 1000;
  private static final int BULK = 500;

  private final Rest api;
  private final @Nullable String project;

  /**
   * @param project below which names are looked up that are not complete; null for none
   */
  ConfigClient(Rest api, @Nullable String project) {
    this.api = api;
    this.project = project;
  }

  /**
   * The uuid of the object that a user means: by uuid, by its name in full, by its name within the
   * default project, or by as much of the end of its name as no other object has.
   */
  String uuid(ObjectType type, String nameOrUuid) {
    String lower = nameOrUuid.toLowerCase(Locale.ROOT);
    if (UUID_TEXT.matcher(lower).matches()) {
      return lower;
    }
    String found = uuid(type, Types.fqName(type, nameOrUuid));
    if (found == null && project != null) {
      found = uuid(type, Types.fqName(type, project + ":" + nameOrUuid));
    }
    return found == null ? byEnd(type, nameOrUuid) : found;
  }

  /** Null if there is no object of the name. */
  @Nullable String uuid(ObjectType type, FqName name) {
    ObjectNode question = JsonNodeFactory.instance.objectNode().put("type", type.name());
    question.set("fq_name", name.toJson());
    try {
      return api.post("/fqname-to-id", question).path("uuid").asString();
    } catch (Failure e) {
      if (e.status() == 404 && !e.text().startsWith("Resource type")) {
        return null;
      }
      throw e;
    }
  }

  private String byEnd(ObjectType type, String end) {
    Map<String, String> uuids = new LinkedHashMap<>();
    for (JsonNode each : list(type, Map.of(), Integer.MAX_VALUE)) {
      uuids.put(Types.text(each.path("fq_name")), each.path("uuid").asString(""));
    }
    List<String> fitting =
        uuids.keySet().stream().filter(name -> name.endsWith(":" + end)).toList();
    if (fitting.size() == 1) {
      return uuids.getOrDefault(fitting.getFirst(), "");
    }
    if (fitting.size() > 1) {
      String some = fitting.stream().limit(5).collect(Collectors.joining(", "));
      throw new Failure(
          "%s %s could be %s%s"
              .formatted(type.name(), end, some, fitting.size() > 5 ? " and others" : ""));
    }
    List<String> near = new ArrayList<>(Near.of(end, uuids.keySet()));
    if (near.isEmpty()) {
      Map<String, String> byLast = new LinkedHashMap<>();
      uuids
          .keySet()
          .forEach(name -> byLast.putIfAbsent(name.substring(name.lastIndexOf(':') + 1), name));
      Near.of(end.substring(end.lastIndexOf(':') + 1), byLast.keySet())
          .forEach(last -> near.add(byLast.get(last)));
    }
    throw new Failure(
        "no %s %s%s"
            .formatted(
                type.name(),
                end,
                near.isEmpty() ? "" : "; did you mean " + String.join(", ", near) + "?"));
  }

  /** The object as the API shows it. */
  ObjectNode read(ObjectType type, String nameOrUuid) {
    String path = "/" + type.name() + "/" + uuid(type, nameOrUuid);
    return (ObjectNode) api.get(path).path(type.name());
  }

  /**
   * The objects of a type, page by page, at most `limit`.
   *
   * @param query further parameters of the list call
   */
  List<JsonNode> list(ObjectType type, Map<String, String> query, int limit) {
    List<JsonNode> all = new ArrayList<>();
    String marker = "None";
    while (all.size() < limit) {
      Map<String, String> parameters = new LinkedHashMap<>(query);
      parameters.put("page_marker", marker);
      parameters.put("page_limit", String.valueOf(Math.min(PAGE, limit - all.size())));
      parameters.put("exclude_hrefs", "true");
      JsonNode page = api.get("/" + type.plural() + "?" + encode(parameters));
      for (JsonNode each : page.path(type.plural())) {
        all.add(each.has(type.name()) ? each.path(type.name()) : each);
      }
      JsonNode next = page.path("marker");
      if (!next.isString()) {
        break;
      }
      marker = next.stringValue();
    }
    return all;
  }

  private static String encode(Map<String, String> parameters) {
    return parameters.entrySet().stream()
        .map(each ->
            each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  /** The objects of those names that exist, in full but for children and back references. */
  Map<FqName, ObjectNode> named(ObjectType type, Collection<FqName> names) {
    Map<FqName, ObjectNode> found = new LinkedHashMap<>();
    List<FqName> all = new ArrayList<>();
    for (FqName name : names) {
      if (name.parts().stream().noneMatch(part -> part.contains(":") || part.contains(","))) {
        all.add(name);
        continue;
      }
      // Not to be told apart in a list of names.
      String uuid = uuid(type, name);
      if (uuid != null) {
        found.put(name, read(type, uuid));
      }
    }
    for (int from = 0; from < all.size(); from += BULK) {
      List<FqName> some = all.subList(from, Math.min(all.size(), from + BULK));
      ObjectNode query = JsonNodeFactory.instance.objectNode();
      query.put("type", type.name()).put("detail", true).put("exclude_hrefs", true);
      ArrayNode list = query.putArray("fq_names");
      some.forEach(name -> list.add(name.toString()));
      for (JsonNode each : api.post("/list-bulk-collection", query).path(type.plural())) {
        if (each.path(type.name()) instanceof ObjectNode object) {
          found.put(FqName.of(object.path("fq_name")), object);
        }
      }
    }
    return found;
  }

  JsonNode create(ObjectType type, JsonNode body) {
    return api.post("/" + type.plural(), wrapped(type, body)).path(type.name());
  }

  void update(ObjectType type, String uuid, JsonNode body) {
    JsonNode _ = api.call("PUT", "/" + type.name() + "/" + uuid, wrapped(type, body));
  }

  /** Carries out operations as one. */
  JsonNode transaction(JsonNode request) {
    return api.post("/transaction", request);
  }

  /** An object under the name of its type, as the API wants it. */
  static ObjectNode wrapped(ObjectType type, JsonNode body) {
    ObjectNode wrapped = JsonNodeFactory.instance.objectNode();
    wrapped.set(type.name(), body);
    return wrapped;
  }
}
