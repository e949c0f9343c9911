package weft.datapath;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import weft.net.Ipv4Address;
import weft.vrouter.FlowKey;

class AgeingTest {
  private static final Duration USUAL = Duration.ofMinutes(3);
  private static final Duration SHORT = Duration.ofSeconds(5);
  private static final Duration LONG = Duration.ofHours(1);

  private static FlowKey flow(int protocol, int source, int destination) {
    Ipv4Address any = Ipv4Address.ANY;
    return new FlowKey(1, any, any, protocol, source, destination);
  }

  @Test
  void thePortsOfAFlowSayHowLongItMayBeIdleThenItsProtocol() {
    Ageing ageing =
        Ageing.of(USUAL)
            .with(
                Map.of(
                    new Ageing.Kind(17, 53), SHORT,
                    new Ageing.Kind(6, 0), LONG,
                    new Ageing.Kind(6, 22), Ageing.NEVER));
    assertThat(ageing.idle(flow(17, 40000, 53))).isEqualTo(SHORT);
    assertThat(ageing.idle(flow(17, 53, 40000))).isEqualTo(SHORT);
    assertThat(ageing.idle(flow(17, 40000, 54))).isEqualTo(USUAL);
    assertThat(ageing.idle(flow(6, 40000, 80))).isEqualTo(LONG);
    assertThat(ageing.idle(flow(6, 40000, 22))).isEqualTo(Ageing.NEVER);
    assertThat(ageing.idle(flow(1, 0, 0))).isEqualTo(USUAL);
    assertThat(ageing.leastIdle()).isEqualTo(SHORT);
  }
}
