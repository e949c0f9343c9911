package weft.lab;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

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
  private final String prefix;
  private final Namespace bridge;
  private final String up;
  private final Deque<Namespace> hosts = new ArrayDeque<>();

  private Underlay(String lab, String prefix, Namespace bridge, String up) {
    this.lab = lab;
    this.prefix = prefix;
    this.bridge = bridge;
    this.up = up;
  }

  /**
   * @param lab starts the name of all that is made, such as `weft`
   */
  public static Underlay create(String lab) {
    return create(lab, PREFIX);
  }

  /**
   * @param prefix of all addresses, such as `172.31.0.`
   */
  public static Underlay create(String lab, String prefix) {
    String up = lab + "-up";
    Command.run("ip", "link", "delete", up);
    Namespace bridge = Namespace.create(lab + "-fabric");
    bridge.ip("link add br0 type bridge");
    bridge.ip("link set dev br0 mtu " + MTU + " up");
    Underlay underlay = new Underlay(lab, prefix, bridge, up);
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

  /** One that an earlier program made and left, to be closed. */
  public static Underlay left(String lab, String prefix, List<String> hosts) {
    Underlay underlay = new Underlay(lab, prefix, Namespace.left(lab + "-fabric"), lab + "-up");
    hosts.forEach(host -> underlay.hosts.push(Namespace.left(lab + "-" + host)));
    return underlay;
  }

  private void join(String port) {
    bridge.ip("link set dev " + port + " mtu " + MTU + " master br0 up");
  }

  /** What the names of all that is made start with. */
  public String lab() {
    return lab;
  }

  /** This machine's device on the underlay. */
  public String ownDevice() {
    return up;
  }

  /** This machine's address on it. */
  public String ownAddress() {
    return prefix + "1";
  }

  /** The address of the host numbered `index`, from 1. */
  public String address(int index) {
    return prefix + (10 + index);
  }

  /** The hosts, the last one first. */
  public List<Namespace> hosts() {
    return List.copyOf(hosts);
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
