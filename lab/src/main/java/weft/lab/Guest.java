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

  /** Gets its IPv4 address by DHCP from dhclient and returns what that was told, a line each. */
  public List<String> dhclient(Duration limit) {
    return dhclient("-4", limit);
  }

  /** Likewise its IPv6 address. */
  public List<String> dhclient6(Duration limit) {
    return dhclient("-6", limit);
  }

  private List<String> dhclient(String family, Duration limit) {
    try {
      Path script = directory.resolve("dhclient.sh");
      Path config = directory.resolve("dhclient.conf");
      Path told = directory.resolve(name + ".lease" + family);
      Files.writeString(script, DHCLIENT_SCRIPT);
      Files.writeString(config, DHCLIENT_CONFIG);
      Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
      Files.deleteIfExists(told);
      Command.run(
              Command.prefixed(
                  namespace.prefix(),
                  "dhclient",
                  family,
                  "-1",
                  "-q",
                  "-cf",
                  config.toString(),
                  "-sf",
                  script.toString(),
                  "-e",
                  "TOLD=" + told,
                  "-lf",
                  directory.resolve(name + ".leases" + family).toString(),
                  "-pf",
                  directory.resolve(name + ".pid" + family).toString(),
                  "eth0"),
              limit)
          .orThrow();
      return Files.readAllLines(told);
    } catch (IOException e) {
      throw new LabException("DHCP of " + name + ": " + e.getMessage());
    }
  }

  private static final String DHCLIENT_CONFIG =
      """
      option classless-routes code 121 = array of unsigned integer 8;
      request subnet-mask, routers, domain-name, domain-name-servers, interface-mtu, classless-routes,
        dhcp6.name-servers, dhcp6.domain-search;
      """;

  private static final String DHCLIENT_SCRIPT =
      """
      #!/bin/sh
      # Adds the address that the DHCP server gave, and writes what it said.
      case $reason in
        BOUND | RENEW | REBIND | REBOOT)
          ip address replace "$new_ip_address/$new_subnet_mask" dev "$interface"
          for router in $new_routers; do ip route replace default via "$router" dev "$interface"; done
          {
            echo "address $new_ip_address"
            echo "mask $new_subnet_mask"
            echo "router $new_routers"
            echo "dns $new_domain_name_servers"
            echo "domain $new_domain_name"
            echo "mtu $new_interface_mtu"
            echo "routes $new_classless_routes"
          } >"$TOLD" ;;
        BOUND6 | RENEW6 | REBIND6)
          ip -6 address replace "$new_ip6_address/128" dev "$interface"
          {
            echo "address $new_ip6_address"
            echo "dns $new_dhcp6_name_servers"
            echo "search $new_dhcp6_domain_search"
            echo "lifetime $new_max_life"
          } >"$TOLD" ;;
      esac
      """;

  /** Lets systemd-networkd configure the guest, of either family, for as long as it is there. */
  public void networkd() {
    try {
      Path script = directory.resolve("networkd.sh");
      Files.writeString(script, NETWORKD_SCRIPT);
      new ProcessBuilder(
              Command.prefixed(namespace.prefix(), "unshare", "-m", "sh", script.toString()))
          .redirectErrorStream(true)
          .redirectOutput(directory.resolve(name + ".networkd.log").toFile())
          .start();
    } catch (IOException e) {
      throw new LabException("systemd-networkd of " + name + ": " + e.getMessage());
    }
  }

  private static final String NETWORKD_SCRIPT =
      """
      # As in a container: nothing of the machine's own is seen, and nobody names devices.
      set -e
      mount -t tmpfs tmpfs /run
      mount -t tmpfs tmpfs /etc/systemd/network
      mount -t sysfs -o ro sysfs /sys
      mkdir -p /run/systemd/network /run/systemd/netif/links /run/systemd/netif/leases
      chown -R systemd-network: /run/systemd/netif
      printf '[Match]\nName=eth0\n[Network]\nDHCP=yes\nIPv6AcceptRA=yes\n' >/run/systemd/network/eth0.network
      exec /lib/systemd/systemd-networkd
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
