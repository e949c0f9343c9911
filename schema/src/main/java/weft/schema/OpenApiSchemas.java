package weft.schema;

import java.math.BigInteger;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The schemas of the OpenAPI document: object types by their names, complex types by theirs. */
final class OpenApiSchemas {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final BigInteger MAX_UNSIGNED =
      BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE);

  private OpenApiSchemas() {}

  static ObjectNode all() {
    ObjectNode schemas = JSON.objectNode();
    Schema.types().forEach(type -> schemas.set(type.name(), object(type)));
    Schema.complexTypes().forEach(type -> schemas.set(type.name(), complex(type)));
    schemas.set("ObjectSummary", summary());
    schemas.set("Count", count());
    schemas.set("Link", link());
    return schemas;
  }

  private static ObjectNode object(ObjectType type) {
    ObjectNode schema = OpenApi.objectSchema().put("description", type.description());
    ObjectNode properties = schema.putObject("properties");
    identity(properties);
    if (!type.parents().isEmpty()) {
      ObjectNode parent = text(properties, "parent_type");
      type.parents().forEach(each -> parent.withArray("enum").add(each.typeName()));
      uuid(properties, "parent_uuid");
      text(properties, "parent_href").put("readOnly", true);
    }
    type.properties().forEach(each -> properties.set(each.name(), property(each)));
    for (ReferenceType reference : type.references()) {
      properties.set(reference.name(), OpenApi.arrayOf(reference(reference)));
    }
    for (ChildType child : type.children()) {
      properties.set(child.name(), links("Children of type " + child.typeName()));
    }
    for (BackReferenceType back : type.backReferences()) {
      properties.set(back.name(), links("Objects of type " + back.typeName() + " that refer here"));
    }
    return schema;
  }

  private static ObjectNode complex(ComplexType type) {
    ObjectNode schema = OpenApi.objectSchema().put("description", type.description());
    ObjectNode properties = schema.putObject("properties");
    type.fields().forEach(field -> properties.set(field.name(), property(field)));
    schema.put("additionalProperties", false);
    return schema;
  }

  private static ObjectNode property(Property property) {
    ObjectNode one = value(property.type());
    String defaultValue = property.defaultValue();
    String description =
        defaultValue == null
            ? property.description()
            : (property.description() + " Absent means " + defaultValue + ".").strip();
    if (!description.isEmpty() && !one.has("$ref")) {
      one.put("description", description);
    }
    return property.collection() == Collection.LIST ? OpenApi.arrayOf(one) : one;
  }

  private static ObjectNode value(ValueType type) {
    ObjectNode schema = JSON.objectNode();
    switch (type) {
      case ValueType.Text text -> {
        schema.put("type", "string");
        text.values().forEach(each -> schema.withArray("enum").add(each));
      }
      case ValueType.Bool _ -> schema.put("type", "boolean");
      case ValueType.Int range -> {
        schema.put("type", "integer");
        if (range.bounded()) {
          schema.put("minimum", range.min()).put("maximum", range.max());
        }
      }
      case ValueType.UnsignedLong _ ->
          schema.put("type", "integer").put("minimum", 0).put("maximum", MAX_UNSIGNED);
      case ValueType.Time _ -> schema.put("type", "string");
      case ValueType.Complex complex -> schema.setAll(OpenApi.schemaRef(complex.type().name()));
    }
    return schema;
  }

  private static ObjectNode reference(ReferenceType reference) {
    ObjectNode schema = OpenApi.objectSchema();
    schema.put("description", "Reference to a " + reference.targetName());
    ObjectNode properties = schema.putObject("properties");
    properties.set("to", names());
    uuid(properties, "uuid");
    text(properties, "href").put("readOnly", true);
    ComplexType attr = reference.attr();
    if (attr != null) {
      properties.set("attr", OpenApi.schemaRef(attr.name()));
    }
    return schema;
  }

  private static ObjectNode links(String description) {
    ObjectNode schema = OpenApi.arrayOf(OpenApi.schemaRef("Link"));
    return schema.put("description", description).put("readOnly", true);
  }

  private static ObjectNode link() {
    ObjectNode schema = OpenApi.objectSchema();
    ObjectNode properties = schema.putObject("properties");
    properties.set("to", names());
    uuid(properties, "uuid");
    text(properties, "href");
    return schema;
  }

  private static ObjectNode summary() {
    ObjectNode schema = OpenApi.objectSchema();
    ObjectNode properties = schema.putObject("properties");
    identity(properties);
    text(properties, "parent_type");
    uuid(properties, "parent_uuid");
    text(properties, "parent_href");
    return schema;
  }

  private static ObjectNode count() {
    ObjectNode schema = OpenApi.objectSchema();
    schema.putObject("properties").putObject("count").put("type", "integer");
    return schema;
  }

  private static void identity(ObjectNode properties) {
    uuid(properties, "uuid");
    properties.set("fq_name", names());
    text(properties, "name").put("readOnly", true);
    text(properties, "href").put("readOnly", true);
  }

  private static ObjectNode names() {
    return OpenApi.arrayOf(JSON.objectNode().put("type", "string"));
  }

  private static ObjectNode text(ObjectNode properties, String name) {
    return properties.putObject(name).put("type", "string");
  }

  private static void uuid(ObjectNode properties, String name) {
    text(properties, name).put("format", "uuid");
  }
}
