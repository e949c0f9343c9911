package weft.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/** A "VM": a namespace whose `eth0` is the other end of a tap-like device on its compute host. */
public final class Guest implements AutoCloseable {
  private final String name;
  private final Namespace namespace;
  private final Namespace host;
  private final String tap;
  private final Path directory;

  private Guest(String name, Namespace namespace, Namespace host, String tap, Path directory) {
    this.name = name;
    this.namespace = namespace;
    this.host = host;
    this.tap = tap;
    this.directory = directory;
  }

  /**
   * Makes the guest, not yet plugged.
   *
   * @param lab starts the name of its namespace
   * @param host the namespace of its compute host
   * @param port the virtual-machine-interface, whose first eleven characters name the tap as Nova
   *     does
   * @param mac as the API gave it
   */
  public static Guest create(
      String lab, String name, Namespace host, UUID port, String mac, Path directory) {
    String tap = "tap" + port.toString().substring(0, 11);
    Namespace namespace = Namespace.create(lab + "-vm-" + name);
    namespace.ip(
        "link add eth0 address " + mac + " type veth peer name " + tap + " netns " + host.name());
    host.ip("link set dev " + tap + " up");
    namespace.ip("link set dev eth0 up");
    // Super-packets of UDP are not delivered after decapsulation by this kernel family.
    Command.run(
        Command.prefixed(
            namespace.prefix(), "ethtool", "-K", "eth0", "tx-udp-segmentation", "off"));
    return new Guest(name, namespace, host, tap, directory);
  }

  public String name() {
    return name;
  }

  public String tap() {
    return tap;
  }

  /** The namespace of its compute host. */
  public Namespace host() {
    return host;
  }

  public Namespace namespace() {
    return namespace;
  }

  /**
   * Gets address, routes and DNS with a real DHCP client and returns what the client was told, a
   * line each.
   */
  public List<String> dhcp(Duration limit) {
    try {
      Path script = directory.resolve("udhcpc.sh");
      Path lease = directory.resolve(name + ".lease");
      Files.writeString(script, DHCP_SCRIPT);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.deleteIfExists(lease);
      Command.run(
              Command.prefixed(
                  namespace.prefix(),
                  "env",
                  "LEASE=" + lease,
                  "udhcpc",
                  "-i",
                  "eth0",
                  "-s",
                  script.toString(),
                  "-f",
                  "-n",
                  "-q",
                  "-t",
                  "10",
                  "-T",
                  "1",
                  "-O",
                  "121",
                  "-x",
                  "hostname:" + name),
              limit)
          .orThrow();
      return Files.readAllLines(lease);
    } catch (IOException e) {
      throw new LabException("DHCP of " + name + ": " + e.getMessage());
    }
  }

  /** Gets its IPv6 address by DHCP from dhclient and returns what that was told, a line each. */
  public List<String> dhcp6(Duration limit) {
    try {
      Path script = directory.resolve("dhclient.sh");
      Path told = directory.resolve(name + ".lease6");
      Files.writeString(script, DHCLIENT_SCRIPT);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.deleteIfExists(told);
      Command.run(
              Command.prefixed(
                  namespace.prefix(),
                  "dhclient",
                  "-6",
                  "-1",
                  "-q",
                  "-sf",
                  script.toString(),
                  "-e",
                  "TOLD=" + told,
                  "-lf",
                  directory.resolve(name + ".leases6").toString(),
                  "-pf",
                  directory.resolve(name + ".pid6").toString(),
                  "eth0"),
              limit)
          .orThrow();
      return Files.readAllLines(told);
    } catch (IOException e) {
      throw new LabException("DHCPv6 of " + name + ": " + e.getMessage());
    }
  }

  private static final String DHCLIENT_SCRIPT =
      """
      #!/bin/sh
      # Adds the address that the DHCP server gave, and writes what it said.
      [ "$reason" = BOUND6 ] || [ "$reason" = RENEW6 ] || [ "$reason" = REBIND6 ] || exit 0
      ip -6 address replace "$new_ip6_address/128" dev "$interface"
      {
        echo "address $new_ip6_address"
        echo "dns $new_dhcp6_name_servers"
        echo "search $new_dhcp6_domain_search"
        echo "lifetime $new_max_life"
      } >"$TOLD"
      """;

  /** One echo request, answered within a second or not. */
  public boolean pings(String address) {
    return namespace.run("ping", "-n", "-c", "1", "-W", "1", address).ok();
  }

  @Override
  public void close() {
    namespace.close();
  }

  private static final String DHCP_SCRIPT =
      """
      #!/bin/sh
      # Applies what the DHCP server said, and writes it to $LEASE.
      [ "$1" = bound ] || [ "$1" = renew ] || exit 0
      ip address flush dev "$interface"
      ip address add "$ip/${mask:-24}" dev "$interface"
      for router in $router; do ip route replace default via "$router" dev "$interface"; done
      set -- $staticroutes
      while [ $# -ge 2 ]; do ip route replace "$1" via "$2" dev "$interface"; shift 2; done
      {
        echo "address $ip/${mask:-24}"
        echo "router ${router:-none}"
        echo "dns ${dns:-none}"
        echo "domain ${domain:-none}"
        echo "mtu ${mtu:-unset}"
        echo "lease ${lease:-unset} s from ${serverid:-unknown}"
      } >"$LEASE"
      """;
}
