package weft.xmpp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;

/**
 * A unicast route, IPv4 or IPv6 (xmpp_unicast.xsd).
 *
 * @param safi 1, or 4 for a labelled route of the fabric
 * @param communities `asn:number` or a well-known name, as written
 */
public record InetItem(
    int safi,
    IpPrefix prefix,
    List<NextHop> nextHops,
    RouteAttributes attributes,
    int version,
    List<String> communities,
    LoadBalance loadBalance,
    String subProtocol)
    implements Item {
  public static final int UNICAST = 1;
  public static final int LABELED = 4;

  public InetItem {
    nextHops = List.copyOf(nextHops);
    communities = List.copyOf(communities);
  }

  /** An ordinary unicast route with everything else at its default. */
  public static InetItem of(IpPrefix prefix, List<NextHop> nextHops, RouteAttributes attributes) {
    return new InetItem(
        UNICAST, prefix, nextHops, attributes, 1, List.of(), LoadBalance.DEFAULT, "interface");
  }

  /** The same as a route that was configured at an interface. */
  public InetItem ofInterfaceRoute(List<String> withCommunities) {
    return new InetItem(
        safi,
        prefix,
        nextHops,
        attributes,
        version,
        withCommunities,
        loadBalance,
        "interface-static");
  }

  /** The same whose flows are spread so. */
  public InetItem withLoadBalance(LoadBalance next) {
    return new InetItem(
        safi, prefix, nextHops, attributes, version, communities, next, subProtocol);
  }

  /**
   * One way to the destination.
   *
   * @param mac the router's MAC, or null
   * @param label an MPLS label, or a VNI where the encapsulation is VXLAN: 24 bits
   * @param encapsulations the words as written, known or not
   * @param virtualNetwork fully qualified name, or empty
   */
  public record NextHop(
      IpAddress address,
      @Nullable MacAddress mac,
      int label,
      int vni,
      List<String> encapsulations,
      String virtualNetwork,
      TagList tags,
      long localSequence) {
    public NextHop {
      encapsulations = List.copyOf(encapsulations);
    }

    public static NextHop of(
        IpAddress address, int label, List<Encapsulation> encapsulations, String virtualNetwork) {
      return new NextHop(
          address,
          null,
          label,
          0,
          encapsulations.stream().map(Encapsulation::word).toList(),
          virtualNetwork,
          TagList.NONE,
          0);
    }

    public NextHop withTags(TagList next) {
      return new NextHop(
          address, mac, label, vni, encapsulations, virtualNetwork, next, localSequence);
    }

    public List<Encapsulation> knownEncapsulations() {
      return Item.known(encapsulations);
    }
  }

  /**
   * How flows are spread over several next hops.
   *
   * @param fields names of the header fields that count; empty = all five
   * @param decision `field-hash` or `source-bias`
   */
  public record LoadBalance(List<String> fields, String decision) {
    public static final LoadBalance DEFAULT = new LoadBalance(List.of(), "field-hash");

    public LoadBalance {
      fields = List.copyOf(fields);
    }
  }

  @Override
  public String family() {
    return (prefix.isV4() ? "1/" : "2/") + safi;
  }

  @Override
  public String publishNode(String instance) {
    return family() + "/" + instance + "/" + prefix;
  }

  /** The id of the item towards an agent. */
  public String id() {
    return prefix.toString();
  }
}
