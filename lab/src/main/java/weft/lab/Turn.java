package weft.lab;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The right to have a lab up: one at a time on a machine, since it takes the usual ports and one
 * subnet.
 */
final class Turn implements AutoCloseable {
  private static final Path FILE = Path.of("/run/weft/lab.lock");
  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final FileChannel channel;
  private final FileLock lock;

  private Turn(FileChannel channel, FileLock lock) {
    this.channel = channel;
    this.lock = lock;
  }

  /** Waits until no other lab is up. @throws LabException if one stays up */
  static Turn take() throws IOException {
    Files.createDirectories(FILE.getParent());
    FileChannel channel =
        FileChannel.open(FILE, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    FileLock lock = tryLock(channel);
    if (lock == null) {
      System.err.println("weft: another lab is up on this machine; waiting for it to end");
      lock = Await.value("the other lab on this machine ends", PATIENCE, () -> tryLock(channel));
    }
    return new Turn(channel, lock);
  }

  private static @Nullable FileLock tryLock(FileChannel channel) {
    try {
      return channel.tryLock();
    } catch (IOException e) {
      throw new LabException("cannot lock " + FILE + ": " + e.getMessage());
    }
  }

  @Override
  public void close() {
    try {
      lock.release();
      channel.close();
    } catch (IOException e) {
      throw new LabException("cannot release " + FILE + ": " + e.getMessage());
    }
  }
}
