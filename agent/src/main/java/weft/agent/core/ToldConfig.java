package weft.agent.core;

import java.util.ArrayList;
import java.util.List;
import weft.agent.core.ConfigGraph.Node;
import weft.net.XmlElement;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage.ConfigDelete;
import weft.xmpp.ControlMessage.ConfigSection;
import weft.xmpp.ControlMessage.ConfigUpdate;

/** The config graph, in the words in which control nodes tell it. */
final class ToldConfig {
  private final ConfigGraph graph;

  ToldConfig(ConfigGraph graph) {
    this.graph = graph;
  }

  void take(ConfigSection section) {
    switch (section) {
      case ConfigUpdate update -> {
        for (ConfigNode node : update.nodes()) {
          XmlElement body = XmlElement.of(node.key().type(), node.properties());
          graph.put(node(node.key()), body);
        }
        for (ConfigLink link : update.links()) {
          graph.link(node(link.left()), node(link.right()), link.metadata());
        }
      }
      case ConfigDelete delete -> {
        for (ConfigLink link : delete.links()) {
          graph.unlink(node(link.left()), node(link.right()), link.metadata());
        }
        for (ConfigKey key : delete.nodes()) {
          graph.remove(node(key));
        }
      }
    }
  }

  /** All of it. */
  ConfigUpdate all() {
    List<ConfigNode> nodes = new ArrayList<>();
    List<ConfigLink> links = new ArrayList<>();
    graph.tell(
        (node, body) -> nodes.add(new ConfigNode(key(node), body.children())),
        (left, right, type) -> links.add(new ConfigLink(key(left), key(right), type)));
    return new ConfigUpdate(nodes, links);
  }

  private static Node node(ConfigKey key) {
    return new Node(key.type(), key.name());
  }

  private static ConfigKey key(Node node) {
    return new ConfigKey(node.type(), node.name());
  }
}
