package weft.agent;

import java.io.IOException;
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
 *
 * <p>Behind its last line the file has room for about a thousand more, as empty lines: a disk that
 * is full keeps nothing from being written down for long. What finds no room even so is kept, and
 * written at a later call.
 */
final class IdFile implements AutoCloseable {
  private static final int ROOM = 64 << 10;

  private final FileChannel channel;
  private final Ids ids;
  private final int skipped;
  private final StringBuilder waiting = new StringBuilder();
  private long end;
  private String trouble;

  private IdFile(FileChannel channel, Ids ids, int skipped, long end, String trouble) {
    this.channel = channel;
    this.ids = ids;
    this.skipped = skipped;
    this.end = end;
    this.trouble = trouble;
  }

  /**
   * Reads the journal, writes it anew in its shortest form, and keeps it open. If there is no room
   * for the new one, the old one is kept.
   */
  static IdFile open(Path path, long nowNs) throws IOException {
    String before = Files.exists(path) ? Files.readString(path, StandardCharsets.ISO_8859_1) : "";
    List<Ids.Entry> entries = new ArrayList<>();
    int skipped = 0;
    for (String line : before.split("\n")) {
      Ids.Entry entry = parse(line);
      if (entry != null) {
        entries.add(entry);
      } else if (!line.isEmpty()) {
        skipped++;
      }
    }
    Ids ids = Ids.replay(entries, nowNs);
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    String text = lines(ids.compacted());
    String trouble = "";
    try {
      Files.writeString(fresh, text, StandardCharsets.ISO_8859_1);
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      boolean _ = Files.deleteIfExists(fresh);
      text = before.stripTrailing();
      trouble = String.valueOf(e.getMessage());
    }
    IdFile file =
        new IdFile(
            FileChannel.open(path, StandardOpenOption.WRITE, StandardOpenOption.CREATE),
            ids,
            skipped,
            text.length(),
            trouble);
    if (!trouble.isEmpty()) {
      file.waiting.append('\n'); // its last line may be incomplete
    }
    file.write();
    return file;
  }

  Ids ids() {
    return ids;
  }

  /** Lines that could not be read. */
  int skipped() {
    return skipped;
  }

  /** What keeps the file from growing; empty if nothing does. */
  String trouble() {
    return trouble;
  }

  /** Writes down what was given and taken back since the last call, and what is still waiting. */
  void flush() {
    waiting.append(lines(ids.drainJournal()));
    if (!waiting.isEmpty() || !trouble.isEmpty()) {
      write();
    }
  }

  private void write() {
    try {
      write(end, waiting.toString());
      end += waiting.length();
      waiting.setLength(0);
      long size = channel.size();
      if (size < end + ROOM / 2) {
        write(size, "\n".repeat((int) (end + ROOM - size)));
      }
      trouble = "";
    } catch (IOException e) {
      trouble = String.valueOf(e.getMessage());
    }
  }

  private void write(long at, String text) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
    while (bytes.hasRemaining()) {
      int _ = channel.write(bytes, at + bytes.position());
    }
  }

  private static String lines(List<Ids.Entry> steps) {
    StringBuilder text = new StringBuilder();
    steps.forEach(step -> text.append(format(step)));
    return text.toString();
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
