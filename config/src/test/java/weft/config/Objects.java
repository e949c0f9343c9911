package weft.config;

import java.util.UUID;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.schema.Schema;

/** Makes objects for tests. */
final class Objects {
  private Objects() {}

  static ConfigObject root(String type, String name) {
    return make(type, FqName.of(name), null);
  }

  static ConfigObject child(ConfigObject parent, String type, String name) {
    return make(type, parent.fqName().child(name), parent);
  }

  private static ConfigObject make(String type, FqName name, ConfigObject parent) {
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    body.put("uuid", UUID.randomUUID().toString());
    body.set("fq_name", name.toJson());
    if (parent != null) {
      body.put("parent_type", parent.type().name());
      body.put("parent_uuid", parent.uuid().toString());
    }
    return ConfigObject.of(Schema.required(type), body, 0);
  }

  static ConfigObject referring(ConfigObject object, ConfigObject... targets) {
    ObjectNode body = object.body().deepCopy();
    for (ConfigObject target : targets) {
      String property = target.type().jsonName() + "_refs";
      ArrayNode refs = body.withArray(property);
      refs.add(new Ref(target.uuid(), target.fqName(), null).toJson());
    }
    return ConfigObject.of(object.type(), body, object.revision());
  }

  static ConfigObject unreferring(ConfigObject object, ConfigObject target) {
    return Links.dropped(object, target.uuid());
  }

  static ConfigObject with(ConfigObject object, String property, String value) {
    ObjectNode body = object.body().deepCopy();
    body.put(property, value);
    return ConfigObject.of(object.type(), body, object.revision());
  }
}
