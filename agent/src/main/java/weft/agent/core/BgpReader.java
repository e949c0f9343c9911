package weft.agent.core;

import weft.agent.core.ConfigGraph.Node;
import weft.net.XmlElement;

/** Reads by which port of its host a guest that speaks BGP is known to control nodes. */
final class BgpReader {
  private static final String SERVICE = "bgp-as-a-service";
  private static final String ROUTER = "bgp-router";
  private static final String CLIENT = "bgpaas-client";

  private final ConfigGraph graph;

  BgpReader(ConfigGraph graph) {
    this.graph = graph;
  }

  /**
   * The source port of the router that stands for the guest: one called after its port, or after
   * the service if guests share it. 0 if there is none.
   *
   * @param instance the routing instance under which it is
   */
  int port(Node port, String instance) {
    for (Node service : graph.neighbours(port, "bgpaas-virtual-machine-interface", SERVICE)) {
      boolean shared = Xml.isTrue(Xml.text(graph.body(service), "bgpaas-shared"));
      String name = instance + ":" + last(shared ? service : port);
      for (Node router : graph.neighbours(service, "bgpaas-" + ROUTER, ROUTER)) {
        XmlElement terms = Xml.path(graph.body(router), ROUTER + "-parameters");
        int source = Xml.number(Xml.text(terms, "source-port"), 0);
        if (router.name().equals(name)
            && CLIENT.equals(Xml.text(terms, "router-type"))
            && source > 0
            && source <= 65535) {
          return source;
        }
      }
    }
    return 0;
  }

  private static String last(Node node) {
    return node.name().substring(node.name().lastIndexOf(':') + 1);
  }
}
