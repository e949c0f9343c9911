package weft.agent;

import java.util.Locale;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.agent.core.Port;
import weft.net.MacAddress;

/**
 * A port as the port API takes it. The body is kept as it came, for who asks and for other readers
 * of the port's file.
 */
record PortRequest(
    UUID id,
    UUID instance,
    String displayName,
    String device,
    @Nullable MacAddress mac,
    boolean enabled,
    ObjectNode body) {
  private static final int MAX_DEVICE = 15;
  private static final String STATE = "link-state";

  /**
   * @throws IllegalArgumentException with a text for the caller, if something needed is missing or
   *     malformed
   */
  static PortRequest of(JsonNode json) {
    if (!(json instanceof ObjectNode body)) {
      throw new IllegalArgumentException("a port is a JSON object");
    }
    String device = text(body, "system-name");
    if (device.isEmpty() || device.length() > MAX_DEVICE || !device.matches("[^/\\s]+")) {
      throw new IllegalArgumentException(
          "system-name '" + device + "' is not a device name of 1 to 15 characters");
    }
    String mac = text(body, "mac-address");
    return new PortRequest(
        uuid(body, "id"),
        uuid(body, "instance-id"),
        text(body, "display-name"),
        device,
        mac.isEmpty() ? null : MacAddress.parse(mac.toLowerCase(Locale.ROOT)),
        !"disabled".equals(text(body, STATE)),
        body);
  }

  private static String text(ObjectNode body, String key) {
    JsonNode value = body.get(key);
    if (value == null || value.isNull()) {
      return "";
    }
    if (!value.isString()) {
      throw new IllegalArgumentException(key + " is not a string");
    }
    return value.asString().trim();
  }

  private static UUID uuid(ObjectNode body, String key) {
    String text = text(body, key);
    try {
      UUID uuid = UUID.fromString(text);
      if (uuid.toString().equalsIgnoreCase(text)) {
        return uuid;
      }
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(key + " '" + text + "' is not a UUID", e);
    }
    throw new IllegalArgumentException(key + " '" + text + "' is not a UUID");
  }

  PortRequest withEnabled(boolean on) {
    ObjectNode copy = body.deepCopy();
    if (on) {
      copy.remove(STATE);
    } else {
      copy.put(STATE, "disabled");
    }
    return of(copy);
  }

  ObjectNode json() {
    return body.deepCopy();
  }

  Port port(int ifindex) {
    return new Port(id, instance, displayName, device, ifindex, mac, enabled);
  }
}
