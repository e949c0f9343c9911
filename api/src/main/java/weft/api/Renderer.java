package weft.api;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.model.ObjectChanges;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.schema.BackReferenceType;
import weft.schema.ChildType;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/** Objects as clients see them: with name, URLs, children and back references. */
final class Renderer {
  private static final Set<String> ALWAYS =
      Set.of("uuid", "fq_name", "parent_type", "parent_uuid", "id_perms", "perms2");

  private final ConfigImage image;
  private final Hrefs hrefs;
  private final View view;

  /**
   * What is to be seen of an object.
   *
   * @param fields the only properties, references, children and back references; null for all
   * @param children whether children are shown that `fields` does not name
   * @param backRefs whether back references are shown that `fields` does not name
   * @param hrefs whether references, children and back references have URLs
   */
  record View(@Nullable Set<String> fields, boolean children, boolean backRefs, boolean hrefs) {}

  Renderer(ConfigImage image, Hrefs hrefs, View view) {
    this.image = image;
    this.hrefs = hrefs;
    this.view = view;
  }

  /** The object in full, but for its own URL. */
  ObjectNode content(ConfigObject object) {
    ObjectNode out = Json.object();
    for (var entry : object.body().properties()) {
      String name = entry.getKey();
      if (ALWAYS.contains(name) || asked(name)) {
        boolean reference = object.type().reference(name) != null;
        out.set(name, reference ? references(object, name, entry.getValue()) : entry.getValue());
      }
    }
    out.put("name", object.name());
    addChildren(object, name -> shown(name, view.children()), out);
    addBackReferences(object, name -> shown(name, view.backRefs()), out);
    return out;
  }

  /** Adds the children and back references of the given names. */
  void addRelatives(ConfigObject object, Set<String> names, ObjectNode out) {
    addChildren(object, names::contains, out);
    addBackReferences(object, names::contains, out);
  }

  /** Adds the URLs of the object and of its parent. */
  void addHrefs(ConfigObject object, ObjectNode out) {
    out.put("href", hrefs.of(object));
    String parent = object.parentType();
    if (parent != null) {
      out.put("parent_href", hrefs.of(parent, object.body().path("parent_uuid").asString()));
    }
  }

  private boolean asked(String name) {
    Set<String> fields = view.fields();
    return fields == null || fields.contains(name);
  }

  private ArrayNode references(ConfigObject object, String name, JsonNode list) {
    ArrayNode out = Json.array();
    String target = Objects.requireNonNull(object.type().reference(name)).targetName();
    for (JsonNode stored : list) {
      ObjectNode ref = Json.object();
      stored
          .properties()
          .forEach(entry -> {
            if (!entry.getKey().equals(ObjectChanges.RELAXED)) {
              ref.set(entry.getKey(), entry.getValue());
            }
          });
      out.add(withHref(ref, target));
    }
    return out;
  }

  private ObjectNode withHref(ObjectNode node, String type) {
    if (view.hrefs()) {
      node.put("href", hrefs.of(type, node.path("uuid").asString()));
    }
    return node;
  }

  private void addChildren(ConfigObject object, Predicate<String> shown, ObjectNode out) {
    for (ChildType child : object.type().children()) {
      if (!shown.test(child.name())) {
        continue;
      }
      List<ConfigObject> children = image.children(object.uuid(), child.typeName());
      if (!children.isEmpty()) {
        ArrayNode list = out.putArray(child.name());
        for (ConfigObject each : children) {
          ObjectNode node = Json.object();
          node.set("to", each.fqName().toJson());
          node.put("uuid", each.uuid().toString());
          list.add(withHref(node, child.typeName()));
        }
      }
    }
  }

  private void addBackReferences(ConfigObject object, Predicate<String> shown, ObjectNode out) {
    for (BackReferenceType back : object.type().backReferences()) {
      if (!shown.test(back.name())) {
        continue;
      }
      List<ConfigObject> referrers = image.referrers(object.uuid(), back.typeName());
      if (!referrers.isEmpty()) {
        ArrayNode list = out.putArray(back.name());
        referrers.forEach(referrer -> list.add(backReference(object, referrer)));
      }
    }
  }

  private ObjectNode backReference(ConfigObject object, ConfigObject referrer) {
    JsonNode attr = null;
    for (Ref ref : referrer.refs(object.type().name())) {
      if (ref.uuid().equals(object.uuid())) {
        attr = ref.attr();
      }
    }
    ObjectNode node = new Ref(referrer.uuid(), referrer.fqName(), attr).toJson();
    return withHref(node, referrer.type().name());
  }

  private boolean shown(String name, boolean byDefault) {
    Set<String> fields = view.fields();
    return fields == null ? byDefault : fields.contains(name);
  }
}
