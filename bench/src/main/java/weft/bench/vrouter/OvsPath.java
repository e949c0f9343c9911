package weft.bench.vrouter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import weft.lab.Await;
import weft.lab.Command;
import weft.lab.Namespace;

/** Open vSwitch with its datapath in user space, and its VXLAN. */
final class OvsPath implements GuestPath {
  private static final String SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Fabric fabric = new Fabric("o");
  private final List<Process> daemons = new ArrayList<>();
  private final Path directory;

  OvsPath() throws IOException {
    directory = Files.createTempDirectory("weft-ovs");
    fabric.bridged();
    for (int side = 0; side < 2; side++) {
      // It takes no super-packets from a device.
      fabric.guest(side).run("ethtool", "-K", "eth0", "tx", "off", "tso", "off").orThrow();
      start(side);
    }
  }

  static boolean isInstalled() {
    return Files.exists(Path.of(SCHEMA)) && Command.run("ovs-vswitchd", "--version").ok();
  }

  private void start(int side) throws IOException {
    Namespace host = fabric.host(side);
    Path own = Files.createDirectory(directory.resolve("h" + side));
    String database = own.resolve("conf.db").toString();
    Path socket = own.resolve("db.sock");
    Command.run("ovsdb-tool", "create", database, SCHEMA).orThrow();
    daemon(
        host,
        own,
        "ovsdb-server",
        database,
        "--remote=punix:" + socket,
        "--unixctl=" + own.resolve("db.ctl"));
    Await.until("ovsdb-server", PATIENCE, () -> Files.exists(socket));
    configure(host, socket, "--no-wait", "init");
    daemon(host, own, "ovs-vswitchd", "unix:" + socket, "--unixctl=" + own.resolve("vswitchd.ctl"));
    // The underlay's address moves to the bridge by which Open vSwitch reaches the wire.
    configure(host, socket, "add-br", "phy", "--", "set", "bridge", "phy", "datapath_type=netdev");
    configure(host, socket, "add-port", "phy", "ul");
    configure(host, socket, "add-br", "int", "--", "set", "bridge", "int", "datapath_type=netdev");
    configure(host, socket, "add-port", "int", "tap");
    configure(
        host,
        socket,
        "add-port",
        "int",
        "vx0",
        "--",
        "set",
        "interface",
        "vx0",
        "type=vxlan",
        "options:key=5",
        "options:remote_ip=" + Fabric.underlay(1 - side));
    host.ip("address flush dev ul");
    host.ip("address add " + Fabric.underlay(side) + "/24 dev phy");
    host.ip("link set phy mtu 1600");
    host.ip("link set phy up");
    host.ip("link set int up");
  }

  private void daemon(Namespace host, Path own, String program, String... arguments)
      throws IOException {
    List<String> command = Command.prefixed(host.prefix(), program);
    command.addAll(List.of(arguments));
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().put("OVS_RUNDIR", own.toString());
    builder.environment().put("OVS_DBDIR", own.toString());
    builder.environment().put("OVS_LOGDIR", own.toString());
    builder.redirectErrorStream(true).redirectOutput(own.resolve(program + ".log").toFile());
    daemons.add(builder.start());
  }

  private static void configure(Namespace host, Path socket, String... words) {
    List<String> command =
        Command.prefixed(host.prefix(), "ovs-vsctl", "--db=unix:" + socket, "--timeout=30");
    command.addAll(List.of(words));
    Command.run(command).orThrow();
  }

  @Override
  public String name() {
    return "Open vSwitch, userspace";
  }

  @Override
  public Fabric fabric() {
    return fabric;
  }

  @Override
  public void close() {
    for (Process daemon : daemons.reversed()) {
      daemon.destroy();
    }
    for (Process daemon : daemons) {
      daemon.onExit().join();
    }
    fabric.close();
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
