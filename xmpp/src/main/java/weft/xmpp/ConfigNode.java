package weft.xmpp;

import java.util.List;
import weft.net.XmlElement;

/** A node of the configuration graph with its properties. */
public record ConfigNode(ConfigKey key, List<XmlElement> properties) {
  public ConfigNode {
    properties = List.copyOf(properties);
  }
}
