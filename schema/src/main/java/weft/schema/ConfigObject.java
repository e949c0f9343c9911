package weft.schema;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * A stored object of the config.
 *
 * <p>One that was read from the store keeps the bytes that are there, and makes a tree of them only
 * when asked for its body; the trees last asked for are kept for a while.
 */
public final class ConfigObject {
  private static final byte[] NO_TEXT = new byte[0];
  private static final JsonMapper JSON = new JsonMapper();

  private final ObjectType type;
  private final UUID uuid;
  private final FqName fqName;
  private final long created;
  private final long revision;

  /** `{"<type>": <body>}` as stored; empty for an object that was made here. */
  private final byte[] text;

  private volatile @Nullable ObjectNode tree;

  private ConfigObject(
      ObjectType type,
      UUID uuid,
      FqName fqName,
      long created,
      long revision,
      byte[] text,
      @Nullable ObjectNode tree) {
    this.type = type;
    this.uuid = uuid;
    this.fqName = fqName;
    this.created = created;
    this.revision = revision;
    this.text = text;
    this.tree = tree;
  }

  /**
   * @param body its JSON: uuid, fq_name, parent_type, parent_uuid, properties and `…_refs` lists;
   *     never changed once it is here
   * @param revision of the store at which it was last written; 0 if it is not stored yet
   */
  public ConfigObject(ObjectType type, UUID uuid, FqName fqName, ObjectNode body, long revision) {
    this(type, uuid, fqName, 0, revision, NO_TEXT, body);
  }

  /** Takes uuid and fq_name from the body. */
  public static ConfigObject of(ObjectType type, ObjectNode body, long revision) {
    return new ConfigObject(
        type,
        UUID.fromString(body.path("uuid").asString()),
        FqName.of(body.path("fq_name")),
        body,
        revision);
  }

  /**
   * Reads what the store has.
   *
   * @param text `{"<type>": <body>}`; never changed once it is here
   * @param created the revision of the store at which the object came into being
   * @throws IllegalArgumentException if it is something else
   */
  public static ConfigObject stored(byte[] text, long created, long revision) {
    JsonCursor wrapped = new JsonCursor(text, 0);
    if (!wrapped.next()) {
      throw new IllegalArgumentException("an object without type");
    }
    ObjectType type = Schema.required(wrapped.name());
    UUID uuid = null;
    FqName fqName = null;
    JsonCursor body = wrapped.within();
    while ((uuid == null || fqName == null) && body.next()) {
      if (body.nameIs("uuid")) {
        uuid = body.uuid();
      } else if (body.nameIs("fq_name")) {
        fqName = FqName.of(body);
      }
    }
    if (uuid == null || fqName == null) {
      throw new IllegalArgumentException("an object without uuid or fq_name");
    }
    return new ConfigObject(type, uuid, fqName, created, revision, text, null);
  }

  public ObjectType type() {
    return type;
  }

  public UUID uuid() {
    return uuid;
  }

  public FqName fqName() {
    return fqName;
  }

  /** The revision of the store at which it came into being; 0 for an object that was made here. */
  public long created() {
    return created;
  }

  public long revision() {
    return revision;
  }

  public String name() {
    return fqName.name();
  }

  /** Never to be changed. */
  public ObjectNode body() {
    ObjectNode known = tree;
    if (known != null) {
      return known;
    }
    JsonCursor wrapped = new JsonCursor(text, 0);
    if (!wrapped.next() || !(wrapped.tree() instanceof ObjectNode read)) {
      throw new IllegalArgumentException(uuid + " has no body");
    }
    tree = read;
    Recent.add(this);
    return read;
  }

  /**
   * The bytes that are stored, `{"<type>": <body>}`, not to be changed; null for an object that was
   * made here.
   */
  public byte @Nullable [] text() {
    return text.length == 0 ? null : text;
  }

  /** Over the members of the body, in bytes. */
  public JsonCursor members() {
    if (text.length == 0) {
      return new JsonCursor(JSON.writeValueAsBytes(body()), 0);
    }
    JsonCursor wrapped = new JsonCursor(text, 0);
    wrapped.next();
    return wrapped.within();
  }

  /** Whether looking at a member is cheapest by a walk over the bytes. */
  private boolean walked() {
    return tree == null;
  }

  public @Nullable UUID parentUuid() {
    String parent = string("parent_uuid");
    return parent == null ? null : UUID.fromString(parent);
  }

  public @Nullable String parentType() {
    return string("parent_type");
  }

  private @Nullable String string(String name) {
    if (walked()) {
      JsonCursor member = members();
      return member.find(name) && member.isString() ? member.text() : null;
    }
    JsonNode value = body().path(name);
    return value.isString() ? value.asString() : null;
  }

  /** The value of a property, or null if it is unset. */
  public @Nullable JsonNode property(String jsonName) {
    if (walked()) {
      JsonCursor member = members();
      return member.find(jsonName) && !member.isNull() ? member.tree() : null;
    }
    JsonNode value = body().get(jsonName);
    return value == null || value.isNull() ? null : value;
  }

  /** The references to objects of a type, `virtual-network`, in the order written. */
  public List<Ref> refs(String targetType) {
    JsonNode list = property(targetType.replace('-', '_') + "_refs");
    if (list == null) {
      return List.of();
    }
    List<Ref> refs = new ArrayList<>(list.size());
    list.forEach(node -> refs.add(Ref.of(node)));
    return refs;
  }

  /** Whom it refers to. */
  public Set<UUID> targets() {
    Set<UUID> targets = new HashSet<>();
    links(parent -> {}, targets::add);
    return targets;
  }

  /**
   * Tells of its parent, if it has one, and of whom it refers to; of one that is referred to twice,
   * twice.
   */
  public void links(Consumer<UUID> parent, Consumer<UUID> target) {
    for (JsonCursor member = members(); member.next(); ) {
      // Of the many types of reference that the schema allows, an object has few.
      if (member.nameEndsWith("_refs")) {
        if (member.isArray() && type.reference(member.name()) != null) {
          for (JsonCursor list = member.within(); list.next(); ) {
            JsonCursor ref = list.within();
            if (ref.find("uuid")) {
              target.accept(ref.uuid());
            }
          }
        }
      } else if (member.nameIs("parent_uuid") && member.isString()) {
        parent.accept(member.uuid());
      }
    }
  }

  public ConfigObject withRevision(long newRevision) {
    return new ConfigObject(type, uuid, fqName, created, newRevision, text, tree);
  }

  @Override
  public boolean equals(@Nullable Object o) {
    return this == o
        || o instanceof ConfigObject other
            && revision == other.revision
            && uuid.equals(other.uuid)
            && type.equals(other.type)
            && fqName.equals(other.fqName)
            && body().equals(other.body());
  }

  @Override
  public int hashCode() {
    return Objects.hash(uuid, revision);
  }

  @Override
  public String toString() {
    return type + " " + fqName + " " + uuid + "@" + revision;
  }

  /** The objects whose trees were made last: those before them forget theirs. */
  private static final class Recent {
    private static final int KEPT = 1024;
    private static final AtomicReferenceArray<@Nullable ConfigObject> OBJECTS =
        new AtomicReferenceArray<>(KEPT);
    private static final AtomicInteger NEXT = new AtomicInteger();

    static void add(ConfigObject object) {
      ConfigObject oldest = OBJECTS.getAndSet(NEXT.getAndIncrement() & (KEPT - 1), object);
      if (oldest != null) {
        oldest.tree = null;
      }
    }
  }
}
