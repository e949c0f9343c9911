package weft.bench.vrouter;

import java.util.List;
import weft.lab.Namespace;

/**
 * Two hosts on a wire, each with a guest; nothing carries packets between the guests yet.
 *
 * <pre>
 *   guest eth0 -- tap host ul -- ul host tap -- eth0 guest
 * </pre>
 */
final class Fabric implements AutoCloseable {
  /** Leaves room for every encapsulation around a guest's 1500 bytes. */
  private static final int MTU = 1600;

  private static final List<String> MACS = List.of("02:00:00:00:00:01", "02:00:00:00:00:02");

  private static final String SILENT = "9";

  private final Namespace[] hosts = new Namespace[2];
  private final Namespace[] guests = new Namespace[2];

  /** Of the other guest's network, without the last byte. */
  private String network = "";

  private String last = "";

  /**
   * @param stem distinguishes its namespaces from those of others
   */
  Fabric(String stem) {
    String name = Sweep.namespaceStem() + stem;
    for (int side = 0; side < 2; side++) {
      hosts[side] = Namespace.create(name + "h" + side);
      guests[side] = Namespace.create(name + "g" + side);
    }
    hosts[0].ip("link add ul mtu " + MTU + " type veth peer name ul netns " + hosts[1].name());
    for (int side = 0; side < 2; side++) {
      Namespace host = hosts[side];
      Namespace guest = guests[side];
      host.ip("link set ul mtu " + MTU);
      host.ip("address add " + underlay(side) + "/24 dev ul");
      host.ip("link set ul up");
      host.ip("link add tap type veth peer name eth0 netns " + guest.name());
      host.ip("link set tap up");
      guest.ip("link set eth0 address " + mac(side));
      guest.ip("link set eth0 up");
      // Super-packets of UDP are not delivered after decapsulation by this kernel family.
      guest.run("ethtool", "-K", "eth0", "tx-udp-segmentation", "off");
      settings(guest);
    }
  }

  /** A client that connects all the time must not run out of ports. */
  private static void settings(Namespace guest) {
    guest
        .run(
            "sysctl",
            "-q",
            "-w",
            "net.ipv4.ip_local_port_range=2048 65535",
            "net.ipv4.tcp_max_tw_buckets=64",
            "net.ipv6.conf.all.disable_ipv6=1")
        .orThrow();
  }

  /** Of the second guest, once it has one. */
  String address() {
    return network + last;
  }

  /** One in the network of the second guest that nobody has. */
  String silentAddress() {
    return network + SILENT;
  }

  Namespace host(int side) {
    return hosts[side];
  }

  Namespace guest(int side) {
    return guests[side];
  }

  static String mac(int side) {
    return MACS.get(side);
  }

  static String underlay(int side) {
    return "172.30.0." + (side + 1);
  }

  /** Puts the guests into one network: each knows the other, and an address nobody answers for. */
  void bridged() {
    network = "10.1.1.";
    last = "3";
    for (int side = 0; side < 2; side++) {
      guests[side].ip("address add 10.1.1." + (side + 2) + "/24 dev eth0");
    }
    guests[0].ip("neighbour add " + silentAddress() + " lladdr " + mac(1) + " dev eth0");
  }

  /** Puts each guest into a network of its own, with a gateway. */
  void routed() {
    network = "10.2.1.";
    last = "2";
    for (int side = 0; side < 2; side++) {
      guests[side].ip("address add 10." + (side + 1) + ".1.2/24 dev eth0");
      guests[side].ip("route add default via 10." + (side + 1) + ".1.1");
    }
  }

  @Override
  public void close() {
    for (Namespace each : guests) {
      each.close();
    }
    for (Namespace each : hosts) {
      each.close();
    }
  }
}
