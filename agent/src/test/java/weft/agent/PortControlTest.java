package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.state.FaultHandler;

/** The command `vrouter-port-control` against a real agent. */
class PortControlTest {
  private static final UUID PORT = UUID.fromString("0b9d2c3e-1111-4222-8333-444455556666");
  private static final UUID MACHINE = UUID.fromString("7a000000-1111-4222-8333-444455556666");

  @TempDir Path directory;
  private ControlSide control;
  private Agent agent;
  private int port;

  private record Ended(int code, String output) {}

  @BeforeEach
  void start() throws Exception {
    control = ControlSide.start(0);
    InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    AgentOptions options =
        new AgentOptions(
            "h1",
            "eth0",
            Ipv4Address.parse("172.31.0.11"),
            List.of(control.address()),
            directory.resolve("bpf"),
            directory,
            any,
            any,
            Duration.ofSeconds(180));
    Devices none =
        new Devices() {
          @Override
          public int index(String name) {
            return 0;
          }

          @Override
          public MacAddress mac(String name) {
            return MacAddress.parse("02:00:00:00:00:0b");
          }
        };
    agent =
        Agent.start(
            options,
            new Agent.World(TableForwarding::new, none, ControlChannel.Patience.DEFAULT),
            FaultHandler.rethrow());
    port = agent.portApiPort();
  }

  @AfterEach
  void stop() {
    agent.close();
    control.close();
  }

  private Ended run(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("sh", "bin/vrouter-port-control"));
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("WEFT_PORT_API", "http://127.0.0.1:" + port);
    builder.environment().put("WEFT_PORTS", directory.resolve("ports").toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), output);
  }

  private Ended add(String tap, String... more) throws Exception {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--oper=add",
                "--uuid=" + PORT,
                "--instance_uuid=" + MACHINE,
                "--vn_uuid=" + UUID.randomUUID(),
                "--vm_project_uuid=" + UUID.randomUUID(),
                "--ip_address=10.1.1.3",
                "--vm_name=a \"guest\"",
                "--mac=02:00:00:00:00:01",
                "--tap_name=" + tap,
                "--port_type",
                "NovaVMPort",
                "--tx_vlan_id=-1",
                "--rx_vlan_id=-1"));
    arguments.addAll(List.of(more));
    return run(arguments.toArray(String[]::new));
  }

  private Path file() {
    return directory.resolve("ports").resolve(PORT.toString());
  }

  private int status(String path) throws IOException {
    try (HttpCalls calls = new HttpCalls("http://127.0.0.1:" + port)) {
      return calls.get(path).status();
    }
  }

  @Test
  void portsComeAndGo() throws Exception {
    assertThat(add("tap0b9d2c3e-11")).isEqualTo(new Ended(0, ""));
    assertThat(status("/port/" + PORT)).isEqualTo(200);
    JsonNode written = Json.parse(Files.readAllBytes(file()));
    assertThat(written.path("system-name").asString()).isEqualTo("tap0b9d2c3e-11");
    assertThat(written.path("display-name").asString()).isEqualTo("a \"guest\"");
    assertThat(run("--oper=disable", "--uuid=" + PORT).code()).isZero();
    assertThat(run("--oper=enable", "--uuid=" + PORT).code()).isZero();
    assertThat(run("--oper=delete", "--uuid=" + PORT)).isEqualTo(new Ended(0, ""));
    assertThat(status("/port/" + PORT)).isEqualTo(404);
    assertThat(file()).doesNotExist();
    assertThat(run("--oper=delete", "--uuid=" + PORT).code()).as("once more").isZero();
  }

  @Test
  void whatTheAgentRefusesLeavesNoTrace() throws Exception {
    Ended refused = add("a-name-that-no-device-can-have");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.output()).contains("refused").contains("system-name");
    assertThat(file()).doesNotExist();

    assertThat(add("tap0b9d2c3e-11").code()).isZero();
    String before = Files.readString(file());
    assertThat(add("a-name-that-no-device-can-have").code()).isEqualTo(1);
    assertThat(file()).hasContent(before);
  }

  @Test
  void anAgentThatIsAwayFindsThePortWhenItStarts() throws Exception {
    agent.close();
    assertThat(add("tap0b9d2c3e-11")).isEqualTo(new Ended(0, ""));
    start();
    assertThat(status("/port/" + PORT)).isEqualTo(200);
    agent.close();
    assertThat(add("tap0b9d2c3e-11", "--no_persist").code()).as("nobody was told").isEqualTo(1);
    assertThat(run("--oper=delete", "--uuid=" + PORT).code()).isZero();
    assertThat(file()).doesNotExist();
  }

  @Test
  void mistakesAreNamed() throws Exception {
    assertThat(run("--oper=add", "--uuid=x").output()).contains("--uuid 'x' is not a UUID");
    assertThat(run("--oper=move", "--uuid=" + PORT).output()).contains("--oper 'move'");
    assertThat(add("tap1", "--port_type=other").output()).contains("--port_type 'other'");
    assertThat(add("tap1", "--vif_type=VhostUser").output()).contains("--vif_type 'VhostUser'");
    assertThat(run("--colour=red").output()).contains("unknown option '--colour'");
    assertThat(file()).doesNotExist();
  }
}
