package weft.xmpp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/**
 * An EVPN route (xmpp_enet.xsd). A route has next hops or an outgoing list, never both.
 *
 * @param olist where the owner of a broadcast route sends copies (control node to agent)
 * @param leafOlist the same for E-Tree leaves
 */
public record EvpnItem(
    Nlri nlri,
    List<NextHop> nextHops,
    List<NextHop> olist,
    RouteAttributes attributes,
    Replication replication,
    List<NextHop> leafOlist,
    boolean etreeLeaf)
    implements Item {
  public static final String FAMILY = "25/242";

  public EvpnItem {
    nextHops = List.copyOf(nextHops);
    olist = List.copyOf(olist);
    leafOlist = List.copyOf(leafOlist);
  }

  /** A route by next hops with everything else at its default. */
  public static EvpnItem of(Nlri nlri, List<NextHop> nextHops, RouteAttributes attributes) {
    return new EvpnItem(
        nlri, nextHops, List.of(), attributes, Replication.DEFAULT, List.of(), false);
  }

  /** A broadcast route as its owner receives it: with the list of those it sends to. */
  public static EvpnItem ofOlist(Nlri nlri, List<NextHop> olist, RouteAttributes attributes) {
    return new EvpnItem(nlri, List.of(), olist, attributes, Replication.DEFAULT, List.of(), false);
  }

  /**
   * What the route leads to.
   *
   * @param ethernetTag the VXLAN id of broadcast routes; else 0
   * @param address the host's address, `0.0.0.0/0` if it has none, or the prefix of type 5
   * @param group null where an agent publishes unicast; `0.0.0.0` in what the control node sends
   * @param source null where the element is empty
   * @param flags of a selective multicast route
   */
  public record Nlri(
      long ethernetTag,
      MacAddress mac,
      IpPrefix address,
      @Nullable IpAddress group,
      @Nullable IpAddress source,
      int flags) {

    /** As an agent publishes unicast and broadcast: no group. */
    public static Nlri published(long ethernetTag, MacAddress mac, IpPrefix address) {
      return new Nlri(ethernetTag, mac, address, null, null, 0);
    }

    /** As the control node sends it: group and source of all zeros. */
    public static Nlri advertised(long ethernetTag, MacAddress mac, IpPrefix address) {
      return new Nlri(ethernetTag, mac, address, Ipv4Address.ANY, Ipv4Address.ANY, 0);
    }

    /**
     * The EVPN route type that an agent means by publishing this (RFC 7432, 9136, 9251): 6 with a
     * group, 5 with a zero MAC, 3 with the broadcast MAC, else 2.
     */
    public int publishedType() {
      if (group != null) {
        return 6;
      }
      if (mac.equals(MacAddress.ZERO)) {
        return 5;
      }
      return mac.isBroadcast() ? 3 : 2;
    }
  }

  /**
   * One way to the destination.
   *
   * @param mac the router's MAC, or null
   * @param label an MPLS label, or a VNI where the encapsulation is VXLAN: 24 bits
   * @param l3Label the label for routed traffic, or 0
   */
  public record NextHop(
      IpAddress address,
      @Nullable MacAddress mac,
      int label,
      int l3Label,
      List<String> encapsulations,
      TagList tags,
      long localSequence) {
    public NextHop {
      encapsulations = List.copyOf(encapsulations);
    }

    public static NextHop of(
        IpAddress address, int label, int l3Label, List<Encapsulation> encapsulations) {
      return new NextHop(
          address,
          null,
          label,
          l3Label,
          encapsulations.stream().map(Encapsulation::word).toList(),
          TagList.NONE,
          0);
    }

    public List<Encapsulation> knownEncapsulations() {
      return Item.known(encapsulations);
    }
  }

  /** How a broadcast route's owner takes part in replication. */
  public record Replication(
      boolean edgeNotSupported, boolean assistedSupported, @Nullable IpAddress replicator) {
    public static final Replication DEFAULT = new Replication(false, false, null);
  }

  @Override
  public String family() {
    return FAMILY;
  }

  /** The EVPN publish node names no instance. */
  @Override
  public String publishNode(String instance) {
    String group = nlri.group == null ? "" : "," + nlri.group + "," + orAny(nlri.source);
    return FAMILY + "/" + nlri.mac + "," + nlri.address + group;
  }

  /** Whether it is of one group, in what a control node sends. */
  public boolean isSelective() {
    return nlri.group != null && !nlri.group.equals(Ipv4Address.ANY);
  }

  /** The id of the item towards an agent: `[tag-]mac,address/length[,group,source]`. */
  public String id() {
    String tag = nlri.ethernetTag == 0 ? "" : nlri.ethernetTag + "-";
    String group = isSelective() ? "," + nlri.group + "," + orAny(nlri.source) : "";
    return tag + nlri.mac + "," + nlri.address + group;
  }

  private static IpAddress orAny(@Nullable IpAddress address) {
    return address == null ? Ipv4Address.ANY : address;
  }
}
