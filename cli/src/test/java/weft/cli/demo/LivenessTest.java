package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.ComputeHost;
import weft.lab.Guest;
import weft.lab.Tenant;

/** What becomes of packets to guests that do not serve any more, and to hosts that are gone. */
@Tag("lab")
class LivenessTest {
  private static final Duration SOON = Duration.ofSeconds(90);
  private static final String SHARED = "10.1.1.100";

  @Test
  @Timeout(400)
  void deadServicesAndDeadHostsLoseTheirTraffic() {
    try (Cluster cluster = Cluster.start("wlive", List.of("h1", "h2", "h3"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON.multipliedBy(2));
      Tenant.registerHosts(api, cluster.hosts());
      Tenant tenant = Tenant.create(api, "a", "10.1.1.0/24");
      Guest client = tenant.addGuest("c", cluster.host("h1")).guest();
      for (String name : List.of("2", "3")) {
        Guest server = tenant.addGuest("s" + name, cluster.host("h" + name)).guest();
        share(api, tenant.port("s" + name));
        server.namespace().ip("address add " + SHARED + "/32 dev lo");
      }
      tenant.configureGuests(SOON);
      page(cluster.directory());
      serve(cluster.directory(), tenant.guest("s2"), tenant.guest("s3"));
      Await.until("two ways to the shared address", SOON, () -> ways(cluster.host("h1")) == 2);
      Await.until("it answers", SOON, () -> asks(client, SHARED, 2));

      aStoppedServiceIsLeftOut(cluster, tenant);
      aDeadHostIsLeftOut(cluster, client);
    }
  }

  /** One after the other, each monitor. */
  private static void aStoppedServiceIsLeftOut(Cluster cluster, Tenant tenant) {
    ComputeHost near = cluster.host("h1");
    ComputeHost host = cluster.host("h2");
    Tenant.Port port = tenant.port("s2");
    bird(cluster.directory(), port.guest(), true);
    for (String monitor : List.of("HTTP", "TCP", "PING", "BFD")) {
      boolean http = monitor.equals("HTTP") || monitor.equals("TCP");
      String target = http ? "http://local-ip:8000/" : "local-ip";
      tenant.check(port, List.of(tenant.addHealthCheck(monitor, target)));
      Await.until(monitor + " is good", SOON, () -> health(host).equals(List.of("good")));
      BooleanSupplier left = () -> ways(near) == 1 && !reaches(near, port.address());
      Runnable heal = breakService(cluster, port.guest(), monitor);
      Await.until(monitor + " is bad", SOON, () -> health(host).equals(List.of("bad")));
      Await.until("its routes are gone", SOON, left);
      heal.run();
      Await.until(monitor + " is good again", SOON, () -> health(host).equals(List.of("good")));
      Await.until(
          "its routes are back", SOON, () -> ways(near) == 2 && reaches(near, port.address()));
      tenant.check(port, List.of());
      Await.until("no check is left", SOON, () -> health(host).isEmpty());
    }
  }

  /** Returns what mends it. */
  private static Runnable breakService(Cluster cluster, Guest guest, String monitor) {
    if (monitor.equals("BFD")) {
      bird(cluster.directory(), guest, false);
      return () -> bird(cluster.directory(), guest, true);
    }
    if (monitor.equals("PING")) {
      guest.namespace().run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=1").orThrow();
      return () ->
          guest.namespace().run("sysctl", "-qw", "net.ipv4.icmp_echo_ignore_all=0").orThrow();
    }
    stop(cluster.directory(), guest);
    return () -> serve(cluster.directory(), guest);
  }

  private static void aDeadHostIsLeftOut(Cluster cluster, Guest client) {
    ComputeHost near = cluster.host("h1");
    ComputeHost dead = cluster.host("h3");
    Await.until(
        "h1 hears both",
        SOON,
        () ->
            state(near, "172.31.0.12").equals("alive")
                && state(near, dead.address()).equals("alive"));
    dead.namespace().ip("link set dev eth0 down");
    long downNs = System.nanoTime();
    Await.until(
        "h1 knows that h3 is silent", SOON, () -> state(near, dead.address()).equals("silent"));
    long noticedMs = (System.nanoTime() - downNs) / 1_000_000;
    for (int i = 0; i < 10; i++) {
      assertThat(asks(client, SHARED, 20)).as("traffic goes to the host that lives").isTrue();
    }
    System.out.println(
        "liveness: host known to be silent " + noticedMs + " ms after its link fell");
    dead.namespace().ip("link set dev eth0 up");
    Await.until("h3 is back", SOON, () -> state(near, dead.address()).equals("alive"));
  }

  private static String state(ComputeHost host, String peer) {
    return new ApiClient(host.introspection())
        .rows("hosts", "/hosts").stream()
            .filter(row -> row.path("address").asString().equals(peer))
            .map(row -> row.path("state").asString())
            .findFirst()
            .orElse("");
  }

  private static List<String> health(ComputeHost host) {
    return new ApiClient(host.introspection())
        .rows("health", "/health").stream().map(row -> row.path("state").asString()).toList();
  }

  private static boolean reaches(ComputeHost host, String address) {
    return routes(host, address).stream()
        .anyMatch(row -> row.path("next_hop").asString().startsWith("tunnel"));
  }

  private static List<JsonNode> routes(ComputeHost host, String address) {
    return new ApiClient(host.introspection())
        .rows("rt", "/rt").stream()
            .filter(row -> row.path("prefix").asString().equals(address + "/32"))
            .toList();
  }

  /** How many ways lead to the shared address. */
  private static int ways(ComputeHost host) {
    for (JsonNode route : routes(host, SHARED)) {
      String hop = route.path("next_hop").asString();
      return hop.startsWith("ecmp")
          ? hop.split("nh", -1).length - 1
          : hop.startsWith("tunnel") ? 1 : 0;
    }
    return 0;
  }

  private static boolean asks(Guest client, String address, int seconds) {
    return client
        .namespace()
        .run(
            "curl",
            "-s",
            "-o",
            "/dev/null",
            "-m",
            Integer.toString(seconds),
            "http://" + address + ":8000/")
        .ok();
  }

  private static void page(Path directory) {
    try {
      Files.writeString(directory.resolve("index.html"), "here");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void serve(Path directory, Guest... guests) {
    for (Guest guest : guests) {
      Path pid = directory.resolve(guest.name() + ".httpd");
      String server =
          "busybox httpd -f -p 8000 -h %s >/dev/null 2>&1 & echo $! >%s".formatted(directory, pid);
      guest.namespace().run("sh", "-c", server).orThrow();
    }
  }

  private static void stop(Path directory, Guest guest) {
    signal(directory.resolve(guest.name() + ".httpd"));
  }

  private static void signal(Path pidFile) {
    try {
      Command.run("kill", "-9", Files.readString(pidFile).strip()).orThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A BFD daemon in the guest, which has the gateway as its neighbour. */
  private static void bird(Path directory, Guest guest, boolean on) {
    Path pid = directory.resolve("bird.pid");
    if (!on) {
      signal(pid);
      return;
    }
    try {
      Path config = directory.resolve("bird.conf");
      Files.writeString(
          config,
          """
          router id 10.1.1.200;
          protocol device {}
          protocol bfd {
            interface "eth0" { min rx interval 500 ms; min tx interval 500 ms; idle tx interval 1 s; multiplier 4; };
            neighbor 10.1.1.1 dev "eth0";
          }
          """);
      String socket = directory.resolve("bird.ctl").toString();
      guest
          .namespace()
          .run("bird", "-c", config.toString(), "-s", socket, "-P", pid.toString())
          .orThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void share(ApiClient api, Tenant.Port port) {
    api.update(
        "virtual-machine-interface",
        port.interfaceId(),
        Map.of(
            "virtual_machine_interface_allowed_address_pairs",
            ApiClient.json(
                "{'allowed_address_pair':[{'ip':{'ip_prefix':'"
                    + SHARED
                    + "','ip_prefix_len':32},'address_mode':'active-active'}]}")));
  }
}
