package weft.lab.openstack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import weft.lab.Await;
import weft.lab.Command;
import weft.lab.LabException;

/**
 * A libvirt of the site's own beside any other of the machine: where it keeps its files, it sees
 * directories of the site.
 */
final class Libvirt {
  private static final Duration LIMIT = Duration.ofMinutes(1);

  private final Site site;

  Libvirt(Site site) {
    this.site = site;
  }

  void start() {
    site.write(
        "libvirt/etc/libvirt/qemu.conf",
        """
        user = "root"
        group = "root"
        dynamic_ownership = 0
        remember_owner = 0
        cgroup_controllers = [ ]
        security_driver = "none"
        namespaces = [ ]
        """);
    site.write(
        "libvirt/etc/libvirt/libvirtd.conf",
        """
        auth_unix_rw = "none"
        auth_unix_ro = "none"
        """);
    Path enter =
        site.write(
            "libvirt/enter",
            """
            #!/bin/sh
            # enter PROGRAM...: runs it where libvirt's directories are the site's.
            exec unshare --mount --propagation slave sh -e -c '
              for each in /etc/libvirt /run/libvirt /var/lib/libvirt /var/cache/libvirt /var/log/libvirt; do
                mkdir -p "$0$each" "$each"
                mount --bind "$0$each" "$each"
              done
              exec "$@"' %s "$@"
            """
                .formatted(site.directory("libvirt")));
    boolean _ = enter.toFile().setExecutable(true);
    daemon("virtlogd", "/usr/sbin/virtlogd", "--pid-file", pidFile("virtlogd"));
    daemon("libvirtd", "/usr/sbin/libvirtd", "--timeout", "0", "--pid-file", pidFile("libvirtd"));
  }

  private String pidFile(String name) {
    return site.directory("libvirt").resolve(name + ".pid").toString();
  }

  private void daemon(String name, String... command) {
    List<String> all = new ArrayList<>(prefix());
    all.addAll(List.of(command));
    new Daemon(site, name).start(Map.of(), all);
  }

  /** The words that make a program see this libvirt. */
  List<String> prefix() {
    return List.of(site.directory("libvirt").resolve("enter").toString());
  }

  private Path socket() {
    return site.directory("libvirt/run/libvirt").resolve("libvirt-sock");
  }

  void await() {
    Daemon daemon = new Daemon(site, "libvirtd");
    Await.until(
        "libvirt answers",
        LIMIT,
        () -> {
          daemon.checkAlive();
          return Files.exists(socket()) && virsh("version").ok();
        });
  }

  private Command.Result virsh(String... arguments) {
    return Command.run(
        Command.prefixed(
            List.of("virsh", "--connect", "qemu:///system?socket=" + socket()), arguments));
  }

  /** How a person looks at its machines. */
  String command() {
    return "virsh --connect 'qemu:///system?socket=" + socket() + "'";
  }

  /** The terminal device of a machine. */
  Path terminal(String machine) {
    return Path.of(virsh("ttyconsole", machine).orThrow().strip());
  }

  /** Ends all machines. Those that libvirt does not end, or that it left, are killed. */
  static void endMachines(Site site) {
    Path machines = site.directory().resolve("libvirt/run/libvirt/qemu");
    if (!Files.exists(machines)) {
      return;
    }
    try (Stream<Path> files = Files.list(machines)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".pid")).toList()) {
        ProcessHandle.of(Long.parseLong(Files.readString(file).strip()))
            .filter(process -> process.info().command().orElse("").contains("qemu"))
            .ifPresent(ProcessHandle::destroyForcibly);
      }
    } catch (IOException e) {
      throw new LabException("machines cannot be ended: " + e.getMessage());
    }
  }
}
