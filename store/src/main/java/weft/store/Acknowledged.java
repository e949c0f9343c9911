package weft.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A small file that says up to which revision commits were acknowledged.
 *
 * <p>It is never waited for and may lag behind after a power failure, but is never ahead of what is
 * on disk: a database that ends before it has lost something.
 */
final class Acknowledged {
  private static final int SIZE = 2 * Long.BYTES;

  /** The revision, and the same with all bits turned: a record that is half written is none. */
  private final ByteBuffer record;

  private Acknowledged(ByteBuffer record) {
    this.record = record;
  }

  static Acknowledged open(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      if (channel.size() < SIZE) {
        int _ = channel.write(ByteBuffer.allocate(SIZE), 0);
      }
      return new Acknowledged(channel.map(FileChannel.MapMode.READ_WRITE, 0, SIZE));
    }
  }

  /** 0 if nothing is known. */
  long revision() {
    long revision = record.getLong(0);
    return record.getLong(Long.BYTES) == ~revision ? revision : 0;
  }

  void set(long revision) {
    record.putLong(0, revision).putLong(Long.BYTES, ~revision);
  }
}
