package weft.api;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Access;
import weft.api.model.ObjectChanges;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.schema.BackReferenceType;
import weft.schema.ChildType;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.JsonCursor;
import weft.schema.ReferenceType;

/**
 * Writes objects as clients see them: with name, URLs, children and back references.
 *
 * <p>What is stored is taken over byte by byte; nothing is parsed.
 */
final class Renderer {
  private static final int TREE_BYTES = 2048;
  private static final Set<String> IDENTITY =
      Set.of("uuid", "fq_name", "parent_type", "parent_uuid", "id_perms", "perms2");
  private static final Set<String> PLACE = Set.of("uuid", "fq_name", "parent_type", "parent_uuid");
  private static final Set<String> NAME = Set.of("uuid", "fq_name");

  private final ConfigImage image;
  private final View view;
  private final Access access;

  /** Protocol and host, as they stand within a string of JSON. */
  private final byte[] base;

  /**
   * What is to be seen of an object.
   *
   * @param always the properties that are shown whatever the others
   * @param named whether `name` is among them
   * @param fields the only further properties and references; null for all
   * @param relatives the only children and back references; null for those that the two below say
   * @param children whether children are shown
   * @param backRefs whether back references are shown
   * @param inner whether references, children, back references and the parent have URLs
   * @param href whether the object has its own URL
   */
  record View(
      Set<String> always,
      boolean named,
      @Nullable Set<String> fields,
      @Nullable Set<String> relatives,
      boolean children,
      boolean backRefs,
      boolean inner,
      boolean href) {

    /** Of an object that is read alone. */
    static View alone(
        @Nullable Set<String> fields, boolean children, boolean backRefs, boolean hrefs) {
      return new View(IDENTITY, true, fields, fields, children, backRefs, hrefs, hrefs);
    }

    /** Of the items of a list in detail; children and back references only as asked for. */
    static View detail(@Nullable Set<String> fields, boolean href) {
      Set<String> relatives = fields == null ? Set.of() : fields;
      return new View(IDENTITY, true, null, relatives, false, false, false, href);
    }

    /** Of the items of a short list. */
    static View brief(@Nullable Set<String> fields, boolean href) {
      return fields == null
          ? new View(NAME, false, Set.of(), Set.of(), false, false, false, href)
          : new View(PLACE, fields.contains("name"), fields, fields, false, false, false, href);
    }

    /** Of an object that is watched; null for all of its properties and references. */
    static View watched(@Nullable Set<String> fields) {
      Set<String> relatives = fields == null ? Set.of() : fields;
      return new View(IDENTITY, true, fields, relatives, false, false, false, true);
    }

    private boolean shows(String name) {
      return fields == null || fields.contains(name) || always.contains(name);
    }

    private boolean showsChildren(String name) {
      return relatives == null ? children : relatives.contains(name);
    }

    private boolean showsBackReferences(String name) {
      return relatives == null ? backRefs : relatives.contains(name);
    }
  }

  Renderer(ConfigImage image, Hrefs hrefs, View view, Access access) {
    this.image = image;
    this.view = view;
    this.access = access;
    this.base = JsonOutput.inner(hrefs.base());
  }

  /** Writes `{"<type>": {…}}`. */
  void writeWrapped(ConfigObject object, JsonOutput out) {
    out.beginObject().name(object.type().name());
    write(object, out);
    out.endObject();
  }

  /** The object as a tree, for a caller that goes on with it. */
  ObjectNode content(ConfigObject object) {
    JsonOutput out = new JsonOutput(TREE_BYTES);
    write(object, out);
    return (ObjectNode) Json.parse(out.toBytes());
  }

  /** Writes the object. */
  void write(ConfigObject object, JsonOutput out) {
    out.beginObject();
    for (JsonCursor member = object.members(); member.next(); ) {
      ReferenceType reference =
          member.nameEndsWith("_refs") ? object.type().reference(member.name()) : null;
      if (view.fields() == null || view.shows(member.name())) {
        out.next();
        if (reference == null) {
          out.raw(member.bytes(), member.memberFrom(), member.valueTo());
        } else {
          out.raw(member.bytes(), member.memberFrom(), member.valueFrom());
          writeReferences(member.within(), reference.targetName(), out);
        }
      }
    }
    if (view.named()) {
      out.name("name").string(object.name());
    }
    writeChildren(object, out);
    writeBackReferences(object, out);
    if (view.href()) {
      writeHref("href", object.type().name(), object.uuid(), out);
    }
    String parentType = view.href() && view.inner() ? object.parentType() : null;
    UUID parentUuid = parentType == null ? null : object.parentUuid();
    if (parentType != null && parentUuid != null) {
      writeHref("parent_href", parentType, parentUuid, out);
    }
    out.endObject();
  }

