package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.compiler.CompilerOptions;
import weft.net.Ipv4Address;

class ControllerOptionsTest {
  private static ControllerOptions options(String... lines) throws IOException {
    Properties properties = new Properties();
    properties.load(new StringReader(String.join("\n", lines)));
    return ControllerOptions.of(properties);
  }

  @Test
  void hasDefaultsForAll() throws IOException {
    ControllerOptions options = options();
    assertThat(options.roles()).containsExactlyInAnyOrder(Role.values());
    assertThat(options.name()).isNotEmpty();
    assertThat(options.api()).isEqualTo(new ControllerOptions.Listen("0.0.0.0", 8082));
    assertThat(options.control().hold()).isEqualTo(Duration.ofSeconds(90));
    assertThat(options.compiler()).isEqualTo(CompilerOptions.DEFAULT);
  }

  @Test
  void theDefaultsPrintedAreTheDefaults() throws IOException {
    assertThat(options(ControllerOptions.defaults())).isEqualTo(options());
  }

  @Test
  void readsAFile(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("controller.properties");
    Files.writeString(
        file,
        """
        name = c1
        roles = compiler, control
        control.address = 172.31.0.1
        compiler.unnamed.peers = pass
        """);
    ControllerOptions options = ControllerOptions.read(file);
    assertThat(options.name()).isEqualTo("c1");
    assertThat(options.roles()).containsExactlyInAnyOrder(Role.COMPILER, Role.CONTROL);
    assertThat(options.control().address()).isEqualTo(Ipv4Address.parse("172.31.0.1"));
    assertThat(options.compiler().unnamedPeers()).isEqualTo(CompilerOptions.UnnamedPeers.PASS);
  }

  @Test
  void refusesWithTheKeyAndWhatIsWrong() {
    assertThatThrownBy(() -> options("data.directory=/x"))
        .hasMessage("unknown key data.directory; did you mean data.dir?");
    assertThatThrownBy(() -> options("api.port=many"))
        .hasMessage("api.port: 'many' is not a number");
    assertThatThrownBy(() -> options("api.port=65536"))
        .hasMessage("api.port: 65536 is not in 0..65535");
    assertThatThrownBy(() -> options("roles=api,king"))
        .hasMessage("roles: no role 'king'; there are api, compiler, control");
    assertThatThrownBy(() -> options("control.address=here"))
        .hasMessageStartingWith("control.address: ");
    assertThatThrownBy(() -> options("compiler.unnamed.peers=maybe"))
        .hasMessageContaining("neither deny nor pass");
  }

  @Test
  void measuresHowFarApartWordsAre() {
    assertThat(Settings.distance("", "abc")).isEqualTo(3);
    assertThat(Settings.distance("api.prot", "api.port")).isEqualTo(2);
    assertThat(Settings.distance("kitten", "sitting")).isEqualTo(3);
  }
}
