package weft.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.MacAddress;

/**
 * Where a path leads.
 *
 * @param address the tunnel end, or the gateway in the fabric
 * @param label the MPLS label; the VNI if the encapsulation is VXLAN; 0 for none
 * @param l3Label of an EVPN route: the label for routed packets, 0 for none
 * @param encapsulations what the far end accepts, most wanted first; may be empty
 * @param routerMac the far router's own MAC, if it told it
 */
public record NextHop(
    IpAddress address,
    int label,
    int l3Label,
    List<Encapsulation> encapsulations,
    @Nullable MacAddress routerMac) {
  public NextHop {
    encapsulations = List.copyOf(encapsulations);
  }

  public static NextHop of(IpAddress address, int label, Encapsulation... encapsulations) {
    return new NextHop(address, label, 0, List.of(encapsulations), null);
  }

  NextHop withLabels(int newLabel, int newL3Label) {
    return newLabel == label && newL3Label == l3Label
        ? this
        : new NextHop(address, newLabel, newL3Label, encapsulations, routerMac);
  }
}
