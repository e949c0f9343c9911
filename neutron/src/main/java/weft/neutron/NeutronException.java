package weft.neutron;

import java.util.List;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;

/** A refusal by the name of one of Neutron's exceptions, with the arguments that it takes. */
public final class NeutronException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String name;
  private final transient ObjectNode arguments;

  private NeutronException(String name, ObjectNode arguments) {
    super(name + " " + arguments, null, false, false);
    this.name = name;
    this.arguments = arguments;
  }

  /**
   * @param arguments names and values in turn
   */
  static NeutronException of(String name, String... arguments) {
    ObjectNode node = Json.object();
    for (int i = 0; i < arguments.length; i += 2) {
      node.put(arguments[i], arguments[i + 1]);
    }
    return new NeutronException(name, node);
  }

  static NeutronException badRequest(String resource, String message) {
    return of("BadRequest", "resource", resource, "msg", message);
  }

  static NeutronException invalidInput(String message) {
    return of("InvalidInput", "error_message", message);
  }

  static NeutronException overQuota(String resource, String reason) {
    ObjectNode node = Json.object();
    List.of(resource).forEach(node.putArray("overs")::add);
    node.put("reason", reason);
    return new NeutronException("OverQuota", node);
  }

  /** The class of Neutron's that the plugin raises. */
  public String name() {
    return name;
  }

  /** As it goes over the wire. */
  public ObjectNode body() {
    ObjectNode body = Json.object().put("exception", name);
    body.setAll(arguments);
    return body;
  }
}
