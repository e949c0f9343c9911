package weft.schema;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Describes the REST API of all types as an OpenAPI document. */
public final class OpenApi {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private OpenApi() {}

  public static ObjectNode document() {
    ObjectNode root = JSON.objectNode();
    root.put("openapi", "3.0.3");
    root.putObject("info")
        .put("title", "Weft config API")
        .put("version", "1")
        .put("description", "Objects of the virtual network: read, listed and changed over HTTP.");
    ObjectNode paths = root.putObject("paths");
    for (ObjectType type : Schema.types()) {
      ObjectNode collection = paths.putObject("/" + type.plural());
      collection.set("get", list(type));
      collection.set("post", create(type));
      ObjectNode item = paths.putObject("/" + type.name() + "/{uuid}");
      item.putArray("parameters").add(parameterRef("uuid"));
      item.set("get", read(type));
      item.set("put", update(type));
      item.set("delete", delete(type));
    }
    OpenApiActions.add(paths);
    ObjectNode components = root.putObject("components");
    components.set("schemas", OpenApiSchemas.all());
    parameters(components.putObject("parameters"));
    components.putObject("responses").set("Error", textResponse("What is wrong, as plain text."));
    return root;
  }

  private static ObjectNode list(ObjectType type) {
    ObjectNode operation = operation("list", type, "List " + type.plural());
    ArrayNode parameters = operation.putArray("parameters");
    for (String name :
        new String[] {
          "parent_id",
          "parent_type",
          "parent_fq_name_str",
          "back_ref_id",
          "obj_uuids",
          "fq_names",
          "filters",
          "fields",
          "detail",
          "count",
          "shared",
          "exclude_hrefs",
          "page_marker",
          "page_limit"
        }) {
      parameters.add(parameterRef(name));
    }
    ObjectNode answer = objectSchema();
    ObjectNode items = answer.withObject("properties").putObject(type.plural());
    ArrayNode forms = items.putArray("oneOf");
    forms.add(arrayOf(schemaRef("ObjectSummary")));
    forms.add(arrayOf(within(type)));
    forms.add(schemaRef("Count"));
    return responses(operation, answer);
  }

  private static ObjectNode create(ObjectType type) {
    ObjectNode operation = operation("create", type, "Create a " + type.name());
    body(operation, within(type));
    return responses(operation, summaryWithin(type));
  }

  private static ObjectNode read(ObjectType type) {
    ObjectNode operation = operation("read", type, "Read a " + type.name());
    ArrayNode parameters = operation.putArray("parameters");
    for (String name :
        new String[] {"fields", "exclude_children", "exclude_back_refs", "exclude_hrefs"}) {
      parameters.add(parameterRef(name));
    }
    return responses(operation, within(type));
  }

  private static ObjectNode update(ObjectType type) {
    ObjectNode operation = operation("update", type, "Update a " + type.name());
    body(operation, within(type));
    return responses(operation, summaryWithin(type));
  }

  private static ObjectNode delete(ObjectType type) {
    return responses(operation("delete", type, "Delete a " + type.name()), null);
  }

  private static ObjectNode operation(String verb, ObjectType type, String summary) {
    ObjectNode operation = JSON.objectNode();
    operation.put("operationId", verb + "-" + type.name());
    operation.put("summary", summary);
    operation.putArray("tags").add(type.name());
    return operation;
  }

  /** The object within a key of its type's name, as bodies and answers have it. */
  private static ObjectNode within(ObjectType type) {
    ObjectNode schema = objectSchema();
    schema.withObject("properties").set(type.name(), schemaRef(type.name()));
    return schema;
  }

  private static ObjectNode summaryWithin(ObjectType type) {
    ObjectNode schema = objectSchema();
    schema.withObject("properties").set(type.name(), schemaRef("ObjectSummary"));
    return schema;
  }

  static void body(ObjectNode operation, ObjectNode schema) {
    ObjectNode body = operation.putObject("requestBody");
    body.put("required", true);
    body.withObject("content").withObject("application/json").set("schema", schema);
  }

  static ObjectNode responses(ObjectNode operation, @Nullable ObjectNode answer) {
    ObjectNode responses = operation.putObject("responses");
    ObjectNode success = responses.putObject("200").put("description", "Done");
    if (answer != null) {
      success.withObject("content").withObject("application/json").set("schema", answer);
    }
    responses.putObject("default").put("$ref", "#/components/responses/Error");
    return operation;
  }

  static ObjectNode schemaRef(String name) {
    return JSON.objectNode().put("$ref", "#/components/schemas/" + name);
  }

  static ObjectNode parameterRef(String name) {
    return JSON.objectNode().put("$ref", "#/components/parameters/" + name);
  }

  static ObjectNode objectSchema() {
    return JSON.objectNode().put("type", "object");
  }

  static ObjectNode arrayOf(ObjectNode items) {
    ObjectNode array = JSON.objectNode().put("type", "array");
    array.set("items", items);
    return array;
  }

  private static ObjectNode textResponse(String description) {
    ObjectNode response = JSON.objectNode().put("description", description);
    response
        .withObject("content")
        .withObject("text/html")
        .withObject("schema")
        .put("type", "string");
    return response;
  }

  private static void parameters(ObjectNode all) {
    parameter(all, "uuid", "path", "string", "Identity of the object").put("required", true);
    query(all, "parent_id", "string", "Only children of these objects, uuids apart by commas");
    query(all, "parent_type", "string", "The type of the parent named by parent_fq_name_str");
    query(all, "parent_fq_name_str", "string", "Only children of the object named, `a:b:c`");
    query(all, "back_ref_id", "string", "Only objects that refer to one of these, uuids");
    query(all, "obj_uuids", "string", "Only these objects, uuids apart by commas");
    query(all, "fq_names", "string", "Only these objects, names apart by commas");
    query(all, "filters", "string", "`property==json`, several apart by commas");
    query(all, "fields", "string", "Also these properties, references or children");
    query(all, "detail", "boolean", "Whole objects instead of summaries");
    query(all, "count", "boolean", "Only how many there are");
    query(all, "shared", "boolean", "Also objects shared with the caller");
    query(all, "page_marker", "string", "Turns on paging; `None` for the first page");
    query(all, "page_limit", "integer", "How many objects a page has");
    query(all, "exclude_children", "boolean", "Without children; presence counts");
    query(all, "exclude_back_refs", "boolean", "Without back references; presence counts");
    query(all, "exclude_hrefs", "boolean", "Without links; presence counts");
  }

  private static void query(ObjectNode all, String name, String type, String description) {
    parameter(all, name, "query", type, description);
  }

  private static ObjectNode parameter(
      ObjectNode all, String name, String in, String type, String description) {
    ObjectNode parameter = all.putObject(name);
    parameter.put("name", name).put("in", in).put("description", description);
    parameter.putObject("schema").put("type", type);
    return parameter;
  }
}
