package weft.lab;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * The IP underlay: a bridge in a namespace of its own, to which hosts and this machine are joined.
 *
 * <pre>
 *   this machine 172.31.0.1 --+
 *   host 172.31.0.11 ---------+-- bridge (namespace)
 *   host 172.31.0.12 ---------+
 * </pre>
 */
public final class Underlay implements AutoCloseable {
  /** Leaves room for every encapsulation around a guest's 1500 bytes. */
  public static final int MTU = 1600;

  private static final String PREFIX = "172.31.0.";

  private final String lab;
  private final Namespace bridge;
  private final String up;
  private final Deque<Namespace> hosts = new ArrayDeque<>();

  private Underlay(String lab, Namespace bridge, String up) {
    this.lab = lab;
    this.bridge = bridge;
    this.up = up;
  }

  /**
   * @param lab starts the name of all that is made, such as `weft`
   */
  public static Underlay create(String lab) {
    String up = lab + "-up";
    Command.run("ip", "link", "delete", up);
    Namespace bridge = Namespace.create(lab + "-fabric");
    bridge.ip("link add br0 type bridge");
    bridge.ip("link set dev br0 mtu " + MTU + " up");
    Underlay underlay = new Underlay(lab, bridge, up);
    Command.run(
            "ip",
            "link",
            "add",
            up,
            "mtu",
            "" + MTU,
            "type",
            "veth",
            "peer",
            "name",
            "root",
            "netns",
            bridge.name())
        .orThrow();
    underlay.join("root");
    Command.run("ip", "address", "add", underlay.ownAddress() + "/24", "dev", up).orThrow();
    Command.run("ip", "link", "set", up, "up").orThrow();
    return underlay;
  }

  private void join(String port) {
    bridge.ip("link set dev " + port + " mtu " + MTU + " master br0 up");
  }

  /** What the names of all that is made start with. */
  public String lab() {
    return lab;
  }

  /** This machine's address on the underlay. */
  public String ownAddress() {
    return PREFIX + "1";
  }

  /** The address of the host numbered `index`, from 1. */
  public String address(int index) {
    return PREFIX + (10 + index);
  }

  /** Makes a host: a namespace whose device `eth0` is on the underlay. */
  public Namespace addHost(String name, int index) {
    Namespace host = Namespace.create(lab + "-" + name);
    hosts.push(host);
    host.ip(
        "link add eth0 mtu " + MTU + " type veth peer name " + name + " netns " + bridge.name());
    join(name);
    host.ip("address add " + address(index) + "/24 dev eth0");
    host.ip("link set dev eth0 up");
    return host;
  }

  @Override
  public void close() {
    while (!hosts.isEmpty()) {
      hosts.pop().close();
    }
    Command.run("ip", "link", "delete", up);
    bridge.close();
  }
}
