package weft.lab;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A running packet capture on a device, by tcpdump. */
public final class Capture implements AutoCloseable {
  private static final int GLOBAL_HEADER = 24;
  private static final int RECORD_HEADER = 16;

  private final Process process;
  private final Path file;

  private Capture(Process process, Path file) {
    this.process = process;
    this.file = file;
  }

  /** Starts to capture and returns once packets are being seen. */
  public static Capture start(Namespace namespace, String device, String filter, Path file) {
    try {
      Files.deleteIfExists(file);
      List<String> command =
          new ArrayList<>(
              Command.prefixed(
                  namespace.prefix(),
                  "tcpdump",
                  "-i",
                  device,
                  "-U",
                  "-p",
                  "-Z",
                  "root",
                  "-s",
                  "0",
                  "-w",
                  file.toString()));
      command.addAll(List.of(filter.split(" ")));
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      Capture capture = new Capture(process, file);
      Await.until(
          "tcpdump captures on " + device,
          java.time.Duration.ofSeconds(5),
          () -> file.toFile().length() >= GLOBAL_HEADER);
      return capture;
    } catch (IOException e) {
      throw new LabException("cannot capture: " + e.getMessage());
    }
  }

  /** The frames seen so far. */
  public List<byte[]> frames() {
    try {
      byte[] bytes = Files.readAllBytes(file);
      ByteBuffer buffer = ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder());
      List<byte[]> frames = new ArrayList<>();
      int at = GLOBAL_HEADER;
      while (at + RECORD_HEADER <= bytes.length) {
        int length = buffer.getInt(at + 8);
        int start = at + RECORD_HEADER;
        if (start + length > bytes.length) {
          break;
        }
        frames.add(Arrays.copyOfRange(bytes, start, start + length));
        at = start + length;
      }
      return frames;
    } catch (IOException e) {
      throw new LabException("cannot read the capture: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(3, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
