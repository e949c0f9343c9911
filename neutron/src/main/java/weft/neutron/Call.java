package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;

/**
 * One call of Neutron's.
 *
 * @param id of the resource that is meant; empty if none is
 * @param resources what is to be made, or one element: what is to be changed
 * @param bulk whether a list was sent
 */
record Call(
    Context context,
    Operation operation,
    String id,
    List<ObjectNode> resources,
    boolean bulk,
    Selection selection) {

  /**
   * Reads the body of a request.
   *
   * @param name of the resource, for refusals
   */
  static Call read(String name, JsonNode body) {
    JsonNode context = body.path("context");
    JsonNode data = body.path("data");
    if (!context.isObject() || !data.isObject()) {
      throw NeutronException.badRequest(name, "a call has the objects context and data");
    }
    JsonNode sent = data.hasNonNull("resources") ? data.get("resources") : data.path("resource");
    List<ObjectNode> resources = new ArrayList<>();
    if (sent.isArray()) {
      sent.forEach(each -> resources.add(object(name, each)));
    } else if (!sent.isMissingNode() && !sent.isNull()) {
      resources.add(object(name, sent));
    }
    return new Call(
        Context.read(context),
        operation(name, context.path("operation").asString("")),
        data.path("id").asString(""),
        resources,
        sent.isArray(),
        Selection.read(name, data));
  }

  /** Neutron wraps the elements of a list once more: `{"port": {…}}`. */
  private static ObjectNode object(String name, JsonNode node) {
    JsonNode inner =
        node.size() == 1 && node.path(name) instanceof ObjectNode wrapped ? wrapped : node;
    if (!(inner instanceof ObjectNode object)) {
      throw NeutronException.badRequest(name, "resource is not an object");
    }
    return object;
  }

  private static Operation operation(String name, String text) {
    try {
      return Operation.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException _) {
      throw NeutronException.badRequest(name, "unknown operation: " + text);
    }
  }

  /** What is sent with an operation on one resource. */
  ObjectNode resource() {
    return resources.isEmpty() ? Json.object() : resources.getFirst();
  }
}
