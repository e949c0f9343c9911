package weft.api;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.api.access.Access;
import weft.api.access.AccessControl;
import weft.api.access.Caller;
import weft.api.access.Right;
import weft.api.model.Names;
import weft.config.ConfigDb;
import weft.config.ConfigImage;
import weft.http.Request;
import weft.http.Response;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;

/** Lists of the objects of one type. */
final class ListEndpoints {
  private static final int ITEM_BYTES = 1500;

  /** Lists longer than this grow as they are written. */
  private static final int MANY = 1000;

  private final ConfigDb db;
  private final AccessControl control;

  ListEndpoints(ConfigDb db, AccessControl control) {
    this.control = control;
    this.db = db;
  }

  Response list(ObjectType type, Request request, Caller caller) {
    return list(type, ListQuery.of(request.query()), Hrefs.of(request), caller);
  }

  Response bulk(Request request, Caller caller) {
    JsonNode body = request.json();
    ObjectType type = NameEndpoints.type(body.path("type").asString(""));
    return list(type, ListQuery.of(body), Hrefs.of(request), caller);
  }

  private Response list(ObjectType type, ListQuery query, Hrefs hrefs, Caller caller) {
    ConfigImage image = db.image();
    Access access = control.access(caller, image);
    access.check(Right.READ, type.name());
    ListQuery.Page page = query.count() ? null : query.page();
    FqName after = page == null ? null : after(type, page.marker(), image);
    int limit = page == null ? Integer.MAX_VALUE : page.limit();
    List<ConfigObject> found = new ArrayList<>();
    for (Iterable<ConfigObject> some : candidates(type, query, image, after)) {
      for (ConfigObject object : some) {
        if (found.size() < limit && accepts(object, query, access)) {
          found.add(object);
        }
        if (found.size() == limit) {
          break;
        }
      }
    }
    JsonOutput out = new JsonOutput(ITEM_BYTES * (1 + Math.min(found.size(), MANY)));
    out.beginObject().name(type.plural());
    if (query.count()) {
      out.beginObject().name("count").ascii(Integer.toString(found.size())).endObject();
    } else {
      write(found, query, new Renderer(image, hrefs, view(query), access), out);
      if (page != null) {
        out.name("marker");
        if (found.size() < limit) {
          out.ascii("null");
        } else {
          out.string(marker(found.getLast()));
        }
      }
    }
    return new Response(200, Response.JSON, out.endObject().toBytes(), Map.of());
  }

  private static void write(
      List<ConfigObject> found, ListQuery query, Renderer renderer, JsonOutput out) {
    out.beginArray();
    for (ConfigObject object : found) {
      out.next();
      if (query.detail()) {
        renderer.writeWrapped(object, out);
      } else {
        renderer.write(object, out);
      }
    }
    out.endArray();
  }

  private static Renderer.View view(ListQuery query) {
    boolean href = !query.excludeHrefs();
    return query.detail()
        ? Renderer.View.detail(query.fields(), href)
        : Renderer.View.brief(query.fields(), href);
  }

  /**
   * The smallest sets at hand that hold all that is asked for, each in order of name; none is
   * walked further than it has to be.
   *
   * @param after only names behind this one
   */
  private static Iterable<Iterable<ConfigObject>> candidates(
      ObjectType type, ListQuery query, ConfigImage image, @Nullable FqName after) {
    Set<UUID> uuids = query.uuids();
    Set<FqName> names = query.names();
    Set<UUID> parents = query.parents();
    Set<UUID> backRefs = query.backRefs();
    if (query.shared()) {
      // What is shared may be anywhere.
      return List.of(
          after == null ? image.objects(type.name()) : image.objects(type.name(), after));
    }
    if (uuids != null) {
      return List.of(chosen(uuids.stream().map(image::object), type, query, after));
    }
    if (names != null) {
      return List.of(
          chosen(names.stream().map(name -> image.object(type.name(), name)), type, query, after));
    }
    if (parents != null) {
      return parents.stream()
          .map(image::object)
          .filter(Objects::nonNull)
          .map(ConfigObject::fqName)
          .distinct()
          .sorted()
          .<Iterable<ConfigObject>>map(parent -> below(parent, type, image, after))
          .toList();
    }
    if (backRefs != null) {
      return List.of(
          chosen(
              backRefs.stream().flatMap(target -> image.referrers(target, type.name()).stream()),
              type,
              query,
              after));
    }
    return List.of(after == null ? image.objects(type.name()) : image.objects(type.name(), after));
  }

  /** In the order given where there are no pages. */
  private static List<ConfigObject> chosen(
      Stream<@Nullable ConfigObject> some,
      ObjectType type,
      ListQuery query,
      @Nullable FqName after) {
    Stream<ConfigObject> objects =
        some.filter(Objects::nonNull)
            .filter(object -> object.type() == type)
            .filter(object -> after == null || object.fqName().compareTo(after) > 0)
            .distinct();
    return query.page() == null
        ? objects.toList()
        : objects.sorted(Comparator.comparing(ConfigObject::fqName)).toList();
  }

  /** The objects whose name begins with that of a parent: they follow it in the order of names. */
  private static Iterable<ConfigObject> below(
      FqName parent, ObjectType type, ConfigImage image, @Nullable FqName after) {
    FqName start = after == null || after.compareTo(parent) < 0 ? parent : after;
    return () ->
        image.objects(type.name(), start).stream()
            .takeWhile(object -> object.fqName().startsWith(parent))
            .filter(object -> object.fqName().size() == parent.size() + 1)
            .iterator();
  }

  /** The name of the last object of the page before. */
  private static @Nullable FqName after(
      ObjectType type, @Nullable String marker, ConfigImage image) {
    if (marker == null) {
      return null;
    }
    int end = marker.length() - 36;
    ConfigObject last = image.object(Names.uuid(marker.substring(end), "page_marker"));
    if (last != null && last.type() == type) {
      return last.fqName();
    }
    // It is gone since; names of objects without parent may have colons in them.
    String name = marker.substring(0, end - 1);
    return type.parents().isEmpty() ? FqName.of(name) : FqName.parse(name);
  }

  private static boolean accepts(ConfigObject object, ListQuery query, Access access) {
    boolean asked = narrowedTo(object, query) && access.reads(object);
    return (asked || query.shared() && access.sharedToRead(object))
        && query.filter().accepts(object);
  }

  private static boolean narrowedTo(ConfigObject object, ListQuery query) {
    if (query.uuids() != null && !query.uuids().contains(object.uuid())) {
      return false;
    }
    if (query.names() != null && !query.names().contains(object.fqName())) {
      return false;
    }
    if (query.parents() != null && !query.parents().contains(object.parentUuid())) {
      return false;
    }
    if (query.parentName() != null
        && (object.fqName().size() < 2 || !object.fqName().parent().equals(query.parentName()))) {
      return false;
    }
    if (query.parentType() != null && !query.parentType().equals(object.parentType())) {
      return false;
    }
    return refersToAny(object, query.backRefs());
  }

  private static boolean refersToAny(ConfigObject object, @Nullable Set<UUID> targets) {
    return targets == null || object.targets().stream().anyMatch(targets::contains);
  }

  private static String marker(ConfigObject object) {
    return object.fqName() + ":" + object.uuid();
  }
}
