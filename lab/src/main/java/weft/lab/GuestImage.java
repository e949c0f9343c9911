package weft.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** What a virtual machine boots: Debian's kernel, and busybox with the kernel's driver. */
public record GuestImage(Path kernel, Path initramfs) {
  private static final Path BOOT = Path.of("/boot");
  private static final List<Path> PROGRAMS =
      List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/curl"), Path.of("/usr/bin/iperf3"));
  private static final List<String> DRIVERS = List.of("virtio_pci", "virtio_net");

  /** What every machine runs first: devices, the one driver. */
  private static final String DEVICES =
      """
      #!/bin/busybox sh
      /bin/busybox mkdir -p /proc /sys /dev /usr/bin /sbin /tmp
      /bin/busybox mount -t proc proc /proc
      /bin/busybox mount -t sysfs sysfs /sys
      /bin/busybox mount -t devtmpfs dev /dev
      /bin/busybox --install -s /bin
      export PATH=/bin
      for module in $(cat /modules/order); do insmod /modules/$module; done
      ip link set lo up
      ip link set eth0 up
      """;

  /** Takes commands from the console, as {@link Console} gives them. */
  public static final String COMMANDS =
      """
      stty -echo </dev/console
      echo weft-guest-ready
      while read -r command; do
        eval "$command"
        status=$?
        echo
        echo "weft-command-ended $status"
      done
      """;

  /**
   * Asks for its address and for what the cloud knows of it, and runs the script that its owner
   * gave it, as machines of a cloud do.
   */
  public static final String CLOUD =
      """
      metadata=http://169.254.169.254
      udhcpc -i eth0 -n -q -t 20 -T 2 -O 121
      echo "instance-id $(curl -s -f -m 20 --retry 3 $metadata/latest/meta-data/instance-id)"
      echo "metadata $(curl -s -f -m 20 $metadata/openstack/latest/meta_data.json)"
      if curl -s -f -m 20 -o /tmp/user_data $metadata/openstack/latest/user_data; then
        case "$(head -c 2 /tmp/user_data)" in
          '#!') sh /tmp/user_data ;;
        esac
      fi
      """
          + COMMANDS;

  /** Applies what the DHCP server said, and tells it. */
  private static final String DHCP_SCRIPT =
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

  /**
   * Packs the image into `directory`, which it makes.
   *
   * @param script what the machine runs
   */
  public static GuestImage make(Path directory, String script) {
    Path root = directory.resolve("root");
    try {
      Path kernel = newestKernel();
      for (String each : List.of("bin", "etc", "modules", "etc/udhcpc")) {
        Files.createDirectories(root.resolve(each));
      }
      program(root.resolve("init"), DEVICES + script);
      program(root.resolve("etc/udhcpc/default.script"), DHCP_SCRIPT);
      for (Path program : PROGRAMS) {
        copy(program, root.resolve("bin").resolve(program.getFileName()));
        for (Path library : libraries(program)) {
          copy(library, root.resolve(library.toString().substring(1)));
        }
      }
      List<String> order = new ArrayList<>();
      for (Path module : modules(version(kernel))) {
        copy(module, root.resolve("modules").resolve(module.getFileName()));
        order.add(module.getFileName().toString());
      }
      Files.writeString(root.resolve("modules/order"), String.join("\n", order));
      Path initramfs = directory.resolve("initramfs");
      Command.run("sh", "-c", "cd " + root + " && find . | cpio -o -H newc --quiet >" + initramfs)
          .orThrow();
      return new GuestImage(kernel, initramfs);
    } catch (IOException e) {
      throw new LabException("image of a guest: " + e.getMessage());
    }
  }

  /** Debian's kernel for clouds, the last if there are several. */
  private static Path newestKernel() throws IOException {
    try (Stream<Path> files = Files.list(BOOT)) {
      return files
          .filter(file -> file.getFileName().toString().matches("vmlinuz-.*-cloud-.*"))
          .sorted()
          .reduce((_, last) -> last)
          .orElseThrow(() -> new LabException("no kernel of linux-image-cloud-amd64 in " + BOOT));
    }
  }

  private static String version(Path kernel) {
    return kernel.getFileName().toString().substring("vmlinuz-".length());
  }

  /** Each with what it needs before it. */
  private static Set<Path> modules(String version) {
    Path all = Path.of("/lib/modules", version);
    Set<Path> found = new LinkedHashSet<>();
    DRIVERS.forEach(driver -> module(all, driver, found));
    return found;
  }

  private static void module(Path all, String name, Set<Path> found) {
    Path file;
    try (Stream<Path> files = Files.walk(all)) {
      file =
          files
              .filter(each -> each.getFileName().toString().equals(name + ".ko"))
              .findFirst()
              .orElse(null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    if (file == null) {
      throw new LabException("no module " + name + " in " + all);
    }
    String needs = Command.run("modinfo", "-F", "depends", file.toString()).orThrow().strip();
    for (String each : needs.isEmpty() ? new String[0] : needs.split(",")) {
      module(all, each, found);
    }
    found.add(file);
  }

  /** What the linker loads with a program. */
  private static List<Path> libraries(Path program) {
    List<Path> found = new ArrayList<>();
    for (String word : Command.run("ldd", program.toString()).output().split("\\s+")) {
      if (word.startsWith("/") && Files.exists(Path.of(word))) {
        found.add(Path.of(word));
      }
    }
    return found;
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.getParent());
    Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
    to.toFile().setExecutable(true);
  }

  private static void program(Path file, String text) throws IOException {
    Files.writeString(file, text, StandardCharsets.UTF_8);
    file.toFile().setExecutable(true);
  }
}
