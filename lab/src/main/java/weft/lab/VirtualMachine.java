package weft.lab;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A real virtual machine: QEMU with a virtio device on a tap of its compute host, running Debian's
 * kernel and a shell that takes commands from its console.
 */
public final class VirtualMachine implements AutoCloseable {
  private static final String READY = "weft-guest-ready";
  private static final String END = "weft-command-ended";
  private static final Duration COMMAND_LIMIT = Duration.ofSeconds(90);

  /** The machine's last word. */
  private static final String GONE = "weft-guest-gone";

  private final String name;
  private final Process process;
  private final BufferedWriter console;
  private final LinkedBlockingQueue<String> lines = new LinkedBlockingQueue<>();

  private VirtualMachine(String name, Process process) {
    this.name = name;
    this.process = process;
    this.console = process.outputWriter(StandardCharsets.UTF_8);
    Thread.ofVirtual().name("console of " + name).start(this::read);
  }

  /** Makes the tap as Nova does: persistent, with room for what virtio says of a packet. */
  static void makeTap(ComputeHost host, String tap) {
    host.namespace().ip("tuntap add " + tap + " mode tap vnet_hdr");
    host.namespace().ip("link set dev " + tap + " up");
  }

  /** Switches the machine on. */
  static VirtualMachine start(
      String name, ComputeHost host, String tap, String mac, Path directory) {
    GuestImage image = GuestImage.make(directory.resolve("image-" + name));
    List<String> command = new ArrayList<>(host.namespace().prefix());
    command.addAll(
        List.of(
            "qemu-system-x86_64",
            "-accel",
            "tcg",
            "-cpu",
            "max",
            "-m",
            "256",
            "-nodefaults",
            "-display",
            "none",
            "-no-reboot",
            "-serial",
            "stdio",
            "-kernel",
            image.kernel().toString(),
            "-initrd",
            image.initramfs().toString(),
            "-append",
            "console=ttyS0 quiet panic=-1",
            "-netdev",
            "tap,id=n0,ifname=" + tap + ",script=no,downscript=no,vhost=off",
            "-device",
            "virtio-net-pci,netdev=n0,romfile=,mac=" + mac));
    try {
      return new VirtualMachine(
          name, new ProcessBuilder(command).redirectErrorStream(true).start());
    } catch (IOException e) {
      throw new LabException("machine " + name + ": " + e.getMessage());
    }
  }

  static String tapOf(UUID port) {
    return "tap" + port.toString().substring(0, 11);
  }

  private void read() {
    try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line.replace("\r", ""));
      }
    } catch (IOException e) {
      lines.add(e.toString());
    }
    lines.add(GONE);
  }

  /** Waits until the machine takes commands. */
  public void awaitBoot(Duration limit) {
    until(READY, limit);
  }

  /** Runs a shell command in the machine. */
  public Command.Result run(String command) {
    try {
      console.write(command + "\n");
      console.flush();
    } catch (IOException e) {
      throw new LabException("machine " + name + " takes no command: " + e.getMessage());
    }
    List<String> output = until(END, COMMAND_LIMIT);
    String status = output.removeLast();
    return new Command.Result(
        List.of(command),
        Integer.parseInt(status.substring(END.length()).trim()),
        String.join("\n", output));
  }

  /** The lines up to the one that begins with `mark`, that one last. */
  private List<String> until(String mark, Duration limit) {
    List<String> seen = new ArrayList<>();
    long deadline = System.nanoTime() + limit.toNanos();
    try {
      while (true) {
        String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line == null || line.equals(GONE)) {
          throw new LabException(
              "machine %s %s; it said:\n%s"
                  .formatted(
                      name, line == null ? "is silent" : "has ended", String.join("\n", seen)));
        }
        seen.add(line);
        if (line.startsWith(mark)) {
          return seen;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new LabException("interrupted");
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }

  /** What the machine runs first: devices, the one driver, then commands from the console. */
  static final String INIT =
      """
      #!/bin/busybox sh
      /bin/busybox mkdir -p /proc /sys /dev /usr/bin /sbin
      /bin/busybox mount -t proc proc /proc
      /bin/busybox mount -t sysfs sysfs /sys
      /bin/busybox mount -t devtmpfs dev /dev
      /bin/busybox --install -s /bin
      export PATH=/bin
      for module in $(cat /modules/order); do insmod /modules/$module; done
      ip link set lo up
      ip link set eth0 up
      stty -echo </dev/console
      echo weft-guest-ready
      while read -r command; do
        eval "$command"
        echo
        echo "weft-command-ended $?"
      done
      """;

  /** Applies what the DHCP server said, and tells it. */
  static final String DHCP_SCRIPT =
      """
      #!/bin/busybox sh
      [ "$1" = bound ] || [ "$1" = renew ] || exit 0
      ip address flush dev "$interface"
      ip address add "$ip/${mask:-24}" dev "$interface"
      for router in $router; do ip route replace default via "$router" dev "$interface"; done
      set -- $staticroutes
      while [ $# -ge 2 ]; do ip route replace "$1" via "$2" dev "$interface"; shift 2; done
      for server in $dns; do echo "nameserver $server"; done >/etc/resolv.conf
      [ -z "$mtu" ] || ip link set dev "$interface" mtu "$mtu"
      echo "address $ip router $router mtu $mtu dns $dns"
      """;
}
