package weft.agent.core;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.agent.core.ConfigGraph.Node;
import weft.net.IpPrefix;
import weft.net.XmlElement;
import weft.vrouter.FatFlows;
import weft.vrouter.FatFlows.End;

/** Reads which connections of a port share flows: what the port says, and its network. */
final class FatFlowReader {
  private static final String VMI = "virtual-machine-interface";
  private static final String VN = "virtual-network";
  private static final String LIST = "-fat-flow-protocols";

  private final ConfigGraph graph;

  FatFlowReader(ConfigGraph graph) {
    this.graph = graph;
  }

  FatFlows of(Node port, XmlElement body) {
    List<FatFlows.Rule> rules = new ArrayList<>();
    read(body.child(VMI + LIST), rules);
    for (Node network : graph.neighbours(port, VMI + "-" + VN, VN)) {
      read(Xml.path(graph.body(network), VN + LIST), rules);
    }
    return new FatFlows(rules);
  }

  private static void read(@Nullable XmlElement list, List<FatFlows.Rule> into) {
    for (XmlElement each : Xml.all(list, "fat-flow-protocol")) {
      int protocol = Xml.protocol(Xml.text(each, "protocol"));
      int port = Xml.number(Xml.text(each, "port"), FatFlows.ANY_PORT);
      if (protocol > 0 && protocol <= 255 && port >= 0 && port <= 65535) {
        String ignored = Xml.text(each, "ignore-address");
        into.add(
            new FatFlows.Rule(
                protocol,
                port,
                "source".equals(ignored) ? End.IGNORED : end(each, "source"),
                "destination".equals(ignored) ? End.IGNORED : end(each, "destination")));
      }
    }
  }

  /** A prefix without a length, or with one that cuts nothing off, only says who is meant. */
  private static End end(XmlElement rule, String which) {
    IpPrefix within = Xml.subnet(rule.child(which + "-prefix"));
    int length = Xml.number(Xml.text(rule, which + "-aggregate-prefix-length"), -1);
    if (within == null) {
      return End.KEPT;
    }
    boolean cut = length >= 0 && length < within.address().width();
    return new End(within, cut ? length : End.KEPT.length());
  }
}
