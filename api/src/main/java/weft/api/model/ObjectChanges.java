package weft.api.model;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Right;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.Property;
import weft.schema.PythonText;
import weft.schema.Ref;
import weft.schema.ReferenceType;

/**
 * Creating, changing and deleting one object, as functions from request and image to an edit. Each
 * call is a step of the edit: the next one sees what it did.
 *
 * <p>The time and the uuids of new objects come with the edit, so the same request on the same
 * image gives the same result.
 */
public final class ObjectChanges {
  /** The field of a stored reference that says it is relaxed; never shown. */
  public static final String RELAXED = "relaxed";

  /** Properties with rules of their own, see {@link Identity}. */
  private static final Set<String> IDENTITY = Set.of("id_perms", "perms2");

  private static final Set<String> NAMING =
      Set.of("uuid", "name", "fq_name", "href", "parent_type", "parent_uuid", "parent_href");

  private ObjectChanges() {}

  /** Adds a new object to the edit. */
  public static ConfigObject create(ObjectType type, JsonNode sent, Edit edit) {
    edit.access().check(Right.CREATE, type.name(), fields(sent, edit));
    ObjectNode request = Checked.create(type, sent);
    Names names = Names.read(request, edit);
    UUID uuid = Names.uuid(request.path("uuid"), "uuid");
    checkVacant(type, uuid, names, edit);
    UUID chosen = uuid == null ? edit.newUuid() : uuid;
    ConfigObject parent = names.parent();
    edit.access().checkCreate(type, parent);
    ObjectNode body = Json.object();
    Identity.begin(body, chosen, names.fqName(), request, edit.now());
    String owner = Identity.owner(type, chosen, parent, edit);
    Identity.own(body, request.get("perms2"), owner, edit.access());
    if (parent != null) {
      Identity.place(body, parent.type(), parent.uuid());
    }
    readProperties(type, request, body);
    References.read(type, request, body, edit);
    Draft draft = new Draft(type, chosen, names.fqName(), null, body, request, edit);
    Behaviours.of(type).onCreate(draft);
    ConfigObject object = draft.object();
    Quotas.created(object, edit);
    edit.create(object);
    edit.completeStep();
    return object;
  }

  /** Changes the properties and references that a request names. */
  public static void update(ConfigObject before, JsonNode sent, Edit edit) {
    ObjectType type = before.type();
    edit.access().check(Right.UPDATE, type.name(), fields(sent, edit));
    edit.access().checkWrite(before);
    ObjectNode request = Checked.update(type, sent);
    ObjectNode body = before.body().deepCopy();
    readProperties(type, request, body);
    References.read(type, request, body, edit);
    if (request.hasNonNull("perms2")) {
      ObjectNode perms2 = body.withObjectProperty("perms2");
      body.set("perms2", Identity.changedPerms2(perms2, request.get("perms2")));
    }
    finish(before, body, request, edit);
  }

  /** Gives an object a body for which the caller answers: the rules of its type are not asked. */
  public static void rewrite(ConfigObject before, ObjectNode body, Edit edit) {
    edit.access().check(Right.UPDATE, before.type().name());
    edit.access().checkWrite(before);
    Identity.touch(body, null, edit.now());
    ConfigObject after =
        new ConfigObject(before.type(), before.uuid(), before.fqName(), body, before.revision());
    Quotas.changed(before, after, edit);
    edit.replace(after);
    edit.completeStep();
  }

  private static void checkReferring(ConfigObject object, String reference, Edit edit) {
    edit.access().check(Right.UPDATE, object.type().name(), List.of(reference));
    edit.access().checkWrite(object);
  }

  /** What a request sets, but for what names the object. */
  private static Collection<String> fields(JsonNode sent, Edit edit) {
    if (edit.access().unlimited()) {
      return List.of();
    }
    Set<String> fields = new HashSet<>(sent.propertyNames());
    fields.removeAll(NAMING);
    return fields;
  }

  /** Takes over every property of a valid request; null unsets it. */
  private static void readProperties(ObjectType type, ObjectNode request, ObjectNode body) {
    for (Property property : type.properties()) {
      JsonNode value = request.get(property.name());
      if (value == null || IDENTITY.contains(property.name())) {
        continue;
      }
      if (value.isNull()) {
        body.remove(property.name());
      } else {
        body.set(property.name(), value);
      }
    }
  }

  /** Adds a reference, or gives it other data. */
  public static void addReference(
      ConfigObject before,
      ReferenceType reference,
      ConfigObject target,
      @Nullable JsonNode attr,
      Edit edit) {
    checkReferring(before, reference.name(), edit);
    edit.access().checkLink(target);
    ObjectNode body = before.body().deepCopy();
    ArrayNode list = without(body, reference, target.uuid());
    JsonNode data =
        attr == null || attr.isNull() ? NullNode.instance : Checked.attr(reference, attr);
    list.add(References.stored(target, data));
    body.set(reference.name(), list);
    finish(before, body, referenceRequest(reference, list), edit);
  }

  public static void removeReference(
      ConfigObject before, ReferenceType reference, UUID target, Edit edit) {
    checkReferring(before, reference.name(), edit);
    ObjectNode body = before.body().deepCopy();
    ArrayNode list = without(body, reference, target);
    if (list.isEmpty()) {
      body.remove(reference.name());
    } else {
      body.set(reference.name(), list);
    }
    finish(before, body, referenceRequest(reference, list), edit);
  }

