package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import weft.net.Encapsulation;

/** Real packets between real guests: what single packets cannot show (GSO, checksums, restarts). */
@Tag("lab")
class TrafficLabTest {
  private static TwoHosts hosts;

  @BeforeAll
  static void build() {
    hosts = new TwoHosts("tr");
  }

  @AfterAll
  static void close() {
    hosts.close();
    assertThat(Namespace.sh("cat /proc/sys/kernel/tainted").strip()).isEqualTo("0");
  }

  @ParameterizedTest
  @EnumSource
  void guestsReachEachOther(Encapsulation encapsulation) {
    hosts.use(encapsulation);
    assertThat(ping(TwoHosts.IP_B, "-c 3 -i 0.05")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_C, "-c 3 -i 0.05")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_B, "-c 2 -i 0.05 -s 1472 -M do")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_C, "-c 2 -i 0.05 -s 1472 -M do")).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_B, "-c 2 -i 0.05 -s 4000")).contains(" 0% packet loss");
    hosts.a.namespace().exec("ip neigh flush all");
  }

  @ParameterizedTest
  @EnumSource
  void aStreamPasses(Encapsulation encapsulation) throws IOException, InterruptedException {
    hosts.use(encapsulation);
    for (TwoHosts.Guest to : new TwoHosts.Guest[] {hosts.b, hosts.c}) {
      Process server = to.namespace().start("iperf3", "-s", "-1", "-B", to.address());
      hosts
          .a
          .namespace()
          .exec(
              "for i in 1 2 3 4 5 6 7 8 9 10; do iperf3 -c %s -t 1 > /tmp/%s && break; done"
                  .formatted(to.address(), hosts.a.namespace().name()));
      server.destroy();
      server.waitFor();
      String sent =
          Namespace.sh(
              "grep receiver /tmp/%s; rm /tmp/%s"
                  .formatted(hosts.a.namespace().name(), hosts.a.namespace().name()));
      assertThat(sent).contains("bits/sec");
      System.out.println(encapsulation + " to " + to.address() + ": " + sent.strip());
    }
  }

  @Test
  void aRestartLosesNoPacket() throws IOException, InterruptedException {
    hosts.use(Encapsulation.MPLS_O_UDP);
    Process ping =
        hosts.a.namespace().start("ping", "-q", "-i", "0.005", "-c", "400", TwoHosts.IP_B);
    for (int i = 0; i < 4; i++) {
      hosts.reopen(0);
      hosts.reopen(1);
    }
    String output = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ping.waitFor()).as(output).isZero();
    assertThat(output).contains("400 received");
  }

  private static String ping(String to, String options) {
    return hosts.a.namespace().exec("ping -q -W 1 " + options + " " + to + " || true");
  }
}
