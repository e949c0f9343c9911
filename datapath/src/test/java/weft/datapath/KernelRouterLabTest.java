package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.net.Encapsulation;
import weft.net.MacAddress;
import weft.net.Vni;
import weft.vrouter.InetRoute;
import weft.vrouter.InetRoute.Arp;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.VniKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;
import weft.vrouter.VniEntry;

/**
 * Routed packets by VXLAN to and from the kernel's own VXLAN device, by the MACs of both routers.
 */
@Tag("lab")
class KernelRouterLabTest {
  private static final String BEHIND = "10.77.0.1";
  private static final int VNI = 77;
  private static final int TO_GUEST = 60;
  private static final int TO_KERNEL = 61;
  private static final int BRIDGE = 62;
  private static final MacAddress OWN = PacketLab.mac(0);
  private static final MacAddress KERNEL = PacketLab.mac(77);

  @Test
  void packetsPassBothWays() {
    try (Hosts hosts = new Hosts("kr", 1, 0)) {
      Hosts.Guest guest = hosts.guests.getFirst();
      hosts.put(0, tables(hosts, guest));
      guest
          .namespace()
          .exec(
              "ip neigh add 10.1.1.254 lladdr %s dev eth0 && ip route add default via 10.1.1.254"
                  .formatted(MacAddress.GATEWAY));
      kernel(hosts);
      assertThat(guest.namespace().exec("ping -n -c 3 -w 40 " + BEHIND)).contains("3 received");
      assertThat(
              hosts
                  .namespace(1)
                  .exec("ping -n -c 3 -w 40 -I %s %s".formatted(BEHIND, guest.address())))
          .contains("3 received");
    }
  }

  private static Map<TableKey, TableValue> tables(Hosts hosts, Hosts.Guest guest) {
    Map<TableKey, TableValue> t =
        new HashMap<>(hosts.basics(0, new Vif.Flags(true, true, true, false)));
    t.put(new NextHopKey(TO_GUEST), new NextHop.EncapL3(guest.id()));
    t.put(
        new NextHopKey(TO_KERNEL),
        new NextHop.Tunnel(Hosts.address(0), Hosts.address(1), Encapsulation.VXLAN, KERNEL));
    t.put(new NextHopKey(BRIDGE), new NextHop.Bridge(1));
    t.put(new VniKey(new Vni(VNI)), new VniEntry(BRIDGE));
    t.put(
        PacketLab.key(1, guest.address() + "/32"),
        new InetRoute(TO_GUEST, -1, Arp.PROXY, null, 100, new TreeSet<>()));
    t.put(
        PacketLab.key(1, "10.77.0.0/24"),
        new InetRoute(TO_KERNEL, VNI, Arp.PROXY, null, 100, new TreeSet<>()));
    return t;
  }

  /** What a router makes of a route of type 5: a neighbour, where its MAC is, and the route. */
  private static void kernel(Hosts hosts) {
    Namespace at = hosts.namespace(1);
    at.exec("ip link add irb type bridge && ip link set irb address " + KERNEL + " up");
    at.exec(
        "ip link add vx type vxlan id %d dstport 4789 local %s nolearning"
            .formatted(VNI, Hosts.address(1)));
    at.exec("ip link set vx master irb up");
    at.exec("ip link add lan type veth peer name far && ip link set lan up && ip link set far up");
    at.exec("ip addr add " + BEHIND + "/24 dev lan");
    at.exec("ip neigh add %s lladdr %s dev irb".formatted(Hosts.address(0), OWN));
    at.exec("bridge fdb add %s dev vx dst %s self".formatted(OWN, Hosts.address(0)));
    at.exec("bridge fdb add %s dev vx master static".formatted(OWN));
    at.exec("ip route add 10.1.1.0/24 via %s dev irb onlink".formatted(Hosts.address(0)));
  }
}
