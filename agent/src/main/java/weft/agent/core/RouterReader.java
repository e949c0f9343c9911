package weft.agent.core;

import org.jspecify.annotations.Nullable;
import weft.agent.core.ConfigGraph.Node;

/** Reads out of the config graph which logical router routes between networks by VXLAN. */
final class RouterReader {
  private static final String ROUTER = "logical-router";
  private static final String VMI = "virtual-machine-interface";
  private static final String VN = "virtual-network";
  private static final String MEMBER = ROUTER + "-" + VN;

  private final ConfigGraph graph;

  RouterReader(ConfigGraph graph) {
    this.graph = graph;
  }

  /** The hidden network of the router that has an interface in `network`, or null. */
  @Nullable Node hiddenNetwork(Node network) {
    for (Node router : graph.ofType(ROUTER)) {
      boolean vxlan = "vxlan-routing".equals(Xml.text(graph.body(router), ROUTER + "-type"));
      if (vxlan && isMember(router, network)) {
        return hiddenOf(router);
      }
    }
    return null;
  }

  private boolean isMember(Node router, Node network) {
    for (Node port : graph.neighbours(router, ROUTER + "-interface", VMI)) {
      if (graph.neighbours(port, VMI + "-" + VN, VN).contains(network)) {
        return true;
      }
    }
    return false;
  }

  private @Nullable Node hiddenOf(Node router) {
    for (Node member : graph.neighbours(router, MEMBER, MEMBER)) {
      String role = Xml.text(Xml.path(graph.body(member), "value"), MEMBER + "-type");
      if ("InternalVirtualNetwork".equals(role)) {
        for (Node network : graph.neighbours(member, MEMBER, VN)) {
          return network;
        }
      }
    }
    return null;
  }
}
