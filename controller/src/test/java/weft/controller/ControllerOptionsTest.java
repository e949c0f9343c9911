package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.compiler.CompilerOptions;
import weft.control.ControlOptions;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.state.io.Listener;
import weft.store.etcd.EtcdOptions;

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
    assertThat(options.api().http().port()).isEqualTo(8082);
    assertThat(options.api().mode()).isEqualTo(weft.api.access.AaaMode.NO_AUTH);
    assertThat(options.keystone()).isNull();
    assertThat(options.control().times().xmppHold()).isEqualTo(Duration.ofSeconds(90));
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
  void limitsClientsAndPeers() throws IOException {
    ControllerOptions options =
        options(
            "http.connections = 100",
            "http.trusted = 10.0.0.0/8, fd00::/8",
            "http.body.seconds = 5",
            "control.xmpp.connections.per.address = 2",
            "control.bgp.connections = 7");
    ControlOptions.Limits limits = options.control().limits();
    assertThat(options.api().http().limits()).isEqualTo(limits.http());
    assertThat(limits.http().connections()).isEqualTo(100);
    assertThat(limits.http().body()).isEqualTo(Duration.ofSeconds(5));
    assertThat(limits.http().trusted())
        .containsExactly(IpPrefix.parse("10.0.0.0/8"), IpPrefix.parse("fd00::/8"));
    assertThat(limits.xmpp()).isEqualTo(new Listener.Limits(2, 20_000));
    assertThat(limits.bgp()).isEqualTo(new Listener.Limits(8, 7));
    assertThat(options().control().limits()).isEqualTo(ControlOptions.Limits.USUAL);
    assertThatThrownBy(() -> options("http.trusted = localhost"))
        .hasMessageStartingWith("http.trusted: ");
    assertThatThrownBy(() -> options("http.connections = 1"))
        .hasMessage("http.connections: 1 is not in 8..1000000");
  }

  @Test
  void choosesTheStore(@TempDir Path directory) throws IOException {
    assertThat(options("data.dir=/d").store()).isEqualTo(new StoreOptions.Embedded(Path.of("/d")));
    Path file = Files.writeString(directory.resolve("file"), "secret\n");
    StoreOptions store =
        options(
                "store=etcd",
                "store.etcd.endpoints=10.0.0.1:2379, etcd2:2379",
                "store.etcd.prefix=weft/",
                "store.etcd.tls.ca=" + file,
                "store.etcd.tls.cert=" + file,
                "store.etcd.tls.key=" + file,
                "store.etcd.user=weft",
                "store.etcd.password.file=" + file,
                "store.etcd.timeout.seconds=3",
                "store.etcd.max.operations=4096")
            .store();
    assertThat(store)
        .isEqualTo(
            new StoreOptions.Etcd(
                EtcdOptions.of(List.of("10.0.0.1:2379", "etcd2:2379"))
                    .withTimeout(Duration.ofSeconds(3))
                    .withMaxOperations(4096)
                    .withPrefix("weft/")
                    .withTls(new EtcdOptions.Tls(file, file, file))
                    .withLogin(new EtcdOptions.Login("weft", "secret"))));
    assertThat(store.toString()).doesNotContain("secret");
  }

  @Test
  void refusesAStoreByTheKeyThatIsWrong(@TempDir Path directory) throws IOException {
    Path file = Files.writeString(directory.resolve("empty"), "");
    Map<String, String> refusals =
        Map.of(
            "store=oracle",
            "store: no engine 'oracle'; there are embedded, etcd",
            "store.etcd.user=me",
            "store.etcd.user is set, but store is embedded: set store=etcd",
            "store=etcd\nstore.etcd.endpoints=http://a:1",
            "store.etcd.endpoints: 'http://a:1' is not host:port",
            "store=etcd\nstore.etcd.tls.ca=/nowhere",
            "store.etcd.tls.ca: /nowhere is no file that can be read",
            "store=etcd\nstore.etcd.tls.cert=" + file,
            "store.etcd.tls.cert and store.etcd.tls.key are only of use together",
            "store=etcd\nstore.etcd.user=me",
            "store.etcd.user and store.etcd.password.file are only of use together",
            "store=etcd\nstore.etcd.user=me\nstore.etcd.password.file=" + file,
            "store.etcd.password.file: the first line of " + file + " is empty",
            "store=etcd\nstore.etcd.max.operations=many",
            "store.etcd.max.operations: 'many' is not a number");
    refusals.forEach((lines, reason) ->
        assertThatThrownBy(() -> options(lines))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage(reason));
  }

  @Test
  void measuresHowFarApartWordsAre() {
    assertThat(Settings.distance("", "abc")).isEqualTo(3);
    assertThat(Settings.distance("api.prot", "api.port")).isEqualTo(2);
    assertThat(Settings.distance("kitten", "sitting")).isEqualTo(3);
  }
}
