package weft.lab.openstack;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Command;
import weft.lab.LabException;

/**
 * Shows that the site's OpenStack works, machines and all: a line for each thing that was tried,
 * with what was seen.
 */
final class Check {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final List<String> DEFAULTS =
      List.of("__link_local__", "default-virtual-network", "ip-fabric");
  private static final String LEFT = "check-left";
  private static final String RIGHT = "check-right";
  private static final String OUTSIDE = "check-outside";
  private static final String GROUP = "check";

  private final Site site;
  private final Consumer<String> told;
  private final Fabric fabric;
  private final Libvirt libvirt;
  private final Cloud admin;
  private final Project operator;
  private final Project project;

  /** What has to be done to take away what is there. */
  private final Deque<Runnable> endings = new ArrayDeque<>();

  private boolean failed;

  private Check(Site site, Consumer<String> told, Cloud admin, Cloud demo) {
    this.site = site;
    this.told = told;
    this.fabric = new Fabric(site);
    this.libvirt = new Libvirt(site);
    this.admin = admin;
    this.operator = new Project(admin);
    this.project = new Project(demo);
  }

  /** Tries everything; returns whether all of it worked. */
  static boolean run(Site site, Consumer<String> told) {
    try (Cloud admin = new Cloud(site, "admin");
        Cloud demo = new Cloud(site, "demo")) {
      Check check = new Check(site, told, admin, demo);
      check.all();
      return !check.failed;
    }
  }

  /** A value that a step found, and what to say of it. */
  private record Seen<T>(T value, String text) {}

  private void all() {
    Set<String> ports = new TreeSet<>();
    try {
      show("the default networks are listed", this::defaultNetworks);
      show("the control node's peers", this::peers);
      machines(step("networks, router, group", this::networks), ports);
      tidy();
      show("nothing is left behind", () -> nothingLeft(ports));
    } catch (LabException _) {
      // Told already, as a step that failed.
      tidy();
    }
  }

  private void tidy() {
    while (!endings.isEmpty()) {
      try {
        endings.pop().run();
      } catch (LabException e) {
        line(false, System.nanoTime(), "taking down what was made", e.getMessage());
      }
    }
  }

  /** Tries something; a failure is told and ends the check. */
  private <T> T step(String name, Supplier<Seen<T>> step) {
    long begin = System.nanoTime();
    try {
      Seen<T> seen = step.get();
      line(true, begin, name, seen.text());
      return seen.value();
    } catch (LabException e) {
      line(false, begin, name, e.getMessage());
      throw e;
    }
  }

  private void show(String name, Supplier<String> step) {
    step(name, () -> new Seen<>(name, step.get()));
  }

  private void line(boolean ok, long begin, String name, @Nullable String text) {
    failed |= !ok;
    double seconds = (System.nanoTime() - begin) / 1e9;
    told.accept(
        String.format(
            Locale.ROOT, "%-6s %5.1f s  %s: %s", ok ? "ok" : "failed", seconds, name, text));
  }

  private String defaultNetworks() {
    List<String> shell =
        List.of("bash", "-c", environment() + "\nopenstack network list -f value -c Name");
    List<String> names = Command.run(shell).orThrow().lines().toList();
    if (!names.containsAll(DEFAULTS)) {
      throw new LabException("openstack network list: " + names);
    }
    return "openstack network list: " + String.join(", ", DEFAULTS);
  }

  private String environment() {
    return new OpenStack(site, told).environment();
  }

  private String peers() {
    ApiClient control = new ApiClient(site.url("control"));
    return Await.value(
        "both vRouters are peers",
        SOON,
        () -> {
          List<String> up = new ArrayList<>();
          for (JsonNode peer : control.rows("peers", "/peers")) {
            if (peer.path("state").asString("").equals("Established")) {
              up.add(peer.path("peer").asString("") + " Established");
            }
          }
          return up.size() < 2 ? null : String.join(", ", up);
        });
  }

  private record Net(String left, String right, String outside, String group, String rule) {}

  private Seen<Net> networks() {
    endings.push(operator::close);
    String outside = operator.network(OUTSIDE, "203.0.113.0/24", true);
    endings.push(project::close);
    String left = project.network(LEFT, "10.21.1.0/24", false);
    String right = project.network(RIGHT, "10.21.2.0/24", false);
    project.router("check", outside, left, right);
    String group = project.group(GROUP);
    String rule = project.allowPings(group);
    return new Seen<>(
        new Net(left, right, outside, group, rule),
        LEFT + " and " + RIGHT + " joined by a router with its gateway in " + OUTSIDE);
  }

  private void machines(Net net, Set<String> ports) {
    show("no VRF before there is a machine", () -> vrfs(Set.of(), Set.of()));
    StandIn far =
        step("a machine on " + Fabric.SECOND, () -> standIn("far", net.left(), net.group()));
    show("VRFs once it has come", () -> vrfs(Set.of(), Set.of(LEFT)));
    long begin = System.nanoTime();
    List<String> servers = new ArrayList<>();
    show("Nova boots two machines", () -> boot(net, servers));
    servers.forEach(id -> ports.add(port(id)));
    ports.add(far.id());
    String first = address(servers.get(0));
    String second = address(servers.get(1));
    show("the first answers pings", () -> reached(far, first, begin));
    show("VRFs once they have come", () -> vrfs(Set.of(LEFT, RIGHT), Set.of(LEFT)));
    Server one = Server.booted(admin, libvirt, servers.get(0));
    Server two = Server.booted(admin, libvirt, servers.get(1));
    endings.push(one::close);
    endings.push(two::close);
    show("DHCP and metadata", () -> identity(one, servers.get(0), first));
    show("through the router", () -> pings(one, second) + "; " + pings(two, first));
    show("to the other host", () -> pings(one, far.address()) + "; " + pings(two, far.address()));
    show("a floating address", () -> floating(net, servers.get(0), ports));
    show("a security group changes", () -> group(net, far, first));
  }

