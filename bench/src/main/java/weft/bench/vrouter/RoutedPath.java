package weft.bench.vrouter;

import weft.lab.Namespace;

/** The yardstick: the kernel's own IP routing, without a tunnel and without policy. */
final class RoutedPath implements GuestPath {
  private final Fabric fabric = new Fabric("r");

  RoutedPath() {
    fabric.routed();
    for (int side = 0; side < 2; side++) {
      Namespace host = fabric.host(side);
      host.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1").orThrow();
      host.ip("address add 10." + (side + 1) + ".1.1/24 dev tap");
      host.ip("route add 10." + (2 - side) + ".1.0/24 via " + Fabric.underlay(1 - side));
    }
    fabric
        .host(1)
        .ip("neighbour add " + fabric.silentAddress() + " lladdr " + Fabric.mac(1) + " dev tap");
  }

  @Override
  public String name() {
    return "plain routing";
  }

  @Override
  public Fabric fabric() {
    return fabric;
  }
}
