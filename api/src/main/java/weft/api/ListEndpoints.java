package weft.api;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;
import weft.schema.ObjectType;
import weft.schema.ReferenceType;

/** Lists of the objects of one type. */
final class ListEndpoints {
  private static final List<String> SHORT = List.of("uuid", "fq_name");
  private static final List<String> SHORT_WITH_FIELDS = List.of("parent_uuid", "parent_type");

  private final ConfigDb db;

  ListEndpoints(ConfigDb db) {
    this.db = db;
  }

  Response list(ObjectType type, Request request, Caller caller) {
    return list(type, ListQuery.of(request.query()), Hrefs.of(request));
  }

  Response bulk(Request request, Caller caller) {
    JsonNode body = request.json();
    ObjectType type = NameEndpoints.type(body.path("type").asString(""));
    return list(type, ListQuery.of(body), Hrefs.of(request));
  }

  private Response list(ObjectType type, ListQuery query, Hrefs hrefs) {
    ConfigImage image = db.image();
    List<ConfigObject> found = new ArrayList<>();
    for (ConfigObject object : candidates(type, query, image)) {
      if (accepts(object, query)) {
        found.add(object);
      }
    }
    ObjectNode out = Json.object();
    if (query.count()) {
      out.putObject(type.plural()).put("count", found.size());
      return Response.json(out);
    }
    String marker = null;
    ListQuery.Page page = query.page();
    if (page != null) {
      List<ConfigObject> piece = page(found, page);
      marker = piece.size() < page.limit() ? null : marker(piece.getLast());
      found = piece;
    }
    ArrayNode items = out.putArray(type.plural());
    Items builder = new Items(image, hrefs, query);
    found.forEach(object -> items.add(builder.item(object)));
    if (page != null) {
      out.put("marker", marker);
    }
    return Response.json(out);
  }

  /** The smallest set at hand that holds all that is asked for. */
  private static Collection<ConfigObject> candidates(
      ObjectType type, ListQuery query, ConfigImage image) {
    Set<UUID> uuids = query.uuids();
    Set<UUID> parents = query.parents();
    Set<UUID> backRefs = query.backRefs();
    Map<UUID, ConfigObject> found = new LinkedHashMap<>();
    if (uuids != null) {
      for (UUID uuid : uuids) {
        ConfigObject object = image.object(uuid);
        if (object != null && object.type() == type) {
          found.put(uuid, object);
        }
      }
    } else if (query.names() != null) {
      query.names().stream()
          .map(name -> image.object(type.name(), name))
          .filter(object -> object != null)
          .forEach(object -> found.put(object.uuid(), object));
    } else if (parents != null) {
      for (UUID parent : parents) {
        image.children(parent, type.name()).forEach(each -> found.put(each.uuid(), each));
      }
    } else if (backRefs != null) {
      for (UUID target : backRefs) {
        image.referrers(target, type.name()).forEach(each -> found.put(each.uuid(), each));
      }
    } else {
      return image.objects(type.name());
    }
    return found.values();
  }

  private static boolean accepts(ConfigObject object, ListQuery query) {
    if (query.uuids() != null && !query.uuids().contains(object.uuid())) {
      return false;
    }
    if (query.names() != null && !query.names().contains(object.fqName())) {
      return false;
    }
    UUID parent = object.parentUuid();
    if (query.parents() != null && (parent == null || !query.parents().contains(parent))) {
      return false;
    }
    if (query.parentName() != null
        && (object.fqName().size() < 2 || !object.fqName().parent().equals(query.parentName()))) {
      return false;
    }
    if (query.parentType() != null && !query.parentType().equals(object.parentType())) {
      return false;
    }
    return refersToAny(object, query.backRefs()) && query.filter().accepts(object);
  }

  private static boolean refersToAny(ConfigObject object, @Nullable Set<UUID> targets) {
    if (targets == null) {
      return true;
    }
    for (ReferenceType reference : object.type().references()) {
      for (JsonNode ref : object.body().path(reference.name())) {
        if (targets.contains(UUID.fromString(ref.path("uuid").asString()))) {
          return true;
        }
      }
    }
    return false;
  }

  private static List<ConfigObject> page(List<ConfigObject> found, ListQuery.Page page) {
    String after = page.marker();
    return found.stream()
        .sorted(Comparator.comparing(ListEndpoints::marker))
        .filter(object -> after == null || marker(object).compareTo(after) > 0)
        .limit(page.limit())
        .toList();
  }

  private static String marker(ConfigObject object) {
    return object.fqName() + ":" + object.uuid();
  }

  /** Makes the items of one list. */
  private static final class Items {
    final ListQuery query;
    final Hrefs hrefs;
    final Renderer renderer;

    Items(ConfigImage image, Hrefs hrefs, ListQuery query) {
      this.query = query;
      this.hrefs = hrefs;
      this.renderer = new Renderer(image, hrefs, view(query));
    }

    /** Children and back references are shown where `fields` names them; no URLs within. */
    private static Renderer.View view(ListQuery query) {
      return new Renderer.View(query.detail() ? null : query.fields(), false, false, false);
    }

    ObjectNode item(ConfigObject object) {
      return query.detail() ? detail(object) : brief(object);
    }

    private ObjectNode detail(ConfigObject object) {
      ObjectNode content = renderer.content(object);
      Set<String> fields = query.fields();
      if (fields != null) {
        renderer.addRelatives(object, fields, content);
      }
      addHref(object, content);
      ObjectNode item = Json.object();
      item.set(object.type().name(), content);
      return item;
    }

    private ObjectNode brief(ConfigObject object) {
      ObjectNode item = Json.object();
      SHORT.forEach(name -> item.set(name, object.body().get(name)));
      Set<String> fields = query.fields();
      if (fields != null) {
        ObjectNode content = renderer.content(object);
        copy(SHORT_WITH_FIELDS, content, item);
        copy(fields, content, item);
      }
      addHref(object, item);
      return item;
    }

    private static void copy(Collection<String> names, ObjectNode from, ObjectNode to) {
      names.stream().filter(from::has).forEach(name -> to.set(name, from.get(name)));
    }

    private void addHref(ConfigObject object, ObjectNode item) {
      if (!query.excludeHrefs()) {
        item.put("href", hrefs.of(object));
      }
    }
  }
}
