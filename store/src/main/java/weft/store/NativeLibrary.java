package weft.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.CRC32;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * RocksDB's native code, kept in a directory of ours.
 *
 * <p>Left to itself it would unpack a copy for each process among the temporary files, where it
 * stays if the process is killed.
 */
final class NativeLibrary {
  private static boolean loaded;

  private NativeLibrary() {}

  /** Loads it, unless this process has; unpacks it into `directory` first, unless it is there. */
  static synchronized void load(Path directory) throws IOException {
    if (loaded) {
      return;
    }
    byte[] code = packed();
    CRC32 checksum = new CRC32();
    checksum.update(code);
    Path place = directory.resolve(Long.toHexString(checksum.getValue()));
    Path file = place.resolve(Environment.getJniLibraryFileName("rocksdbjni"));
    if (!Files.exists(file) || Files.size(file) != code.length) {
      Files.createDirectories(place);
      Path partial = Files.createTempFile(place, "unpacking", "");
      Files.write(partial, code);
      Files.move(partial, file, StandardCopyOption.ATOMIC_MOVE);
    }
    RocksDB.loadLibrary(List.of(place.toAbsolutePath().toString()));
    loaded = true;
  }

  private static byte[] packed() throws IOException {
    String name = Environment.getJniLibraryFileName("rocksdb");
    try (InputStream packed = RocksDB.class.getResourceAsStream("/" + name)) {
      if (packed == null) {
        throw new IOException("RocksDB has no native code for this machine: " + name);
      }
      return packed.readAllBytes();
    }
  }
}
