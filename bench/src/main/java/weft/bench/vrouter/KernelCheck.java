package weft.bench.vrouter;

import java.time.Duration;
import java.util.List;
import weft.lab.Await;
import weft.lab.Namespace;
import weft.net.Encapsulation;
import weft.net.MacAddress;

/**
 * Forwards between two hosts on the kernel that it runs on, by each encapsulation: echo, a TCP
 * connection and a stream of IPv4, of IPv6 and to a floating address; new flows. `weft lab kernel`
 * runs it in the machine that it boots.
 */
public final class KernelCheck {
  private static final Duration TIME = Duration.ofMillis(500);
  private static final int FLOW_TABLE = 1 << 18;
  private static final int STREAM = 4_000_000;
  private static final String FLOATING = "10.9.1.2";

  private KernelCheck() {}

  public static void main(String[] arguments) throws Exception {
    check(Encapsulation.MPLS_O_UDP, "u");
    check(Encapsulation.MPLS_O_GRE, "g");
    check(Encapsulation.VXLAN, "v");
    System.out.println("weft-kernel-check passed");
    System.exit(0);
  }

  private static void check(Encapsulation kind, String stem) throws Exception {
    try (WeftPath path = new WeftPath(kind, stem, FLOW_TABLE)) {
      String filters =
          path.fabric().host(0).run("tc", "filter", "show", "dev", "tap", "ingress").output();
      say(path, filters.contains("direct-action") ? "attached by clsact" : "attached by tcx");
      Await.until(
          "packets pass",
          Duration.ofSeconds(60),
          () -> path.from().run("ping", "-n", "-c", "1", "-W", "2", path.address()).ok());
      passes(path, "IPv4");
      exchanges(path, "IPv4");
      Known inIpv6 = inIpv6(path);
      passes(inIpv6, "IPv6");
      exchanges(inIpv6, "IPv6");
      path.floating(FLOATING);
      passes(new Known(path, FLOATING), "to a floating address");
      path.forget();
      Datagrams.Result flows = Datagrams.newFlows(path, TIME, FLOW_TABLE / 4);
      require(
          path,
          flows.lost() == 0,
          "%d packets of new flows, none lost".formatted(flows.arrived()),
          flows + " " + path.host(0).dropsText() + " " + path.host(1).dropsText());
    }
  }

  /** A path whose far guest is known by this address, too. */
  private record Known(WeftPath path, String address) implements GuestPath {
    @Override
    public String name() {
      return path.name();
    }

    @Override
    public Fabric fabric() {
      return path.fabric();
    }
  }

  private static Known inIpv6(WeftPath path) {
    List<String> addresses = List.of("fd00:1::2", "fd00:2::2");
    path.addresses(addresses);
    for (int side = 0; side < 2; side++) {
      Namespace guest = path.fabric().guest(side);
      guest.run("sysctl", "-q", "-w", "net.ipv6.conf.all.disable_ipv6=0").orThrow();
      guest.ip("address add " + addresses.get(side) + "/128 dev eth0 nodad");
      guest.ip("neighbour add fe80::1 lladdr " + MacAddress.GATEWAY + " dev eth0");
      guest.ip("route add default via fe80::1 dev eth0");
    }
    return new Known(path, addresses.get(1));
  }

  private static void passes(GuestPath path, String what) throws Exception {
    String echo = path.from().run("ping", "-n", "-c", "10", "-i", "0.1", path.address()).output();
    require(path, echo.contains(" 0% packet loss"), what + ": 10 of 10 echoes", echo);
    require(
        path,
        Exchanges.arrives(path, STREAM),
        "%s: %d MB in one connection".formatted(what, STREAM / 1_000_000),
        "");
  }

  private static void exchanges(GuestPath path, String what) throws Exception {
    double rate = Exchanges.perSecond(path, TIME).rate();
    require(path, rate > 0, "%s: %.0f exchanges a second over TCP".formatted(what, rate), "");
  }

  private static void require(GuestPath path, boolean ok, String what, String else_) {
    if (!ok) {
      throw new IllegalStateException(path.name() + ": not so: " + what + ": " + else_);
    }
    say(path, what);
  }

  private static void say(GuestPath path, String what) {
    System.out.println(path.name() + ": " + what);
  }
}
