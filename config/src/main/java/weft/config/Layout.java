package weft.config;

import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.SharedNames;
import weft.store.Entry;
import weft.store.Key;

/** Where and how the config is kept in the store. */
final class Layout {
  static final Key ROOT = new Key("config/");

  /** `object/<uuid>`: the object as `{"<type>": <body>}`. */
  static final Key OBJECT = ROOT.append("object/");

  /** `fq/<type>/<name>`: the uuid of the object with that name. */
  private static final Key NAME = ROOT.append("fq/");

  /**
   * `guard/<uuid>`: put, with nothing in it, by each transaction that makes something refer to the
   * object, so that one which deletes it can tell whether it knows all referrers.
   */
  static final Key GUARD = ROOT.append("guard/");

  /** `alloc/<pool>/<value>`: the owner. */
  static final Key ALLOCATION = ROOT.append("alloc/");

  private static final JsonMapper JSON = new JsonMapper();

  private Layout() {}

  /** What a key of the config names. */
  sealed interface Name {
    record OfObject(UUID uuid) implements Name {}

    record OfGuard(UUID uuid) implements Name {}

    record OfAllocation(AllocationKey key) implements Name {}

    /** An index or something that is not the config's. */
    record OfOther() implements Name {}
  }

  static Name name(Key key) {
    if (key.startsWith(OBJECT)) {
      return new Name.OfObject(UUID.fromString(key.after(OBJECT)));
    }
    if (key.startsWith(GUARD)) {
      return new Name.OfGuard(UUID.fromString(key.after(GUARD)));
    }
    if (key.startsWith(ALLOCATION)) {
      String path = key.after(ALLOCATION);
      int slash = path.lastIndexOf('/');
      return new Name.OfAllocation(
          new AllocationKey(SharedNames.of(path.substring(0, slash)), path.substring(slash + 1)));
    }
    return new Name.OfOther();
  }

  static Key object(UUID uuid) {
    return OBJECT.append(uuid.toString());
  }

  static Key fqName(ObjectType type, FqName fqName) {
    return NAME.append(type.name() + "/" + fqName);
  }

  static Key guard(UUID uuid) {
    return GUARD.append(uuid.toString());
  }

  static Key allocation(AllocationKey key) {
    return ALLOCATION.append(key.pool() + "/" + key.value());
  }

  static byte[] bytes(ConfigObject object) {
    byte[] text = object.text();
    if (text != null) {
      return text;
    }
    ObjectNode wrapped = JsonNodeFactory.instance.objectNode();
    wrapped.set(object.type().name(), object.body());
    return JSON.writeValueAsBytes(wrapped);
  }

  static ConfigObject object(Entry entry) {
    return ConfigObject.stored(entry.value(), entry.createRevision(), entry.modRevision());
  }
}
