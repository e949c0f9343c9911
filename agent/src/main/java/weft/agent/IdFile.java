package weft.agent;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Ids;

/**
 * The journal of {@link Ids} on disk: one step a line, with a checksum.
 *
 * <p>A process that is killed leaves at most one incomplete line at the end; it and any other line
 * whose checksum is wrong count as not written. The forwarding tables live in memory, so nothing is
 * gained by forcing the file to disk: it outlives what it describes.
 */
final class IdFile implements AutoCloseable {
  private final FileChannel channel;
  private final Ids ids;
  private final int skipped;

  private IdFile(FileChannel channel, Ids ids, int skipped) {
    this.channel = channel;
    this.ids = ids;
    this.skipped = skipped;
  }

  /** Reads the journal, writes it anew in its shortest form, and keeps it open. */
  static IdFile open(Path path, long nowNs) throws IOException {
    List<Ids.Entry> entries = new ArrayList<>();
    int skipped = 0;
    if (Files.exists(path)) {
      for (String line : Files.readString(path, StandardCharsets.ISO_8859_1).split("\n")) {
        Ids.Entry entry = parse(line);
        if (entry != null) {
          entries.add(entry);
        } else if (!line.isEmpty()) {
          skipped++;
        }
      }
    }
    Ids ids = Ids.replay(entries, nowNs);
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    StringBuilder text = new StringBuilder();
    ids.compacted().forEach(entry -> text.append(format(entry)));
    Files.writeString(fresh, text, StandardCharsets.ISO_8859_1);
    Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    return new IdFile(
        FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.APPEND), ids, skipped);
  }

  Ids ids() {
    return ids;
  }

  /** Lines that could not be read. */
  int skipped() {
    return skipped;
  }

  /** Writes down what was given and taken back since the last call. */
  void flush() {
    List<Ids.Entry> steps = ids.drainJournal();
    if (steps.isEmpty()) {
      return;
    }
    StringBuilder text = new StringBuilder();
    steps.forEach(step -> text.append(format(step)));
    ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.ISO_8859_1));
    try {
      while (bytes.hasRemaining()) {
        int _ = channel.write(bytes);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("the file of ids cannot be written", e);
    }
  }

  private static String format(Ids.Entry entry) {
    String content =
        (entry.given() ? "+ " : "- ")
            + entry.pool().word()
            + " "
            + entry.id()
            + " "
            + URLEncoder.encode(entry.name(), StandardCharsets.UTF_8);
    return content + " " + checksum(content) + "\n";
  }

  private static Ids.@Nullable Entry parse(String line) {
    int last = line.lastIndexOf(' ');
    if (last < 0 || !checksum(line.substring(0, last)).equals(line.substring(last + 1))) {
      return null;
    }
    String[] words = line.substring(0, last).split(" ", -1);
    Ids.Pool pool = words.length == 4 ? Ids.Pool.ofWord(words[1]) : null;
    if (pool == null) {
      return null;
    }
    try {
      return new Ids.Entry(
          words[0].equals("+"),
          pool,
          Integer.parseInt(words[2]),
          URLDecoder.decode(words[3], StandardCharsets.UTF_8));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  private static String checksum(String content) {
    CRC32 crc = new CRC32();
    crc.update(content.getBytes(StandardCharsets.ISO_8859_1));
    return String.format("%08x", crc.getValue());
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
