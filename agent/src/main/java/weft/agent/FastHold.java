package weft.agent;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage;

/** How soon the loss of a control node is to be noticed, as the config says it. */
final class FastHold {
  private static final String TYPE = "global-system-config";
  private static final int USUAL_SECONDS = 90;

  private FastHold() {}

  /**
   * What a part of the config says of it.
   *
   * @param hold how long a control node may be silent; null for the usual time
   */
  record Told(@Nullable Duration hold) {}

  /** Null if the part says nothing of it. */
  static @Nullable Told told(ControlMessage.ConfigSection section) {
    return switch (section) {
      case ControlMessage.ConfigUpdate update -> {
        Told told = null;
        for (ConfigNode node : update.nodes()) {
          if (node.key().type().equals(TYPE)) {
            told = new Told(hold(node));
          }
        }
        yield told;
      }
      case ControlMessage.ConfigDelete delete ->
          delete.nodes().stream().map(ConfigKey::type).anyMatch(TYPE::equals)
              ? new Told(null)
              : null;
    };
  }

  private static @Nullable Duration hold(ConfigNode node) {
    for (XmlElement property : node.properties()) {
      if (property.name().equals("fast-convergence-parameters")
          && "true".equals(text(property, "enable"))) {
        String seconds = text(property, "xmpp-hold-time");
        return Duration.ofSeconds(
            seconds.matches("[0-9]{1,2}") ? Math.max(1, Integer.parseInt(seconds)) : USUAL_SECONDS);
      }
    }
    return null;
  }

  private static String text(XmlElement of, String name) {
    String text = of.childText(name);
    return text == null ? "" : text.trim();
  }
}