  private Seen<StandIn> standIn(String name, String network, String group) {
    StandIn made = StandIn.boot(site, admin, Fabric.second(), name, network, group);
    endings.push(made::end);
    Await.until("its port is active", SOON, () -> made.status().equals("ACTIVE"));
    return new Seen<>(made, made.address() + " by DHCP, its port ACTIVE");
  }

  private String boot(Net net, List<String> servers) {
    servers.add(project.server("check-one", net.left(), GROUP));
    servers.add(project.server("check-two", net.right(), GROUP));
    servers.forEach(project::awaitActive);
    for (String server : servers) {
      String status = project.ports(server).getFirst().path("status").asString("");
      if (!status.equals("ACTIVE")) {
        throw new LabException("the machine is active, its port is " + status);
      }
    }
    return "ACTIVE, once Nova had been told network-vif-plugged";
  }

  private JsonNode portOf(String server) {
    return project.ports(server).getFirst();
  }

  private String port(String server) {
    return portOf(server).path("id").asString("");
  }

  private String address(String server) {
    return portOf(server).path("fixed_ips").path(0).path("ip_address").asString("");
  }

  private static String reached(StandIn from, String address, long begin) {
    Await.until("a ping of " + address, Duration.ofMinutes(4), () -> from.pings(address));
    return String.format(
        Locale.ROOT,
        "%s from the other host, %.1f s after it was asked for",
        address,
        (System.nanoTime() - begin) / 1e9);
  }

  private static String identity(Server server, String id, String address) {
    if (!server.said().contains("address " + address + " router")) {
      throw new LabException("no address by DHCP: " + server.said());
    }
    if (!server.said().contains("\"uuid\": \"" + id + "\"")) {
      throw new LabException("its metadata is not its own: " + server.said());
    }
    return address + " by DHCP, metadata of instance " + id;
  }

  private static String pings(Server from, String address) {
    Await.until("a ping of " + address, SOON, () -> from.pings(address));
    return "ping of " + address + " answered";
  }

  private String floating(Net net, String server, Set<String> ports) {
    String open = operator.group("check-outside");
    operator.allowPings(open);
    StandIn outside = standIn("outside", net.outside(), open).value();
    ports.add(outside.id());
    String address = project.floating(net.outside(), port(server));
    Await.until(address + " answers", SOON, () -> outside.pings(address));
    return address + " answers " + outside.address() + " in " + OUTSIDE;
  }

  private String group(Net net, StandIn far, String address) {
    project.forbid(net.rule());
    Await.until("pings are dropped", SOON, () -> !far.pings(address));
    project.allowPings(net.group());
    Await.until("pings pass again", SOON, () -> far.pings(address));
    return "pings stop without their rule, and pass again with it";
  }

  /** The networks of the check whose VRFs a host has. */
  private Set<String> vrfs(String host) {
    Set<String> found = new TreeSet<>();
    for (JsonNode vrf : new ApiClient(fabric.introspection(host)).rows("vrf", "/vrf")) {
      String name = vrf.path("name").asString("");
      if (name.contains(":check-")) {
        found.add(name.substring(name.lastIndexOf(':') + 1));
      }
    }
    return found;
  }

  private String vrfs(Set<String> first, Set<String> second) {
    Await.until(
        Fabric.FIRST + " has VRFs " + first + " and " + Fabric.SECOND + " " + second,
        SOON,
        () -> vrfs(Fabric.FIRST).equals(first) && vrfs(Fabric.SECOND).equals(second));
    return Fabric.FIRST
        + " has "
        + new TreeSet<>(first)
        + ", "
        + Fabric.SECOND
        + " "
        + new TreeSet<>(second);
  }

  private String nothingLeft(Set<String> ports) {
    Await.until("files of ports are gone", SOON, () -> ports.stream().noneMatch(this::hasFile));
    Await.until(
        "devices are gone",
        SOON,
        () -> ports.stream().noneMatch(port -> Files.exists(Path.of("/sys/class/net", tap(port)))));
    for (String port : ports) {
      if (admin.exists("neutron", "/v2.0/ports/" + port)) {
        throw new LabException("port " + port + " is still there");
      }
    }
    vrfs(Set.of(), Set.of());
    List<JsonNode> machines = admin.list("api", "/virtual-machines", "virtual-machines");
    if (!machines.isEmpty()) {
      throw new LabException("machines in the config: " + machines);
    }
    return "no tap, port file, VRF, port or machine in the config";
  }

  private static String tap(String port) {
    return "tap" + port.substring(0, 11);
  }

  private boolean hasFile(String port) {
    return List.of(Fabric.FIRST, Fabric.SECOND).stream()
        .anyMatch(host -> Files.exists(new Vrouter(site, host).portFiles().resolve(port)));
  }
}
