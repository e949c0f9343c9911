package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;
import weft.cli.Main;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.ComputeHost;
import weft.lab.Guest;
import weft.lab.Tenant;

/** `weft verify neutron` on a lab with a guest: first all agree, then a vRouter knows more. */
@Tag("lab")
class VerifyNeutronTest {
  private static final Duration SOON = Duration.ofSeconds(30);

  @Test
  @Timeout(180)
  void aPortThatOnlyTheVrouterHasIsNamed() {
    try (Cluster cluster = Cluster.start("wvn", List.of("h1"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      Tenant.registerHosts(api, cluster.hosts());
      Tenant tenant = Tenant.create(api, "tenant", "10.1.1.0/24");
      Guest guest = tenant.addGuest("vm", cluster.host("h1")).guest();
      tenant.configureGuests(SOON);
      assertThat(guest.name()).isNotEmpty();
      Await.until("all agree", SOON, () -> verify(cluster).startsWith("0 0 differences"));

      UUID unknown = UUID.fromString("11111111-2222-4333-8444-555555555555");
      ComputeHost host = cluster.host("h1");
      Guest stray =
          host.plug("stray", unknown, UUID.randomUUID(), UUID.randomUUID(), "02:11:22:33:44:55");
      Await.until(
          "the port is named",
          SOON,
          () ->
              verify(cluster)
                  .startsWith("1 port " + unknown + ": plugged on h1, Neutron does not show it"));
      host.unplug(stray, unknown);
      Await.until("all agree again", SOON, () -> verify(cluster).startsWith("0 0 differences"));
    }
  }

  /** Exit code and output. */
  private static String verify(Cluster cluster) {
    StringWriter out = new StringWriter();
    CommandLine weft = Main.commandLine().setOut(new PrintWriter(out));
    int code =
        weft.execute(
            "verify",
            "neutron",
            "--api",
            cluster.api(),
            "--vrouter",
            cluster.host("h1").introspection());
    return code + " " + out;
  }
}
