package weft.datapath;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** The directory of a bpffs under which everything is pinned. */
final class Pins {
  /** Changes with every change of a layout in abi*.h. */
  static final int LAYOUT = 15;

  /** The kernel keeps files of its own in a bpffs. */
  private static final String LAYOUTS = "layout-*";

  private static final long BPF_FS_MAGIC = 0xcafe4a11L;

  private final Path root;
  private final Path home;

  /** Tables of another size are another layout, too. */
  Pins(DatapathOptions options) {
    root = options.bpfDir();
    home =
        root.resolve("layout-" + LAYOUT + "-" + options.flowTableSize() + "-" + options.routes());
  }

  Path maps() {
    return home.resolve("maps");
  }

  Path links() {
    return home.resolve("links");
  }

  /**
   * Mounts a bpffs if there is none. What an older layout left attached goes on, with its tables,
   * until its place is taken.
   */
  void prepare() {
    try {
      Files.createDirectories(root);
      if (!isBpffs()) {
        Libc.mount("bpf", root.toString(), "bpf", "mode=0700");
      }
      Files.createDirectories(maps());
      Files.createDirectories(links());
      try (DirectoryStream<Path> found = Files.newDirectoryStream(root, LAYOUTS)) {
        for (Path path : found) {
          if (!path.equals(home)) {
            Links.inherit(path.resolve("links"), links());
            delete(path);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private boolean isBpffs() {
    return (Libc.fileSystemType(root.toString()) & 0xffff_ffffL) == BPF_FS_MAGIC;
  }

  /** Unpins everything. */
  void remove() {
    try {
      if (Files.exists(root) && isBpffs()) {
        try (DirectoryStream<Path> found = Files.newDirectoryStream(root, LAYOUTS)) {
          for (Path path : found) {
            Links.removeFilters(path.resolve("links"));
            delete(path);
          }
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path path) throws IOException {
    if (Files.isDirectory(path)) {
      try (DirectoryStream<Path> inside = Files.newDirectoryStream(path)) {
        for (Path each : inside) {
          delete(each);
        }
      }
    }
    Files.delete(path);
  }
}
