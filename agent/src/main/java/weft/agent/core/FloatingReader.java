package weft.agent.core;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import weft.agent.core.ConfigGraph.Node;
import weft.agent.core.Wanted.Floating;
import weft.agent.core.Wanted.Network;
import weft.net.IpAddress;
import weft.net.XmlElement;
import weft.vrouter.FloatingAddresses.PortMap;

/** Reads the floating addresses of a port out of the config graph. */
final class FloatingReader {
  private static final String FIP = "floating-ip";
  private static final String POOL = "floating-ip-pool";
  private static final String VN = "virtual-network";

  private final ConfigGraph graph;
  private final Function<Node, @Nullable Network> networks;

  FloatingReader(ConfigGraph graph, Function<Node, @Nullable Network> networks) {
    this.graph = graph;
    this.networks = networks;
  }

  /**
   * Those whose pool and inside address are known, in the order in which they are tried.
   *
   * @param own the port's addresses
   */
  List<Floating> of(Node port, List<IpAddress> own) {
    List<Floating> found = new ArrayList<>();
    for (Node node : graph.neighbours(port, FIP + "-virtual-machine-interface", FIP)) {
      XmlElement body = graph.body(node);
      IpAddress address = Xml.address(Xml.text(body, FIP + "-address"));
      Network network = network(node);
      IpAddress inside = address == null ? null : inside(body, address, own);
      if (address != null && inside != null && network != null) {
        found.add(floating(body, address, inside, network));
      }
    }
    found.sort(
        Comparator.comparing((Floating each) -> each.network().vrf())
            .thenComparing(Floating::address));
    return found;
  }

  private @Nullable Network network(Node floating) {
    for (Node pool : graph.neighbours(floating, POOL + "-" + FIP, POOL)) {
      for (Node network : graph.neighbours(pool, VN + "-" + POOL, VN)) {
        return networks.apply(network);
      }
    }
    return null;
  }

  /** The address that is named, or the port's first of the same family. */
  private static @Nullable IpAddress inside(
      @Nullable XmlElement body, IpAddress address, List<IpAddress> own) {
    IpAddress named = Xml.address(Xml.text(body, FIP + "-fixed-ip-address"));
    for (IpAddress each : own) {
      if (each.isV4() == address.isV4() && (named == null || named.equals(each))) {
        return each;
      }
    }
    return null;
  }

  private static Floating floating(
      @Nullable XmlElement body, IpAddress address, IpAddress inside, Network network) {
    String direction = Xml.text(body, FIP + "-traffic-direction");
    boolean mapped = Xml.isTrue(Xml.text(body, FIP + "-port-mappings-enable"));
    List<PortMap> ports = mapped ? ports(body) : List.of();
    boolean closed = mapped && ports.isEmpty();
    return new Floating(
        address,
        inside,
        network,
        !closed && !"egress".equals(direction),
        !closed && !"ingress".equals(direction),
        ports);
  }

  /** Of several maps of one port the first counts. */
  private static List<PortMap> ports(@Nullable XmlElement body) {
    List<PortMap> ports = new ArrayList<>();
    for (XmlElement each : Xml.all(Xml.path(body, FIP + "-port-mappings"), "port-mappings")) {
      String word = Xml.text(each, "protocol");
      int protocol =
          switch (word == null ? "" : word.toLowerCase(Locale.ROOT)) {
            case "tcp" -> 6;
            case "udp" -> 17;
            default -> Xml.number(word, 0);
          };
      int outside = Xml.number(Xml.text(each, "src-port"), 0);
      int inside = Xml.number(Xml.text(each, "dst-port"), 0);
      boolean usable = (protocol == 6 || protocol == 17) && isPort(outside) && isPort(inside);
      if (usable && ports.stream().noneMatch(other -> clash(other, protocol, outside, inside))) {
        ports.add(new PortMap(protocol, outside, inside));
      }
    }
    return ports;
  }

  private static boolean clash(PortMap other, int protocol, int outside, int inside) {
    return other.protocol() == protocol && (other.outside() == outside || other.inside() == inside);
  }

  private static boolean isPort(int port) {
    return port > 0 && port <= 65535;
  }
}
