package weft.lab;

/**
 * The yardstick: two namespaces whose packets take the same devices as two guests', forwarded by
 * the kernel's plain IP routing instead of a vRouter.
 */
public final class PlainPath implements AutoCloseable {
  private static final String LEFT = "10.99.1.";
  private static final String RIGHT = "10.99.2.";

  private final Namespace from;
  private final Namespace to;

  private PlainPath(Namespace from, Namespace to) {
    this.from = from;
    this.to = to;
  }

  /** Makes two more hosts on the underlay, each with one workload, and routes between them. */
  public static PlainPath create(Underlay underlay) {
    Namespace left = underlay.addHost("p1", 91);
    Namespace right = underlay.addHost("p2", 92);
    Namespace from = workload(left, underlay.lab() + "-plain1", LEFT);
    Namespace to = workload(right, underlay.lab() + "-plain2", RIGHT);
    left.ip("route add " + RIGHT + "0/24 via " + underlay.address(92));
    right.ip("route add " + LEFT + "0/24 via " + underlay.address(91));
    return new PlainPath(from, to);
  }

  private static Namespace workload(Namespace host, String name, String subnet) {
    host.run("sysctl", "-q", "-w", "net.ipv4.ip_forward=1").orThrow();
    Namespace workload = Namespace.create(name);
    workload.ip("link add eth0 type veth peer name tap0 netns " + host.name());
    host.ip("address add " + subnet + "1/24 dev tap0");
    host.ip("link set dev tap0 up");
    workload.ip("address add " + subnet + "2/24 dev eth0");
    workload.ip("link set dev eth0 up");
    workload.ip("route add default via " + subnet + "1");
    return workload;
  }

  public Namespace from() {
    return from;
  }

  public Namespace to() {
    return to;
  }

  public String toAddress() {
    return RIGHT + "2";
  }

  /** Removes the workloads; the hosts go with the underlay. */
  @Override
  public void close() {
    from.close();
    to.close();
  }
}
