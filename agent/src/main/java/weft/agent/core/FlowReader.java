package weft.agent.core;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.agent.core.ConfigGraph.Node;
import weft.agent.core.Wanted.FlowTerms;
import weft.net.IpPrefix;
import weft.net.XmlElement;
import weft.vrouter.FatFlows;
import weft.vrouter.FatFlows.End;
import weft.vrouter.HashField;

/** Reads how flows of a port are made: what the port says, and its network, and the system. */
final class FlowReader {
  private static final String VMI = "virtual-machine-interface";
  private static final String VN = "virtual-network";
  private static final String SYSTEM = "global-vrouter-config";
  private static final String HASHING = "ecmp-hashing-include-fields";
  private static final String LIST = "-fat-flow-protocols";

  private final ConfigGraph graph;

  FlowReader(ConfigGraph graph) {
    this.graph = graph;
  }

  FlowTerms of(Node port, XmlElement body) {
    List<Node> networks = graph.neighbours(port, VMI + "-" + VN, VN);
    XmlElement network = networks.isEmpty() ? null : graph.body(networks.getFirst());
    return new FlowTerms(fat(body, network), most(body, network), hashing(body, network));
  }

  private static FatFlows fat(XmlElement port, @Nullable XmlElement network) {
    List<FatFlows.Rule> rules = new ArrayList<>();
    read(port.child(VMI + LIST), rules);
    read(Xml.path(network, VN + LIST), rules);
    return new FatFlows(rules);
  }

  /** The port's own number goes before that of its network. */
  private static int most(XmlElement port, @Nullable XmlElement network) {
    int own = Math.max(0, Xml.number(Xml.text(port, VMI + "-properties", "max-flows"), 0));
    return own != 0
        ? own
        : Math.max(0, Xml.number(Xml.text(network, VN + "-properties", "max-flows"), 0));
  }

  private Set<HashField> hashing(XmlElement port, @Nullable XmlElement network) {
    List<Node> systems = graph.ofType(SYSTEM);
    XmlElement system = systems.isEmpty() ? null : graph.body(systems.getFirst());
    for (XmlElement each : Arrays.asList(port, network, system)) {
      XmlElement fields = Xml.path(each, HASHING);
      if (Xml.isTrue(Xml.text(fields, "hashing-configured"))) {
        return hashing(fields);
      }
    }
    return HashField.ALL;
  }

  /** Those that are not left out; all if none is left. */
  private static Set<HashField> hashing(@Nullable XmlElement from) {
    Set<HashField> fields = EnumSet.allOf(HashField.class);
    fields.removeIf(field -> "false".equals(Xml.text(from, word(field))));
    return fields.isEmpty() ? HashField.ALL : fields;
  }

  private static String word(HashField field) {
    return switch (field) {
      case PROTOCOL -> "ip-protocol";
      case SOURCE -> "source-ip";
      case SOURCE_PORT -> "source-port";
      case DESTINATION -> "destination-ip";
      case DESTINATION_PORT -> "destination-port";
    };
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
