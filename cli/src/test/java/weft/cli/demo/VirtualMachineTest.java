package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Response;
import weft.http.Routes;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Command;
import weft.lab.Guest;
import weft.lab.Tenant;
import weft.lab.VirtualMachine;

/**
 * A guest as a cloud has it: QEMU on a tap, whose virtio device leaves segments and checksums to
 * the host.
 */
@Tag("lab")
class VirtualMachineTest {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int BYTES = 3_000_000;

  @Test
  @Timeout(400)
  void aMachineOnATapGetsItsAddressAndMovesData() throws IOException {
    try (Cluster cluster = Cluster.start("wvm", List.of("h1", "h2"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      String here = cluster.underlay().ownAddress();
      Routes routes =
          Routes.builder()
              .get(
                  "/latest/meta-data/instance-id",
                  request ->
                      Response.text(
                          200, "text/plain", request.headers().getOrDefault("x-instance-id", "")))
              .build();
      try (HttpServer nova = HttpServer.start(new HttpOptions(here, 0), routes)) {
        offerMetadata(api, here, nova.port());
        Tenant.registerHosts(api, cluster.hosts());
        Tenant tenant = Tenant.create(api, "vm", "10.1.1.0/24");
        Tenant.Running running = tenant.addMachine("m", cluster.host("h1"));
        Guest peer = tenant.addGuest("p", cluster.host("h2")).guest();
        Guest neighbour = tenant.addGuest("n", cluster.host("h1")).guest();
        tenant.configureGuests(SOON);
        VirtualMachine machine = running.machine();
        machine.awaitBoot(Duration.ofSeconds(200));

        assertThat(machine.run("udhcpc -i eth0 -n -q -t 20 -T 2 -O 121").output())
            .contains("address " + running.address() + " router 10.1.1.1 mtu 1500 dns 10.1.1.2");
        for (String name : List.of("p", "n")) {
          assertThat(machine.run("ping -c 3 -W 5 " + tenant.address(name)).output())
              .doesNotContain("100% packet loss");
        }
        Await.until(
            "metadata",
            SOON,
            () ->
                machine
                    .run("curl -s -m 5 http://169.254.169.254/latest/meta-data/instance-id")
                    .output()
                    .contains(running.machineId()));
        Path directory = cluster.directory();
        data(machine, peer, tenant.address("p"), running.address(), directory);
        data(machine, neighbour, tenant.address("n"), running.address(), directory);
      }
    }
  }

  /** The same bytes there and back by TCP, then datagrams both ways. */
  private static void data(
      VirtualMachine machine, Guest guest, String address, String own, Path directory)
      throws IOException {
    Path shared = Files.createDirectories(directory.resolve("www-" + guest.name()));
    byte[] bytes = new byte[BYTES];
    new Random(7).nextBytes(bytes);
    Files.write(shared.resolve("blob"), bytes);
    guest.namespace().run("busybox", "httpd", "-p", "7001", "-h", shared.toString()).orThrow();
    machine.run("mkdir -p /www && httpd -p 7002 -h /www").orThrow();
    Await.until(
        "a download",
        SOON,
        () -> machine.run("curl -s -m 20 -o /www/blob http://" + address + ":7001/blob").ok());
    Path back = shared.resolve("back");
    Await.until(
        "an upload",
        SOON,
        () ->
            guest
                .namespace()
                .run(
                    "curl", "-s", "-m", "20", "-o", back.toString(), "http://" + own + ":7002/blob")
                .ok());
    assertThat(Files.mismatch(shared.resolve("blob"), back)).isEqualTo(-1);
    machine.run("killall httpd").orThrow();

    guest.namespace().run("iperf3", "-s", "-D", "-p", "7003").orThrow();
    for (String direction : List.of("", " -R")) {
      String report =
          Await.value(
              "datagrams" + direction,
              SOON,
              () -> {
                Command.Result result =
                    machine.run("iperf3 -u -b 1M -l 1400 -n 70K -p 7003 -c " + address + direction);
                return result.ok() ? result.output() : null;
              });
      assertThat(report).as("some arrive with the right checksum").doesNotContain("(100%)");
    }
  }

  private static void offerMetadata(ApiClient api, String host, int port) {
    String id =
        api.idOf(
            "global-vrouter-config", "default-global-system-config:default-global-vrouter-config");
    api.update(
        "global-vrouter-config",
        id,
        Map.of(
            "linklocal_services",
            ApiClient.json(
                """
                {'linklocal_service_entry':[{'linklocal_service_name':'metadata',
                  'linklocal_service_ip':'169.254.169.254','linklocal_service_port':80,
                  'ip_fabric_service_ip':['%s'],'ip_fabric_service_port':%d}]}
                """
                    .formatted(host, port))));
  }
}
