package weft.datapath;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Attachments of programs to devices, each under a name.
 *
 * <p>They outlive this process: a link of tcx is pinned, and where the kernel has no tcx a filter
 * of clsact stays with its device. Taking one over puts the newly loaded program there in one step.
 */
final class Links {
  enum Side {
    INGRESS,
    EGRESS
  }

  /** Where a program is attached. */
  record Place(int ifindex, Side side) {}

  private static final String FILTER = "filter-";

  private final Path directory;
  private final Map<String, Place> filters = new HashMap<>();
  private final Set<String> claimed = new HashSet<>();
  private boolean tcx;

  /**
   * @param tcx whether to try the newer way first
   */
  Links(Path directory, boolean tcx) {
    this.directory = directory;
    this.tcx = tcx;
  }

  private Path path(String name) {
    return directory.resolve(name);
  }

  /** Attaches a program to a device under `name`, in place of what the name stood for. */
  void attach(String name, int program, Place place) {
    claimed.add(name);
    if (tcx) {
      int fd = Libbpf.attach(program, place);
      if (fd >= 0) {
        keep(name, fd);
        return;
      }
      tcx = false;
    }
    Clsact.attach(program, place);
    note(place);
    Place before = filters.put(name, place);
    if (before != null && !before.equals(place)) {
      remove(before);
    }
  }

  /** A bpffs holds no files of ours, but directories: their names say where filters are. */
  private static String mark(Place place) {
    return FILTER + place.side() + "-" + place.ifindex();
  }

  private void note(Place place) {
    try {
      Files.createDirectories(path(mark(place)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void remove(Place place) {
    Clsact.detach(place);
    try {
      Files.deleteIfExists(path(mark(place)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Takes over what stands in `from`, which is of an older layout. */
  static void inherit(Path from, Path to) throws IOException {
    if (!Files.isDirectory(from)) {
      return;
    }
    try (DirectoryStream<Path> links = Files.newDirectoryStream(from)) {
      for (Path link : links) {
        Path taken = to.resolve(link.getFileName());
        if (!Files.exists(taken)) {
          Files.move(link, taken);
        }
      }
    }
  }

  /** Detaches what was inherited and nobody has asked for since. */
  void dropUnclaimed() {
    List<String> unclaimed = new ArrayList<>();
    try (DirectoryStream<Path> links = Files.newDirectoryStream(directory)) {
      for (Path link : links) {
        String name = link.getFileName().toString();
        if (!Files.isDirectory(link) && !claimed.contains(name)) {
          unclaimed.add(name);
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    unclaimed.forEach(this::detach);
  }

  /** Takes away all filters that `directory` tells of; links go when they are unpinned. */
  static void removeFilters(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (DirectoryStream<Path> marks = Files.newDirectoryStream(directory, FILTER + "*")) {
      for (Path mark : marks) {
        String[] words = mark.getFileName().toString().split("-");
        Clsact.detach(new Place(Integer.parseInt(words[2]), Side.valueOf(words[1])));
      }
    }
  }

  private void keep(String name, int fd) {
    try {
      detach(name);
      Libbpf.pin(fd, path(name).toString());
    } finally {
      Libc.close(fd);
    }
  }

  /** Puts `program` where `name` is attached; false if it is not, or the device has gone. */
  boolean takeOver(String name, int program, Place place) {
    claimed.add(name);
    if (Files.exists(path(name))) {
      int fd = Libbpf.pinned(path(name).toString());
      try {
        return Libbpf.updateLink(fd, program);
      } finally {
        Libc.close(fd);
      }
    }
    if (!Clsact.isAttached(place)) {
      return false;
    }
    Clsact.attach(program, place);
    note(place);
    filters.put(name, place);
    return true;
  }

  void detach(String name) {
    Place filter = filters.remove(name);
    if (filter != null) {
      remove(filter);
    }
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
