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

/** What a {@link VirtualMachine} boots: Debian's kernel, and busybox with the kernel's driver. */
record GuestImage(Path kernel, Path initramfs) {
  private static final Path BOOT = Path.of("/boot");
  private static final List<Path> PROGRAMS =
      List.of(Path.of("/bin/busybox"), Path.of("/usr/bin/curl"), Path.of("/usr/bin/iperf3"));
  private static final List<String> DRIVERS = List.of("virtio_pci", "virtio_net");

  /** Packs the image into `directory`, which it makes. */
  static GuestImage make(Path directory) {
    Path root = directory.resolve("root");
    try {
      Path kernel = newestKernel();
      for (String each : List.of("bin", "etc", "modules", "etc/udhcpc")) {
        Files.createDirectories(root.resolve(each));
      }
      program(root.resolve("init"), VirtualMachine.INIT);
      program(root.resolve("etc/udhcpc/default.script"), VirtualMachine.DHCP_SCRIPT);
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
