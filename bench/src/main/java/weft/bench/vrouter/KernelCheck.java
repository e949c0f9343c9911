package weft.bench.vrouter;

import java.time.Duration;
import java.util.List;
import weft.lab.Await;
import weft.net.Encapsulation;

/**
 * Forwards between two hosts on the kernel that it runs on: echo, a TCP connection, new flows.
 * `weft lab kernel` runs it in the machine that it boots.
 */
public final class KernelCheck {
  private static final Duration TIME = Duration.ofMillis(500);
  private static final int FLOW_TABLE = 1 << 18;

  private KernelCheck() {}

  public static void main(String[] arguments) throws Exception {
    String stems = "ug";
    List<Encapsulation> kinds = List.of(Encapsulation.MPLS_O_UDP, Encapsulation.MPLS_O_GRE);
    for (int i = 0; i < kinds.size(); i++) {
      check(kinds.get(i), stems.substring(i, i + 1));
    }
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
      String echo = path.from().run("ping", "-n", "-c", "20", "-i", "0.1", path.address()).output();
      require(path, echo.contains(" 0% packet loss"), "20 of 20 echoes", echo);
      double exchanges = Exchanges.perSecond(path, TIME).rate();
      require(path, exchanges > 0, "%.0f exchanges a second over TCP".formatted(exchanges), "");
      path.forget();
      Datagrams.Result flows = Datagrams.newFlows(path, TIME, FLOW_TABLE / 4);
      require(
          path,
          flows.lost() == 0,
          "%d packets of new flows, none lost".formatted(flows.arrived()),
          flows + " " + path.host(0).dropsText() + " " + path.host(1).dropsText());
    }
  }

  private static void require(WeftPath path, boolean ok, String what, String else_) {
    if (!ok) {
      throw new IllegalStateException(path.name() + ": not so: " + what + ": " + else_);
    }
    say(path, what);
  }

  private static void say(WeftPath path, String what) {
    System.out.println(path.name() + ": " + what);
  }
}
