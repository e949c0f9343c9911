package weft.lab;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/**
 * A real virtual machine: QEMU with a virtio device on a tap of its compute host, running Debian's
 * kernel and a shell that takes commands from its console.
 */
public final class VirtualMachine implements AutoCloseable {
  private final Process process;
  private final Console console;

  private VirtualMachine(String name, Process process) {
    this.process = process;
    this.console = new Console(name, process.getOutputStream(), process.getInputStream());
  }

  /** Makes the tap as Nova does: persistent, with room for what virtio says of a packet. */
  static void makeTap(ComputeHost host, String tap) {
    host.namespace().ip("tuntap add " + tap + " mode tap vnet_hdr");
    host.namespace().ip("link set dev " + tap + " up");
  }

  /** Switches the machine on. */
  static VirtualMachine start(
      String name, ComputeHost host, String tap, String mac, Path directory) {
    GuestImage image = GuestImage.make(directory.resolve("image-" + name), GuestImage.COMMANDS);
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

  /** Waits until the machine takes commands. */
  public void awaitBoot(Duration limit) {
    console.awaitBoot(limit);
  }

  /** Runs a shell command in the machine. */
  public Command.Result run(String command) {
    return console.run(command);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