  /**
   * Adds an object that the server makes by itself, for the owner of its parent.
   *
   * @param parent may be under way itself
   * @param properties its properties and references
   */
  static ConfigObject createChild(
      ObjectType type, Draft parent, String name, ObjectNode properties) {
    Edit edit = parent.edit();
    UUID uuid = edit.newUuid();
    FqName fqName = parent.fqName().child(name);
    ObjectNode body = Json.object();
    Identity.begin(body, uuid, fqName, Json.object(), edit.now());
    Identity.own(body, null, parent.body().path("perms2").path("owner").asString(), edit.access());
    Identity.place(body, parent.type(), parent.uuid());
    body.setAll(properties);
    ConfigObject object = new ConfigObject(type, uuid, fqName, body, 0);
    edit.create(object);
    return object;
  }

  /** Lets a reference no longer hold back the deletion of its target. */
  public static void relaxReference(ConfigObject before, UUID target, Edit edit) {
    ObjectNode body = before.body().deepCopy();
    boolean found = false;
    for (ReferenceType reference : before.type().references()) {
      for (JsonNode element : body.path(reference.name())) {
        if (element.path("uuid").asString("").equals(target.toString())) {
          checkReferring(before, reference.name(), edit);
          ((ObjectNode) element).put(RELAXED, true);
          found = true;
        }
      }
    }
    if (!found) {
      throw HttpError.notFound("No reference from " + before.uuid() + " to " + target);
    }
    edit.replace(
        new ConfigObject(before.type(), before.uuid(), before.fqName(), body, before.revision()));
    edit.completeStep();
  }

  /** Deletes an object, and drops the relaxed references to it. */
  public static void delete(ConfigObject object, Edit edit) {
    UUID parent = object.parentUuid();
    edit.access().check(Right.DELETE, object.type().name());
    edit.access().checkDelete(object, parent == null ? null : edit.current(parent));
    for (ConfigObject referrer : edit.image().referrers(object.uuid())) {
      ConfigObject current = edit.current(referrer.uuid());
      if (current != null) {
        dropReferences(current, object.uuid(), true, edit);
      }
    }
    Behaviours.of(object.type()).onDelete(object, edit);
    Quotas.deleted(object, edit);
    edit.delete(object);
    edit.completeStep();
  }

  /** Drops the references of `referrer` to `target`; only the relaxed ones if so wished. */
  static void dropReferences(ConfigObject referrer, UUID target, boolean relaxedOnly, Edit edit) {
    ObjectNode body = referrer.body().deepCopy();
    boolean changed = false;
    for (ReferenceType reference : referrer.type().references()) {
      if (!(body.get(reference.name()) instanceof ArrayNode list)) {
        continue;
      }
      int size = list.size();
      list.removeIf(element ->
          element.path("uuid").asString("").equals(target.toString())
              && (!relaxedOnly || element.path(RELAXED).asBoolean(false)));
      changed |= list.size() < size;
      if (list.isEmpty()) {
        body.remove(reference.name());
      }
    }
    if (changed) {
      edit.replace(
          new ConfigObject(
              referrer.type(), referrer.uuid(), referrer.fqName(), body, referrer.revision()));
    }
  }

  private static void finish(ConfigObject before, ObjectNode body, ObjectNode request, Edit edit) {
    Draft draft =
        new Draft(before.type(), before.uuid(), before.fqName(), before, body, request, edit);
    Behaviours.of(before.type()).onUpdate(draft);
    boolean identity = request.hasNonNull("id_perms");
    if (identity || !body.equals(before.body())) {
      Identity.touch(body, request.get("id_perms"), edit.now());
      Quotas.changed(before, draft.object(), edit);
      edit.replace(draft.object());
    }
    edit.completeStep();
  }

  private static ArrayNode without(ObjectNode body, ReferenceType reference, UUID target) {
    ArrayNode list = Json.array();
    body.path(reference.name())
        .forEach(element -> {
          if (!Ref.of(element).uuid().equals(target)) {
            list.add(element);
          }
        });
    return list;
  }

  private static ObjectNode referenceRequest(ReferenceType reference, ArrayNode list) {
    ObjectNode request = Json.object();
    request.set(reference.name(), list);
    return request;
  }

  private static void checkVacant(ObjectType type, @Nullable UUID uuid, Names names, Edit edit) {
    ConfigObject holder = edit.current(type.name(), names.fqName());
    if (holder != null) {
      throw nameTaken(names.fqName(), holder.uuid());
    }
    ConfigObject same = uuid == null ? null : edit.current(uuid);
    if (same != null) {
      throw uuidTaken(same);
    }
  }

  /** The refusal of a name that another object of the type has. */
  public static HttpError nameTaken(FqName name, UUID holder) {
    return HttpError.conflict(PythonText.of(name) + " already exists with uuid: " + holder);
  }

  /** The refusal of a uuid that another object has. */
  public static HttpError uuidTaken(ConfigObject holder) {
    return HttpError.conflict(
        holder.uuid() + " already exists with fq_name: " + PythonText.of(holder.fqName()));
  }
}
