package weft.bench.vrouter;

import weft.lab.Namespace;

/** The kernel's VXLAN device behind the kernel's bridge. */
final class VxlanPath implements GuestPath {
  static final String NAME = "kernel VXLAN + bridge";

  private final Fabric fabric = new Fabric("x");

  VxlanPath() {
    fabric.bridged();
    for (int side = 0; side < 2; side++) {
      Namespace host = fabric.host(side);
      host.ip("link add br0 type bridge");
      host.ip(
          "link add vx0 type vxlan id 5 local "
              + Fabric.underlay(side)
              + " remote "
              + Fabric.underlay(1 - side)
              + " dstport 4789 dev ul");
      for (String port : new String[] {"tap", "vx0"}) {
        host.ip("link set " + port + " master br0");
        host.ip("link set " + port + " up");
      }
      host.ip("link set br0 up");
    }
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public Fabric fabric() {
    return fabric;
  }
}
