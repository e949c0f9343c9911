package weft.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** A compute host of the lab: a namespace on the underlay with a `weft vrouter` in it. */
public final class ComputeHost implements AutoCloseable {
  private static final String PORTS = "http://127.0.0.1:9091/port";

  private final String lab;
  private final String name;
  private final String address;
  private final Namespace namespace;
  private final Path directory;
  private final Program vrouter;
  private final List<Guest> guests = new ArrayList<>();
  private final List<VirtualMachine> machines = new ArrayList<>();

  private ComputeHost(
      String lab,
      String name,
      String address,
      Namespace namespace,
      Path directory,
      Program vrouter) {
    this.lab = lab;
    this.name = name;
    this.address = address;
    this.namespace = namespace;
    this.directory = directory;
    this.vrouter = vrouter;
  }

  /**
   * Starts the vRouter of a host.
   *
   * @param controlNodes addresses and ports of the control nodes, with commas
   * @param prefix words before its command
   * @param directory for this host's files: config, ports, ids, log, BPF pins
   */
  static ComputeHost start(
      String lab,
      String name,
      Namespace namespace,
      String address,
      String controlNodes,
      List<String> prefix,
      Path directory) {
    try {
      Path bpf = Files.createDirectories(directory.resolve("bpf"));
      Command.run("mount", "-t", "bpf", "bpf", bpf.toString()).orThrow();
      Path config = directory.resolve("vrouter.properties");
      Files.writeString(
          config,
          """
          name=%s
          underlay.device=eth0
          underlay.address=%s
          control.servers=%s
          introspection.address=%s
          bpf.dir=%s
          data.dir=%s
          metadata.secret=of the lab
          """
              .formatted(
                  name,
                  address,
                  controlNodes,
                  address,
                  bpf,
                  Files.createDirectories(directory.resolve("data"))));
      Program vrouter =
          Program.weft(
              "vrouter " + name,
              Command.prefixed(namespace.prefix(), prefix.toArray(String[]::new)),
              directory.resolve("vrouter.log"),
              List.of("-Xms16m", "-Xmn6m", "-Xmx96m", "-XX:TieredStopAtLevel=1"),
              "vrouter",
              "--config",
              config.toString());
      return new ComputeHost(lab, name, address, namespace, directory, vrouter);
    } catch (IOException e) {
      throw new LabException("host " + name + ": " + e.getMessage());
    }
  }

  public String name() {
    return name;
  }

  public String address() {
    return address;
  }

  public Namespace namespace() {
    return namespace;
  }

  public Program vrouter() {
    return vrouter;
  }

  /** Where the vRouter of this host answers questions. */
  public String introspection() {
    return "http://" + address + ":8085";
  }

  /** Where its vRouter keeps what outlives it. */
  public Path dataDirectory() {
    return directory.resolve("data");
  }

  /** Makes a guest and plugs its port with the vRouter's port API, as Nova's agent would. */
  public Guest plug(String guestName, UUID port, UUID instance, UUID network, String mac) {
    Guest guest = Guest.create(lab, guestName, namespace, port, mac, directory);
    guests.add(guest);
    tell(guestName, port, instance, network, mac, guest.tap());
    return guest;
  }

  /** Likewise for a virtual machine, which is switched on once its port is plugged. */
  public VirtualMachine plugMachine(
      String guestName, UUID port, UUID instance, UUID network, String mac) {
    String tap = VirtualMachine.tapOf(port);
    VirtualMachine.makeTap(this, tap);
    tell(guestName, port, instance, network, mac, tap);
    VirtualMachine machine = VirtualMachine.start(guestName, this, tap, mac, directory);
    machines.add(machine);
    return machine;
  }

  private void tell(
      String guestName, UUID port, UUID instance, UUID network, String mac, String tap) {
    String body =
        """
        {"id":"%s","instance-id":"%s","vn-id":"%s","vm-project-id":"","display-name":"%s","ip-address":"0.0.0.0",\
        "ip6-address":"","type":1,"system-name":"%s","mac-address":"%s","rx-vlan-id":-1,"tx-vlan-id":-1}\
        """
            .formatted(port, instance, network, guestName, tap, mac);
    Command.Result result =
        Await.value(
            "port API of " + name,
            Duration.ofSeconds(20),
            () -> {
              vrouter.checkAlive();
              Command.Result answer =
                  namespace.run(
                      "curl", "-s", "-S", "-w", " %{http_code}", "-X", "POST", "-d", body, PORTS);
              return answer.ok() ? answer : null;
            });
    if (!result.output().endsWith(" 200")) {
      throw new LabException("port API of " + name + " refused the port: " + result.output());
    }
  }

  /** Takes the port away from the vRouter and removes the guest. */
  public void unplug(Guest guest, UUID port) {
    namespace.run("curl", "-s", "-X", "DELETE", PORTS + "/" + port).orThrow();
    guests.remove(guest);
    guest.close();
  }

  @Override
  public void close() {
    guests.forEach(Guest::close);
    machines.forEach(VirtualMachine::close);
    vrouter.close();
    Command.run("umount", directory.resolve("bpf").toString());
  }
}
