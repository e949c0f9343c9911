package weft.lab.openstack;

import java.nio.file.Files;
import java.util.List;
import weft.lab.Command;
import weft.lab.Namespace;
import weft.lab.Underlay;

/**
 * The compute hosts of the site: this machine, where Nova's machines are, and a namespace beside
 * it, each with a vRouter, on one underlay.
 */
final class Fabric {
  static final String FIRST = "compute1";
  static final String SECOND = "compute2";

  /** Not that of the other labs, so that the fabric may be up beside them. */
  private static final String PREFIX = "172.31.1.";

  static final String LAB = "weft-os";

  /** The file of a site that has hosts. */
  private static final String MARK = "fabric";

  /** The device between datapath and agent, which outlives the agent. */
  private static final String TO_AGENT = "pkt0";

  private static final int PORT_API = 9091;
  private static final int INTROSPECTION = 8085;

  private final Site site;

  Fabric(Site site) {
    this.site = site;
  }

  /** Makes the underlay; returns this machine's address on it. */
  String lay() {
    site.write(MARK, LAB);
    Underlay underlay = Underlay.create(LAB, PREFIX);
    underlay.addHost(SECOND, 2);
    return underlay.ownAddress();
  }

  private static Underlay laid() {
    return Underlay.left(LAB, PREFIX, List.of(SECOND));
  }

  static String address() {
    return laid().ownAddress();
  }

  /** Tells the config API of the hosts, as a deployment does once. */
  void register() {
    Underlay underlay = laid();
    try (Cloud cloud = new Cloud(site, "admin")) {
      register(cloud, FIRST, underlay.ownAddress());
      register(cloud, SECOND, underlay.address(2));
    }
  }

  private static void register(Cloud cloud, String host, String address) {
    cloud.post(
        "api",
        "/virtual-routers",
        """
        {'virtual-router':{'fq_name':['default-global-system-config','%s'],'parent_type':'global-system-config',
          'virtual_router_ip_address':'%s'}}
        """
            .formatted(host, address));
  }

  /** Starts both vRouters; they may not answer yet. */
  void start() {
    Underlay underlay = laid();
    String own = underlay.ownAddress();
    new Vrouter(site, FIRST)
        .start(
            new Vrouter.Place(
                List.of(),
                underlay.ownDevice(),
                own,
                own,
                site.port("ports"),
                site.port("vrouter")));
    new Vrouter(site, SECOND)
        .start(
            new Vrouter.Place(
                underlay.hosts().getFirst().prefix(),
                "eth0",
                underlay.address(2),
                own,
                PORT_API,
                INTROSPECTION));
  }

  /** The namespace that is the second host. */
  static Namespace second() {
    return laid().hosts().getFirst();
  }

  /** Where the vRouter of a host answers questions. */
  String introspection(String host) {
    return host.equals(FIRST)
        ? "http://" + laid().ownAddress() + ":" + site.port("vrouter")
        : "http://" + laid().address(2) + ":" + INTROSPECTION;
  }

  /** Removes what the kernel has of it, if this site laid it, once the vRouters have ended. */
  void remove() {
    if (!Files.exists(site.directory().resolve(MARK))) {
      return;
    }
    List.of(FIRST, SECOND).forEach(host -> new Vrouter(site, host).forget());
    // The second host's goes with its namespace.
    Command.run("ip", "link", "delete", TO_AGENT);
    laid().close();
  }
}
