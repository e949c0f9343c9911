package weft.neutron;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;

/**
 * Which resources of a list are wanted, in which order, and what of each.
 *
 * @param filters attribute to the texts that will do, one of them
 * @param fields the attributes wanted; empty for all
 * @param limit of a page; 0 for none
 * @param marker the id of the resource before the page; empty for none
 * @param reverse whether the page ends before the marker
 */
record Selection(
    Map<String, Set<String>> filters,
    Set<String> fields,
    List<Sort> sorts,
    int limit,
    String marker,
    boolean reverse) {
  static final Selection ALL = new Selection(Map.of(), Set.of(), List.of(), 0, "", false);

  /** Attributes that a list always shows: who enforces policy needs them. */
  private static final Set<String> ALWAYS = Set.of("tenant_id", "project_id");

  /** An attribute to sort by. */
  record Sort(String attribute, boolean ascending) {}

  static Selection read(String resource, JsonNode data) {
    Map<String, Set<String>> filters = new HashMap<>();
    JsonNode sent = data.path("filters");
    sent.properties().forEach(each -> filter(each.getKey(), each.getValue(), filters));
    Set<String> fields = new HashSet<>();
    data.path("fields").forEach(field -> fields.add(field.asString("")));
    if (!fields.isEmpty()) {
      fields.addAll(ALWAYS);
    }
    List<Sort> sorts = new ArrayList<>();
    for (JsonNode sort : data.path("sorts")) {
      sorts.add(
          new Sort(sort.path(0).asString(""), !sort.path(1).asString("true").equals("false")));
    }
    int limit = data.path("limit").asInt(0);
    if (!fields.isEmpty() && limit > 0) {
      fields.add("id"); // the marker of the next page
    }
    if (limit < 0) {
      throw NeutronException.badRequest(resource, "limit is negative: " + limit);
    }
    return new Selection(
        filters,
        fields,
        sorts,
        limit,
        data.path("marker").asString(""),
        data.path("page_reverse").asBoolean(false));
  }

  /** What is wanted of an attribute: a list, one value, or an object of such (`fixed_ips`). */
  private static void filter(String name, JsonNode value, Map<String, Set<String>> filters) {
    switch (value) {
      case ObjectNode object ->
          object
              .properties()
              .forEach(each -> filter(name + "." + each.getKey(), each.getValue(), filters));
      case JsonNode list when list.isArray() -> {
        filters.computeIfAbsent(name, _ -> new HashSet<>());
        list.forEach(each -> wanted(name, each, filters));
        if (!list.isEmpty() && filters.getOrDefault(name, Set.of()).isEmpty()) {
          filters.remove(name);
        }
      }
      default -> wanted(name, value, filters);
    }
  }

  private static void wanted(String name, JsonNode value, Map<String, Set<String>> filters) {
    if (value.isObject()) {
      filter(name, value, filters);
      return;
    }
    String text = text(value);
    int equals = text.indexOf('=');
    if (name.equals("fixed_ips") && equals > 0) {
      filters
          .computeIfAbsent(name + "." + text.substring(0, equals), _ -> new HashSet<>())
          .add(text.substring(equals + 1));
      return;
    }
    filters.computeIfAbsent(name, _ -> new HashSet<>()).add(normal(name, text));
  }

  private static String normal(String name, String text) {
    return switch (name) {
      case "tenant_id", "project_id" -> Ids.undashed(text);
      case "mac_address" -> text.toLowerCase(Locale.ROOT);
      default -> text;
    };
  }

  private static String text(JsonNode value) {
    if (value.isNull()) {
      return "None";
    }
    String text = value.asString("");
    return text.equals("True") || text.equals("False") ? text.toLowerCase(Locale.ROOT) : text;
  }

  /** The values that will do for an attribute; null if any will. */
  @Nullable Set<String> only(String attribute) {
    return filters.get(attribute);
  }

  /** The ids that are asked for; null if any will do. */
  @Nullable Set<String> ids() {
    return only("id");
  }

  /** Those of `all` that are wanted, in the order wanted, a page of them. */
  List<ObjectNode> apply(Stream<ObjectNode> all, String notFound) {
    List<ObjectNode> found = new ArrayList<>(all.filter(this::matches).toList());
    if (!sorts.isEmpty() || limit > 0 || !marker.isEmpty()) {
      found.sort(order());
    }
    List<ObjectNode> page = page(found, notFound);
    return fields.isEmpty() ? page : page.stream().map(this::trimmed).toList();
  }

  private List<ObjectNode> page(List<ObjectNode> found, String notFound) {
    int from = 0;
    int to = found.size();
    if (!marker.isEmpty()) {
      int at = 0;
      while (at < to && !found.get(at).path("id").asString("").equals(marker)) {
        at++;
      }
      if (at == to) {
        throw NeutronException.badRequest(notFound, "marker is not in the list: " + marker);
      }
      from = reverse ? 0 : at + 1;
      to = reverse ? at : to;
    }
    if (limit > 0 && to - from > limit) {
      from = reverse ? to - limit : from;
      to = reverse ? to : from + limit;
    }
    return found.subList(from, to);
  }

  ObjectNode trimmed(ObjectNode item) {
    if (fields.isEmpty()) {
      return item;
    }
    ObjectNode trimmed = Json.object();
    item.properties()
        .forEach(each -> {
          if (fields.contains(each.getKey())) {
            trimmed.set(each.getKey(), each.getValue());
          }
        });
    return trimmed;
  }

  boolean matches(ObjectNode item) {
    for (Map.Entry<String, Set<String>> filter : filters.entrySet()) {
      if (!matches(item, filter.getKey(), filter.getValue())) {
        return false;
      }
    }
    return true;
  }

  private static boolean matches(ObjectNode item, String name, Set<String> wanted) {
    return switch (name) {
      case "tags" -> tags(item).containsAll(split(wanted));
      case "tags-any" -> split(wanted).stream().anyMatch(tags(item)::contains);
      case "not-tags" -> !tags(item).containsAll(split(wanted));
      case "not-tags-any" -> split(wanted).stream().noneMatch(tags(item)::contains);
      case "changed_since" ->
          wanted.stream()
              .allMatch(since ->
                  item.path("updated_at").asString("").compareTo(since.replace("Z", "")) >= 0);
      default -> matchesAttribute(item, name, wanted);
    };
  }

  private static boolean matchesAttribute(ObjectNode item, String name, Set<String> wanted) {
    int dot = name.indexOf('.');
    if (dot > 0 && item.path(name.substring(0, dot)).isArray()) {
      String inner = name.substring(dot + 1);
      boolean part = inner.endsWith("_substr");
      String field = part ? inner.substring(0, inner.length() - "_substr".length()) : inner;
      for (JsonNode each : item.path(name.substring(0, dot))) {
        String text = text(each.path(field));
        if (wanted.contains(text) || part && wanted.stream().anyMatch(text::contains)) {
          return true;
        }
      }
      return false;
    }
    return matches(item.path(name), wanted);
  }

  private static boolean matches(JsonNode value, Set<String> wanted) {
    if (value.isMissingNode()) {
      return true; // What a resource does not know says nothing about it.
    }
    if (value.isArray()) {
      for (JsonNode each : value) {
        if (wanted.contains(text(each))) {
          return true;
        }
      }
      return false;
    }
    return wanted.contains(text(value));
  }

  private static Set<String> split(Set<String> texts) {
    Set<String> split = new HashSet<>();
    texts.forEach(text -> split.addAll(List.of(text.split(",", -1))));
    return split;
  }

  private static Set<String> tags(ObjectNode item) {
    Set<String> tags = new HashSet<>();
    item.path("tags").forEach(tag -> tags.add(tag.asString("")));
    return tags;
  }

  private Comparator<ObjectNode> order() {
    Comparator<ObjectNode> order = (_, _) -> 0;
    for (Sort sort : sorts) {
      Comparator<ObjectNode> by =
          (one, other) -> compare(one.path(sort.attribute()), other.path(sort.attribute()));
      order = order.thenComparing(sort.ascending() ? by : by.reversed());
    }
    return order.thenComparing(item -> item.path("id").asString(""));
  }

  /** What is not there comes first. */
  private static int compare(JsonNode one, JsonNode other) {
    boolean none = one.isNull() || one.isMissingNode();
    boolean nothing = other.isNull() || other.isMissingNode();
    if (none || nothing) {
      return Boolean.compare(nothing, none);
    }
    if (one.isNumber() && other.isNumber()) {
      return Double.compare(one.doubleValue(), other.doubleValue());
    }
    return text(one).compareTo(text(other));
  }
}
