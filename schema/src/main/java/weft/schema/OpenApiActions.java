package weft.schema;

import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The calls of the API that belong to no single type. */
final class OpenApiActions {
  private static final String NOT_BUILT = "Not built: answers 501 with the reason";

  private OpenApiActions() {}

  /**
   * One call.
   *
   * @param fields of the query of a GET, else of the body: strings; `[]` after the name marks a
   *     list, `{}` an object, `?` a boolean, `#` an integer
   */
  private record Call(String method, String path, String summary, List<String> fields) {
    static Call get(String path, String summary, String... fields) {
      return new Call("get", path, summary, List.of(fields));
    }

    static Call post(String path, String summary, String... fields) {
      return new Call("post", path, summary, List.of(fields));
    }
  }

  private static final List<Call> CALLS =
      List.of(
          Call.get("/", "All collections and calls, as links"),
          Call.get("/openapi.json", "This description"),
          Call.get("/documentation/{file}", "The types for people: index.html"),
          Call.get("/metrics", "Counters in the text format of OpenMetrics"),
          Call.post("/fqname-to-id", "The uuid of a named object", "type", "fq_name[]"),
          Call.post("/id-to-fqname", "The name and type of an object", "uuid"),
          Call.post(
              "/ref-update",
              "Add or remove one reference",
              "type",
              "uuid",
              "ref-type",
              "ref-uuid",
              "ref-fq-name[]",
              "operation",
              "attr{}"),
          Call.post(
              "/ref-relax-for-delete",
              "Let a referenced object be deleted all the same",
              "uuid",
              "ref-uuid"),
          Call.get(
              "/prop-collection-get",
              "Elements of list and map properties",
              "uuid",
              "fields",
              "position"),
          Call.post(
              "/prop-collection-update",
              "Change elements of a list or map property",
              "uuid",
              "updates[]{}"),
          Call.post(
              "/list-bulk-collection",
              "List with parameters in the body",
              "type",
              "parent_id",
              "back_ref_id",
              "obj_uuids",
              "fields",
              "filters"),
          Call.post(
              "/transaction",
              "Several changes in order, all or none",
              "operations[]{}",
              "expect[]{}",
              "dry_run?"),
          Call.post("/set-tag", "Tags of an object, by type and value", "obj_type", "obj_uuid"),
          Call.post("/useragent-kv", "A store of keys and values", "operation", "key", "value"),
          Call.post("/chown", "Another owner of an object", "uuid", "owner"),
          Call.post(
              "/chmod",
              "Other permissions of an object",
              "uuid",
              "owner",
              "owner_access#",
              "share[]{}",
              "global_access#"),
          Call.get("/obj-perms", "What the caller may do with an object", "uuid", "token"),
          Call.get("/aaa-mode", "How access is checked"),
          new Call("put", "/aaa-mode", "Check access in another way", List.of("aaa-mode")),
          Call.post(
              "/virtual-network/{uuid}/ip-alloc",
              "Take addresses without an object",
              "subnet",
              "family",
              "count#"),
          Call.post(
              "/virtual-network/{uuid}/ip-free", "Give addresses back", "subnet", "ip_addr[]"),
          Call.post(
              "/virtual-network/{uuid}/subnet-ip-count",
              "How many addresses of subnets are taken",
              "subnet_list[]"),
          Call.post("/int-pools", "Make a pool of integers", "pool", "start#", "end#"),
          new Call("delete", "/int-pools", "Delete a pool with its values", List.of("pool")),
          Call.get("/int-pool", "Who has a value of a pool", "pool", "value"),
          Call.post("/int-pool", "Take a value of a pool", "pool", "owner", "value#"),
          new Call("delete", "/int-pool", "Give a value of a pool back", List.of("pool", "value#")),
          Call.get("/watch", "Follow objects as server-sent events", "resource_type"),
          Call.get("/backup", "All that the store holds, for administrators"),
          Call.post("/db-check", "Whether the stored records agree with each other"),
          Call.post(
              "/neutron/{resource}", "A call of Neutron's core plugin", "context{}", "data{}"),
          Call.post("/execute-job", NOT_BUILT),
          Call.post("/abort-job", NOT_BUILT),
          Call.post("/amqp-publish", NOT_BUILT),
          Call.post("/amqp-request", NOT_BUILT),
          Call.post("/hbs-get", NOT_BUILT),
          Call.post("/fetch-records", NOT_BUILT),
          Call.post("/start-profile", NOT_BUILT),
          Call.post("/stop-profile", NOT_BUILT),
          Call.get("/obj-cache", NOT_BUILT),
          Call.post("/obj-cache", NOT_BUILT),
          Call.post("/security-policy-draft", NOT_BUILT));

  static void add(ObjectNode paths) {
    CALLS.forEach(
        call -> paths.withObjectProperty(call.path()).set(call.method(), operation(call)));
  }

  private static ObjectNode operation(Call call) {
    ObjectNode operation = JsonNodeFactory.instance.objectNode();
    String name = call.path().substring(1).replaceAll("[/{}]+", "-").replaceAll("-$", "");
    operation.put("operationId", call.method() + "-" + (name.isEmpty() ? "home" : name));
    operation.put("summary", call.summary());
    ArrayNode parameters = JsonNodeFactory.instance.arrayNode();
    for (String segment : call.path().split("/", -1)) {
      if (segment.startsWith("{")) {
        String parameter = segment.substring(1, segment.length() - 1);
        parameters.add(parameter(parameter, "path").put("required", true));
      }
    }
    if (call.method().equals("get")) {
      call.fields().forEach(field -> parameters.add(parameter(field, "query")));
    } else {
      OpenApi.body(operation, body(call.fields()));
    }
    if (!parameters.isEmpty()) {
      operation.set("parameters", parameters);
    }
    return OpenApi.responses(operation, OpenApi.objectSchema());
  }

  private static ObjectNode parameter(String name, String in) {
    ObjectNode parameter = JsonNodeFactory.instance.objectNode();
    parameter.put("name", name).put("in", in).putObject("schema").put("type", "string");
    return parameter;
  }

  private static ObjectNode body(List<String> fields) {
    ObjectNode body = OpenApi.objectSchema();
    for (String field : fields) {
      String plain = field.replaceAll("[\\[\\]{}?#]", "");
      ObjectNode one = JsonNodeFactory.instance.objectNode();
      one.put("type", type(field.charAt(field.length() - 1)));
      body.withObject("properties").set(plain, field.contains("[]") ? OpenApi.arrayOf(one) : one);
    }
    return body;
  }

  private static String type(char mark) {
    return switch (mark) {
      case '}' -> "object";
      case '?' -> "boolean";
      case '#' -> "integer";
      default -> "string";
    };
  }
}