  private void writeReferences(JsonCursor list, String target, JsonOutput out) {
    out.beginArray();
    while (list.next()) {
      out.next().beginObject();
      int uuidFrom = 0;
      int uuidTo = 0;
      for (JsonCursor member = list.within(); member.next(); ) {
        if (member.nameIs(ObjectChanges.RELAXED)) {
          continue;
        }
        out.next().raw(member.bytes(), member.memberFrom(), member.valueTo());
        if (member.nameIs("uuid")) {
          uuidFrom = member.valueFrom() + 1;
          uuidTo = member.valueTo() - 1;
        }
      }
      if (view.inner()) {
        beginHref("href", target, out).raw(list.bytes(), uuidFrom, uuidTo).one('"');
      }
      out.endObject();
    }
    out.endArray();
  }

  private JsonOutput beginHref(String name, String type, JsonOutput out) {
    return out.name(name).one('"').raw(base, 0, base.length).one('/').ascii(type).one('/');
  }

  private void writeHref(String name, String type, UUID uuid, JsonOutput out) {
    beginHref(name, type, out).ascii(uuid.toString()).one('"');
  }

  private void writeChildren(ConfigObject object, JsonOutput out) {
    if (!view.children() && view.relatives() == null) {
      return;
    }
    for (ChildType child : object.type().children()) {
      if (!view.showsChildren(child.name())) {
        continue;
      }
      List<ConfigObject> children = readable(image.children(object.uuid(), child.typeName()));
      if (!children.isEmpty()) {
        out.name(child.name()).beginArray();
        for (ConfigObject each : children) {
          beginRelative(each, out);
          endRelative(each, out);
        }
        out.endArray();
      }
    }
  }

  private void writeBackReferences(ConfigObject object, JsonOutput out) {
    if (!view.backRefs() && view.relatives() == null) {
      return;
    }
    for (BackReferenceType back : object.type().backReferences()) {
      if (!view.showsBackReferences(back.name())) {
        continue;
      }
      List<ConfigObject> referrers = readable(image.referrers(object.uuid(), back.typeName()));
      if (!referrers.isEmpty()) {
        out.name(back.name()).beginArray();
        String list = object.type().jsonName() + "_refs";
        for (ConfigObject each : referrers) {
          beginRelative(each, out);
          writeData(each, list, object.uuid(), out);
          endRelative(each, out);
        }
        out.endArray();
      }
    }
  }

  /** Nobody learns of others from what he may read. */
  private List<ConfigObject> readable(List<ConfigObject> objects) {
    return access.seesAll() ? objects : objects.stream().filter(access::reads).toList();
  }

  private static void beginRelative(ConfigObject relative, JsonOutput out) {
    FqName fqName = relative.fqName();
    out.next().beginObject().name("to").fqName(fqName).name("uuid").uuid(relative.uuid());
  }

  private void endRelative(ConfigObject relative, JsonOutput out) {
    if (view.inner()) {
      writeHref("href", relative.type().name(), relative.uuid(), out);
    }
    out.endObject();
  }

  /** The data of the reference from `referrer` to `target`. */
  private static void writeData(ConfigObject referrer, String list, UUID target, JsonOutput out) {
    JsonCursor member = referrer.members();
    String uuid = target.toString();
    if (member.find(list)) {
      for (JsonCursor refs = member.within(); refs.next(); ) {
        JsonCursor ref = refs.within();
        if (ref.find("uuid") && ref.text().equals(uuid)) {
          JsonCursor data = refs.within();
          if (data.find("attr")) {
            out.name("attr").raw(data.bytes(), data.valueFrom(), data.valueTo());
            return;
          }
        }
      }
    }
    out.name("attr").ascii("null");
  }
}
