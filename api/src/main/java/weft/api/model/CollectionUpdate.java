package weft.api.model;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.Collection;
import weft.schema.ConfigObject;
import weft.schema.Property;
import weft.schema.ValueType;

/** Changes single elements of a property that is a list or a map. */
public final class CollectionUpdate {
  private CollectionUpdate() {}

  /**
   * @param position the key of a map's element; the index of a list's
   */
  public record Element(JsonNode value, String position) {}

  public static List<Element> elements(ConfigObject object, String field) {
    Property property = collection(object, field);
    List<Element> elements = new ArrayList<>();
    int index = 0;
    for (JsonNode value : list(property, object.body().path(field))) {
      String position = property.collection() == Collection.MAP ? key(property, value) : "" + index;
      elements.add(new Element(value, position));
      index++;
    }
    return elements;
  }

  /**
   * Applies one update, on top of the ones already in `changes`, which becomes the body of an
   * ordinary update of the object.
   */
  public static void apply(ConfigObject object, JsonNode update, ObjectNode changes) {
    String field = update.path("field").asString("");
    Property property = collection(object, field);
    JsonNode present = changes.has(field) ? changes.get(field) : object.body().path(field);
    ArrayNode list = Json.array();
    list(property, present).forEach(list::add);
    String operation = update.path("operation").asString("");
    boolean map = property.collection() == Collection.MAP;
    JsonNode value = update.path("value");
    String position = update.path("position").asString("");
    switch (operation) {
      case "set" -> put(list, map ? indexOf(property, list, key(property, value)) : -1, value);
      case "add" -> put(list, -1, value);
      case "modify" -> put(list, index(property, list, position, field), value);
      case "delete" -> {
        if (map) {
          int index = indexOf(property, list, position);
          if (index >= 0) {
            list.remove(index);
          }
        } else {
          list.remove(index(property, list, position, field));
        }
      }
      default ->
          throw HttpError.badRequest(
              "Bad Request: operation of "
                  + field
                  + " is one of add, modify, set, delete, not "
                  + operation);
    }
    changes.set(field, wrap(property, list));
  }

  private static void put(ArrayNode list, int index, JsonNode value) {
    if (index < 0) {
      list.add(value);
    } else {
      list.set(index, value);
    }
  }

  private static int index(Property property, ArrayNode list, String position, String field) {
    if (property.collection() == Collection.MAP) {
      int index = indexOf(property, list, position);
      if (index >= 0) {
        return index;
      }
    } else if (position.matches("\\d{1,9}") && Integer.parseInt(position) < list.size()) {
      return Integer.parseInt(position);
    }
    throw HttpError.notFound("No element at position " + position + " of " + field);
  }

  private static int indexOf(Property property, ArrayNode list, String key) {
    for (int i = 0; i < list.size(); i++) {
      if (key(property, list.get(i)).equals(key)) {
        return i;
      }
    }
    return -1;
  }

  private static String key(Property property, JsonNode value) {
    String key = property.mapKey();
    return key == null ? "" : value.path(key).asString("");
  }

  private static Property collection(ConfigObject object, String field) {
    Property property = object.type().property(field);
    if (property == null || property.collection() == Collection.SINGLE) {
      throw HttpError.badRequest(field + " neither \"ListProperty\" nor \"MapProperty\"");
    }
    return property;
  }

  private static JsonNode list(Property property, JsonNode value) {
    String wrapper = wrapper(property);
    return wrapper == null ? value : value.path(wrapper);
  }

  private static JsonNode wrap(Property property, ArrayNode list) {
    String wrapper = wrapper(property);
    if (wrapper == null) {
      return list;
    }
    ObjectNode wrapped = Json.object();
    wrapped.set(wrapper, list);
    return wrapped;
  }

  /** The one field of the object around the elements. */
  private static @Nullable String wrapper(Property property) {
    boolean wrapped = property.collection() != Collection.LIST;
    return wrapped && property.type() instanceof ValueType.Complex complex
        ? complex.type().fields().getFirst().name()
        : null;
  }
}
