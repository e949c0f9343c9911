package weft.datapath;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Attachments of programs to devices, each pinned under a name.
 *
 * <p>A pinned link outlives this process; taking it over puts the newly loaded program under it in
 * one step.
 */
final class Links {
  private final Path directory;

  Links(Path directory) {
    this.directory = directory;
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  /** Attaches a program to a device under `name`, in place of what the name stood for. */
  void attach(String name, int program, int ifindex) {
    keep(name, Libbpf.attachIngress(program, ifindex));
  }

  /** Likewise to what leaves by the device. */
  void attachEgress(String name, int program, int ifindex) {
    keep(name, Libbpf.attachEgress(program, ifindex));
  }

  private void keep(String name, int fd) {
    try {
      detach(name);
      Libbpf.pin(fd, path(name).toString());
    } finally {
      Libc.close(fd);
    }
  }

  /** Puts `program` under the link `name`; false if there is none or its device has gone. */
  boolean takeOver(String name, int program) {
    if (!Files.exists(path(name))) {
      return false;
    }
    int fd = Libbpf.pinned(path(name).toString());
    try {
      return Libbpf.updateLink(fd, program);
    } finally {
      Libc.close(fd);
    }
  }

  void detach(String name) {
    if (!Files.exists(path(name))) {
      return;
    }
    int fd = Libbpf.pinned(path(name).toString());
    Libbpf.detachLink(fd);
    Libc.close(fd);
    try {
      Files.deleteIfExists(path(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
