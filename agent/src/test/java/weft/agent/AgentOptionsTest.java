package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import weft.net.Ipv4Address;

class AgentOptionsTest {
  private static Properties properties(String... pairs) {
    Properties properties = new Properties();
    properties.putAll(
        java.util.Map.of(
            "name", "h1", "underlay.device", "eth0", "underlay.address", "172.31.0.11"));
    for (int i = 0; i < pairs.length; i += 2) {
      properties.put(pairs[i], pairs[i + 1]);
    }
    return properties;
  }

  @Test
  void defaults() {
    assertThat(AgentOptions.of(properties()))
        .isEqualTo(
            new AgentOptions(
                "h1",
                "eth0",
                Ipv4Address.parse("172.31.0.11"),
                java.util.List.of(new InetSocketAddress("127.0.0.1", 5269)),
                Path.of("/sys/fs/bpf/weft-h1"),
                Path.of("/var/lib/weft/h1"),
                new InetSocketAddress("0.0.0.0", 8085),
                new InetSocketAddress("127.0.0.1", 9091),
                Duration.ofSeconds(180)));
  }

  @Test
  void every_key() {
    AgentOptions options =
        AgentOptions.of(
            properties(
                "control.servers", "172.31.0.1:5270, 172.31.0.2",
                "bpf.dir", "/b",
                "data.dir", "/d",
                "introspection.address", "127.0.0.2",
                "introspection.port", "1",
                "port.api.address", "127.0.0.3",
                "port.api.port", "2",
                "flow.timeout.seconds", "7"));
    assertThat(options.controlNodes())
        .containsExactly(
            new InetSocketAddress("172.31.0.1", 5270), new InetSocketAddress("172.31.0.2", 5269));
    assertThat(options.introspection()).isEqualTo(new InetSocketAddress("127.0.0.2", 1));
    assertThat(options.portApi()).isEqualTo(new InetSocketAddress("127.0.0.3", 2));
    assertThat(options.flowTimeout()).isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  void mistakes_are_named() {
    assertThatThrownBy(() -> AgentOptions.of(properties("nmae", "x")))
        .hasMessageContaining("unknown keys: nmae");
    assertThatThrownBy(() -> AgentOptions.of(new Properties())).hasMessage("name is missing");
    assertThatThrownBy(() -> AgentOptions.of(properties("underlay.address", "1.2.3")))
        .hasMessageContaining("underlay.address");
    assertThatThrownBy(() -> AgentOptions.of(properties("port.api.port", "70000")))
        .hasMessageContaining("port.api.port");
    assertThatThrownBy(() -> AgentOptions.of(properties("flow.timeout.seconds", "0")))
        .hasMessageContaining("flow.timeout.seconds");
    assertThatThrownBy(() -> AgentOptions.of(properties("control.servers", "a:b")))
        .hasMessageContaining("control.servers");
  }
}
