package weft.schema;

import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The calls of the API that belong to no single type. */
final class OpenApiActions {
  private OpenApiActions() {}

  static void add(ObjectNode paths) {
    ObjectNode home = JsonNodeFactory.instance.objectNode();
    home.put("operationId", "home").put("summary", "All collections and calls, as links");
    paths.putObject("/").set("get", OpenApi.responses(home, OpenApi.objectSchema()));

    action(paths, "fqname-to-id", "The uuid of a named object", "type", "fq_name[]");
    action(paths, "id-to-fqname", "The name and type of an object", "uuid");
    action(
        paths,
        "ref-update",
        "Add or remove one reference",
        "type",
        "uuid",
        "ref-type",
        "ref-uuid",
        "ref-fq-name[]",
        "operation",
        "attr{}");
    action(
        paths,
        "ref-relax-for-delete",
        "Let a referenced object be deleted all the same",
        "uuid",
        "ref-uuid");
    action(
        paths,
        "prop-collection-update",
        "Change elements of a list or map property",
        "uuid",
        "updates[]{}");
    action(
        paths,
        "list-bulk-collection",
        "List with parameters in the body",
        "type",
        "parent_id",
        "back_ref_id",
        "obj_uuids",
        "fields",
        "filters");
    action(
        paths,
        "transaction",
        "Several changes in order, all or none",
        "operations[]{}",
        "expect[]{}",
        "dry_run?");
    action(paths, "useragent-kv", "A store of keys and values", "operation", "key", "value");
  }

  /** Fields are strings; `[]` after the name marks a list, `{}` an object, `?` a boolean. */
  private static void action(ObjectNode paths, String name, String summary, String... fields) {
    ObjectNode operation = JsonNodeFactory.instance.objectNode();
    operation.put("operationId", name).put("summary", summary);
    ObjectNode body = OpenApi.objectSchema();
    for (String field : fields) {
      String plain = field.replaceAll("[\\[\\]{}?]", "");
      ObjectNode one = JsonNodeFactory.instance.objectNode();
      one.put("type", field.endsWith("{}") ? "object" : field.endsWith("?") ? "boolean" : "string");
      body.withObject("properties").set(plain, field.contains("[]") ? OpenApi.arrayOf(one) : one);
    }
    OpenApi.body(operation, body);
    paths.putObject("/" + name).set("post", OpenApi.responses(operation, OpenApi.objectSchema()));
  }
}
