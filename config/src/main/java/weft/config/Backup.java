package weft.config;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.function.BiConsumer;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Lease;
import weft.store.Page;
import weft.store.Snapshot;
import weft.store.StoreException;

/**
 * All that a store holds at one revision, as a file: a line of JSON that says what it is, one for
 * each entry, and a last one with the number of entries and the SHA-256 of all lines before it. The
 * file may be compressed by gzip.
 *
 * <p>Entries that go with a lease are not part of it: they are somebody's who lives now.
 */
public final class Backup {
  private static final String NAME = "weft-backup";
  private static final int FORMAT = 1;
  private static final int PAGE = 500;
  private static final int GZIP = 0x1f;
  private static final JsonMapper JSON = new JsonMapper();

  /**
   * What a backup says of itself.
   *
   * @param revision of the store that it was made of
   * @param made when, in ISO 8601
   */
  public record Summary(long revision, String made, long entries) {}

  private Backup() {}

  /**
   * Writes a backup; `out` stays open.
   *
   * @throws StoreException if the store is being restored, or cannot be read
   */
  public static Summary write(Snapshot snapshot, Instant now, OutputStream out) throws IOException {
    if (snapshot.get(Restore.APPLYING) != null) {
      throw new StoreException("a restore from a backup is under way, or was broken off");
    }
    MessageDigest digest = sha256();
    ObjectNode header = JsonNodeFactory.instance.objectNode();
    header.put(NAME, FORMAT).put("revision", snapshot.revision()).put("made", now.toString());
    line(header, digest, out);
    long count = 0;
    @Nullable Key after = null;
    Page page;
    do {
      page = snapshot.scan(Key.EMPTY, after, PAGE);
      for (Entry entry : page.entries()) {
        after = entry.key();
        if (isKept(entry)) {
          line(json(entry), digest, out);
          count++;
        }
      }
    } while (page.more());
    ObjectNode end = JsonNodeFactory.instance.objectNode();
    end.put("entries", count).put("sha256", HexFormat.of().formatHex(digest.digest()));
    out.write(JSON.writeValueAsBytes(end));
    out.write('\n');
    return new Summary(snapshot.revision(), now.toString(), count);
  }

  /** Whether an entry is part of what is saved and replaced. */
  static boolean isKept(Entry entry) {
    return entry.lease() == Lease.NONE && !entry.key().startsWith(Restore.ROOT);
  }

  private static void line(ObjectNode object, MessageDigest digest, OutputStream out)
      throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(object);
    digest.update(bytes);
    digest.update((byte) '\n');
    out.write(bytes);
    out.write('\n');
  }

  private static ObjectNode json(Entry entry) {
    ObjectNode line = JsonNodeFactory.instance.objectNode().put("key", entry.key().text());
    try {
      String text =
          StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(entry.value())).toString();
      return line.put("value", text);
    } catch (CharacterCodingException _) {
      return line.put("bytes", Base64.getEncoder().encodeToString(entry.value()));
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java runtime has SHA-256", e);
    }
  }

  /**
   * Reads a whole backup and checks that it is one.
   *
   * @param entries hears of each entry, before it is known whether the file is whole
   * @throws BackupException if it is not
   * @throws IOException if the file cannot be read
   */
  public static Summary read(Path file, BiConsumer<Key, byte[]> entries) throws IOException {
    try (InputStream in = open(file)) {
      return new Reader(file, in, entries).read();
    } catch (java.util.zip.ZipException | java.io.EOFException e) {
      throw new BackupException(file + " is damaged: " + e.getMessage(), e);
    }
  }

  private static InputStream open(Path file) throws IOException {
    InputStream in = new BufferedInputStream(Files.newInputStream(file), 1 << 16);
    try {
      in.mark(1);
      boolean compressed = in.read() == GZIP;
      in.reset();
      return compressed ? new BufferedInputStream(new GZIPInputStream(in), 1 << 16) : in;
    } catch (IOException e) {
      in.close();
      throw e;
    }
  }

  private static final class Reader {
    private final Path file;
    private final InputStream in;
    private final BiConsumer<Key, byte[]> entries;
    private final MessageDigest digest = sha256();
    private long number;

    Reader(Path file, InputStream in, BiConsumer<Key, byte[]> entries) {
      this.file = file;
      this.in = in;
      this.entries = entries;
    }

    Summary read() throws IOException {
      byte[] first = line();
      JsonNode header = first == null ? null : parsed(first);
      if (first == null || header == null || !header.path(NAME).isInt()) {
        throw new BackupException(file + " is no backup of Weft");
      }
      if (header.path(NAME).intValue() != FORMAT) {
        throw new BackupException(
            "%s is a backup of format %d; this program reads %d"
                .formatted(file, header.path(NAME).intValue(), FORMAT));
      }
      count(first);
      long count = 0;
      while (true) {
        byte[] bytes = line();
        if (bytes == null) {
          throw new BackupException(
              file + " is cut off behind line " + number + ": it has no last line");
        }
        JsonNode line = parsed(bytes);
        if (line != null && line.has("sha256")) {
          checkEnd(line, count);
          return new Summary(
              header.path("revision").asLong(0), header.path("made").asString(""), count);
        }
        entry(line);
        count(bytes);
        count++;
      }
    }

    private void entry(@Nullable JsonNode line) {
      if (line == null
          || !line.path("key").isString()
          || line.path("value").isString() == line.path("bytes").isString()) {
        throw new BackupException(file + " is damaged: line " + number + " is no entry");
      }
      try {
        Key key = new Key(line.path("key").stringValue());
        entries.accept(
            key,
            line.has("value")
                ? line.path("value").stringValue().getBytes(StandardCharsets.UTF_8)
                : Base64.getDecoder().decode(line.path("bytes").stringValue()));
      } catch (IllegalArgumentException e) {
        throw new BackupException(file + " is damaged: line " + number + ": " + e.getMessage(), e);
      }
    }

    private void checkEnd(JsonNode end, long count) throws IOException {
      if (end.path("entries").asLong(-1) != count) {
        throw new BackupException(
            "%s is damaged: it says that it has %s entries, and has %d"
                .formatted(file, end.path("entries"), count));
      }
      String sum = HexFormat.of().formatHex(digest.digest());
      if (!end.path("sha256").asString("").equals(sum)) {
        throw new BackupException(
            "%s is damaged: its checksum is %s rather than %s"
                .formatted(file, sum, end.path("sha256").asString("")));
      }
      if (line() != null) {
        throw new BackupException(file + " is damaged: there is something behind its last line");
      }
    }

    private void count(byte[] line) {
      digest.update(line);
      digest.update((byte) '\n');
    }

    /** Null at the end, and for a line that has none. */
    private byte @Nullable [] line() throws IOException {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      for (int next = in.read(); next >= 0; next = in.read()) {
        if (next == '\n') {
          number++;
          return line.toByteArray();
        }
        line.write(next);
      }
      return null;
    }

    private static @Nullable JsonNode parsed(byte[] line) {
      try {
        JsonNode node = JSON.readTree(line);
        return node.isObject() ? node : null;
      } catch (JacksonException _) {
        return null;
      }
    }
  }
}
