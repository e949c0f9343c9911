package weft.xmpp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.Ipv4Address;

/**
 * A multicast or broadcast tree of an instance (xmpp_multicast.xsd).
 *
 * @param sourceLabel the label on which copies arrive (control node to agent), else 0
 * @param sourceAddress null where the element is empty
 * @param nextHops the publisher and the range of labels it offers
 * @param olist where to send copies (control node to agent)
 */
public record MulticastItem(
    Ipv4Address group,
    Ipv4Address source,
    int sourceLabel,
    @Nullable IpAddress sourceAddress,
    List<NextHop> nextHops,
    List<NextHop> olist)
    implements Item {
  public static final String FAMILY = "1/241";

  public MulticastItem {
    nextHops = List.copyOf(nextHops);
    olist = List.copyOf(olist);
  }

  /**
   * One branch.
   *
   * @param first the label, or the first of a range
   * @param last equal to `first` for a single label
   */
  public record NextHop(IpAddress address, int first, int last, List<String> encapsulations) {
    public NextHop {
      encapsulations = List.copyOf(encapsulations);
    }

    public List<Encapsulation> knownEncapsulations() {
      return Item.known(encapsulations);
    }
  }

  /** The wish of a publisher who offers other labels. */
  public MulticastItem withLabels(int first, int last) {
    return new MulticastItem(
        group,
        source,
        sourceLabel,
        sourceAddress,
        nextHops.stream()
            .map(hop -> new NextHop(hop.address(), first, last, hop.encapsulations()))
            .toList(),
        olist);
  }

  @Override
  public String family() {
    return FAMILY;
  }

  @Override
  public String publishNode(String instance) {
    return FAMILY + "/" + instance + "/" + group;
  }
}
