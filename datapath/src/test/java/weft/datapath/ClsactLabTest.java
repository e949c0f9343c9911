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
import weft.vrouter.TableKey.VifKey;

/** Attaching as kernels before 6.6 have it; what these load is `weft lab kernel`'s to say. */
@Tag("lab")
class ClsactLabTest {
  private static TwoHosts hosts;

  @BeforeAll
  static void build() {
    hosts = new TwoHosts("cl", false);
  }

  @AfterAll
  static void close() {
    hosts.close();
  }

  @ParameterizedTest
  @EnumSource
  void guestsReachEachOther(Encapsulation encapsulation) {
    hosts.use(encapsulation);
    assertThat(filters("tap1")).contains("direct-action");
    assertThat(ping(TwoHosts.IP_B)).contains(" 0% packet loss");
    assertThat(ping(TwoHosts.IP_C)).contains(" 0% packet loss");
  }

  @Test
  void aRestartLosesNoPacket() throws IOException, InterruptedException {
    hosts.use(Encapsulation.MPLS_O_UDP);
    Process ping =
        hosts.a.namespace().start("ping", "-q", "-i", "0.005", "-c", "300", TwoHosts.IP_B);
    for (int i = 0; i < 3; i++) {
      for (int host = 0; host < 2; host++) {
        hosts.leave(host);
        hosts.takeOver(host);
      }
    }
    String output = new String(ping.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(ping.waitFor()).as(output).isZero();
    assertThat(output).contains("300 received");
    assertThat(hosts.datapath(0).contents()).isEqualTo(hosts.applied(0));
  }

  @Test
  void aPortThatGoesTakesItsFilterAlong() {
    hosts.use(Encapsulation.MPLS_O_UDP);
    VifKey port = new VifKey(hosts.a.id());
    hosts.remove(0, port);
    assertThat(filters("tap1")).doesNotContain("direct-action");
    hosts.use(Encapsulation.MPLS_O_UDP);
    assertThat(filters("tap1")).contains("direct-action");
  }

  private static String filters(String device) {
    return hosts.host(0).exec("tc filter show dev " + device + " ingress");
  }

  private static String ping(String to) {
    return hosts.a.namespace().exec("ping -n -W 2 -c 3 -i 0.05 " + to + " || true");
  }
}
