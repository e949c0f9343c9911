package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.Guest;
import weft.lab.Tenant;

/** IPv6 of guests, with the kernel's own autoconfiguration and dhclient on two hosts. */
@Tag("lab")
class GuestIpv6Test {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String ROUTER = "fe80::200:5eff:fe00:100";

  @Test
  @Timeout(300)
  void guestsConfigureThemselvesAndFindEachOther() {
    try (Cluster cluster = Cluster.start("wsix", List.of("h1", "h2"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      Tenant.registerHosts(api, cluster.hosts());
      Tenant tenant = Tenant.create(api, "six", "10.1.1.0/24");
      Tenant.Network managed = tenant.addNetwork("managed", "fd00:1::/64");
      Tenant.Network own = tenant.addNetworkOfOwnAddresses("own", "fd00:2::/64");
      for (String host : List.of("h1", "h2")) {
        tenant.addGuest("m-" + host, managed, cluster.host(host));
        tenant.addGuest("o-" + host, own, cluster.host(host));
      }
      autoconfigured(tenant, "o-h1");
      autoconfigured(tenant, "o-h2");
      byDhcp(tenant, "m-h1");
      byDhcp(tenant, "m-h2");
      for (String prefix : List.of("m-", "o-")) {
        Guest guest = tenant.guest(prefix + "h1");
        reaches(guest, tenant.address(prefix + "h2"));
        reachesInPieces(guest, tenant.address(prefix + "h2"));
        reaches(guest, prefix.equals("m-") ? "fd00:1::1" : "fd00:2::1");
        reaches(guest, ROUTER + "%eth0");
      }
      itsServicesAreProbed(tenant, cluster);
      anAddressGoesWithWhoeverSpeaksForIt(api, tenant, cluster);
      twoMayNotHaveOneAddress(tenant.guest("m-h1"), tenant.address("m-h2"));
    }
  }

  /** A guest whose link comes up asks for routers at once. */
  private static void linkUp(Guest guest) {
    guest.namespace().ip("link set dev eth0 down");
    guest.namespace().ip("link set dev eth0 up");
    Await.until(
        "a router for " + guest.name(),
        SOON,
        () ->
            guest
                .namespace()
                .run("ip", "-6", "route", "show", "default")
                .output()
                .contains("default via " + ROUTER + " dev eth0 proto ra"));
  }

  private static void autoconfigured(Tenant tenant, String name) {
    Guest guest = tenant.guest(name);
    linkUp(guest);
    addresses(
        guest,
        "its own address",
        text -> text.contains(tenant.address(name) + "/64") && !text.contains("tentative"));
  }

  private static void byDhcp(Tenant tenant, String name) {
    Guest guest = tenant.guest(name);
    linkUp(guest);
    assertThat(guest.dhclient6(SOON))
        .contains("address " + tenant.address(name), "dns fd00:1::2", "lifetime 4294967295");
    addresses(
        guest,
        "the one address",
        text -> text.contains(tenant.address(name) + "/128") && !text.contains("tentative"));
    assertThat(guest.namespace().run("ip", "-6", "address", "show", "scope", "global").output())
        .as("no address is made where DHCP gives them")
        .doesNotContain("/64");
  }

  private static void addresses(Guest guest, String what, Predicate<String> wanted) {
    Await.until(
        what + " of " + guest.name(),
        SOON,
        () ->
            wanted.test(
                guest
                    .namespace()
                    .run("ip", "-6", "address", "show", "dev", "eth0", "scope", "global")
                    .output()));
  }

  private static void reaches(Guest guest, String address) {
    Await.until(guest.name() + " reaches " + address, SOON, () -> guest.pings(address));
  }

  private static void reachesInPieces(Guest guest, String address) {
    Await.until(
        guest.name() + " reaches " + address + " in fragments",
        SOON,
        () ->
            guest.namespace().run("ping", "-n", "-c", "1", "-W", "1", "-s", "4000", address).ok());
  }

  /** By TCP, HTTP and BFD, of which the last has the gateway's address. */
  private static void itsServicesAreProbed(Tenant tenant, Cluster cluster) {
    Tenant.Port port = tenant.port("o-h1");
    String guest = tenant.address("o-h1");
    String http = "http://[" + guest + "]:8000/";
    List<String> checks =
        List.of(
            tenant.addHealthCheck("TCP", http),
            tenant.addHealthCheck("HTTP", http),
            tenant.addHealthCheck("BFD", guest));
    tenant.check(port, checks);
    Await.until("nobody serves", SOON, () -> health(cluster).equals(List.of("bad", "bad", "bad")));
    Path directory = cluster.directory().resolve("six");
    write(directory.resolve("index.html"), "here");
    write(
        directory.resolve("bird.conf"),
        """
        router id 10.1.1.200;
        protocol device {}
        protocol bfd {
          interface "eth0" { min rx interval 500 ms; min tx interval 500 ms; idle tx interval 1 s; };
          neighbor fd00:2::1 dev "eth0" local %s;
        }
        """
            .formatted(guest));
    String serve =
        "cd %s; busybox httpd -f -p [::]:8000 >/dev/null 2>&1 & echo $! >%s/httpd.pid; bird -c bird.conf -s bird.ctl -P bird.pid"
            .formatted(directory, directory);
    port.guest().namespace().run("sh", "-c", serve).orThrow();
    Await.until("all serve", SOON, () -> health(cluster).equals(List.of("good", "good", "good")));
    for (String daemon : List.of("httpd", "bird")) {
      Command.run("sh", "-c", "kill -9 $(cat %s/%s.pid)".formatted(directory, daemon)).orThrow();
    }
    Await.until("nobody does", SOON, () -> health(cluster).equals(List.of("bad", "bad", "bad")));
    tenant.check(port, List.of());
    Await.until("no check is left", SOON, () -> health(cluster).isEmpty());
  }

  private static void write(Path file, String text) {
    try {
      Files.createDirectories(file.getParent());
      Files.writeString(file, text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> health(Cluster cluster) {
    return new ApiClient(cluster.host("h1").introspection())
        .rows("health", "/health").stream().map(row -> row.path("state").asString()).toList();
  }

  /** As VRRP does it, with the announcements of busybox's arping. */
  private static void anAddressGoesWithWhoeverSpeaksForIt(
      ApiClient api, Tenant tenant, Cluster cluster) {
    String shared = "10.1.1.100";
    for (String name : List.of("s-h1", "s-h2")) {
      Tenant.Port port = tenant.addGuest(name, cluster.host(name.substring(2)));
      api.update(
          "virtual-machine-interface",
          port.interfaceId(),
          Map.of(
              "virtual_machine_interface_allowed_address_pairs",
              ApiClient.json(
                  "{'allowed_address_pair':[{'ip':{'ip_prefix':'10.1.1.100','ip_prefix_len':32},"
                      + "'address_mode':'active-standby'}]}")));
      port.guest().dhcp(SOON);
    }
    Guest client = tenant.addGuest("c", cluster.host("h1")).guest();
    client.dhcp(SOON);
    for (String name : List.of("s-h2", "s-h1", "s-h2")) {
      Guest owner = tenant.guest(name);
      for (String each : List.of("s-h1", "s-h2")) {
        tenant.guest(each).namespace().run("ip", "address", "del", shared + "/32", "dev", "eth0");
      }
      owner.namespace().ip("address add " + shared + "/32 dev eth0");
      Await.until(
          shared + " leads to " + name,
          SOON,
          () -> {
            owner
                .namespace()
                .run("busybox", "arping", "-q", "-U", "-c", "1", "-w", "1", "-I", "eth0", shared);
            return client.pings(shared);
          });
    }
  }

  /** The vRouter answers for the owner on the other host. */
  private static void twoMayNotHaveOneAddress(Guest guest, String taken) {
    guest.namespace().ip("-6 address add " + taken + "/64 dev eth0");
    addresses(guest, "the conflict", text -> text.contains("dadfailed"));
    guest.namespace().ip("-6 address del " + taken + "/64 dev eth0");
  }
}
