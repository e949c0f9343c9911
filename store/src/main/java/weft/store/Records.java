package weft.store;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import weft.net.Reader;
import weft.net.Writer;

/** The bytes of the records that the RocksDB engine keeps. */
final class Records {
  /** Moves on with every change to what is written here; a store of another format is refused. */
  static final long FORMAT = 1;

  private static final int PUT = 1;
  private static final int DELETE = 2;

  /** Bytes of an entry before its value. */
  static final int ENTRY_HEAD = 24;

  private Records() {}

  /** `create revision, mod revision, lease, value`; the key is the record's. */
  static byte[] entry(Entry entry) {
    return new Writer(ENTRY_HEAD + entry.value().length)
        .i64(entry.createRevision())
        .i64(entry.modRevision())
        .i64(entry.lease())
        .bytes(entry.value())
        .toBytes();
  }

  static Entry entry(Key key, byte[] record) {
    Reader reader = new Reader(record);
    long created = reader.i64();
    long modified = reader.i64();
    long lease = reader.i64();
    return new Entry(key, reader.rest(), created, modified, lease);
  }

  /** Of the record of an entry, or the beginning of one. */
  static Version version(byte[] head) {
    Reader reader = new Reader(head);
    return new Version(reader.i64(), reader.i64(), reader.i64());
  }

  /**
   * The events of one revision, each `kind, key length, key` and for a put `create revision, lease,
   * value length, value`.
   */
  static byte[] events(List<Event> events) {
    Writer writer = new Writer(size(events));
    for (Event event : events) {
      byte[] key = event.key().bytes();
      switch (event) {
        case Event.Put(Entry entry) ->
            writer
                .u8(PUT)
                .i32(key.length)
                .bytes(key)
                .i64(entry.createRevision())
                .i64(entry.lease())
                .i32(entry.value().length)
                .bytes(entry.value());
        case Event.Delete _ -> writer.u8(DELETE).i32(key.length).bytes(key);
      }
    }
    return writer.toBytes();
  }

  /** About as many bytes as the record will have. */
  private static int size(List<Event> events) {
    int size = 0;
    for (Event event : events) {
      size += 32 + event.key().text().length();
      size += event instanceof Event.Put(Entry entry) ? entry.value().length : 0;
    }
    return size;
  }

  static List<Event> events(long revision, byte[] record) {
    Reader reader = new Reader(record);
    List<Event> events = new ArrayList<>();
    while (reader.hasRemaining()) {
      int kind = reader.u8();
      Key key = Key.of(reader.bytes(reader.i32()));
      switch (kind) {
        case PUT -> {
          long created = reader.i64();
          long lease = reader.i64();
          byte[] value = reader.bytes(reader.i32());
          events.add(new Event.Put(new Entry(key, value, created, revision, lease)));
        }
        case DELETE -> events.add(new Event.Delete(key, revision));
        default -> throw new StoreException("the log of revision " + revision + " is damaged");
      }
    }
    return events;
  }

  /** Eight bytes in network order, so that records sort by number. */
  static byte[] number(long number) {
    return new Writer(16).i64(number).toBytes();
  }

  static long number(byte[] record) {
    return new Reader(record).i64();
  }

  /** `id, time to live in milliseconds`. */
  static byte[] lease(Lease lease) {
    return new Writer(16).i64(lease.id()).i64(lease.timeToLive().toMillis()).toBytes();
  }

  static Lease lease(byte[] record) {
    Reader reader = new Reader(record);
    long id = reader.i64();
    return new Lease(id, Duration.ofMillis(reader.i64()));
  }

  /** The name of the record that binds a key to a lease: `lease, key`. */
  static byte[] binding(long lease, Key key) {
    return new Writer(64).i64(lease).bytes(key.bytes()).toBytes();
  }

  record Binding(long lease, Key key) {}

  static Binding binding(byte[] record) {
    Reader reader = new Reader(record);
    long lease = reader.i64();
    return new Binding(lease, Key.of(reader.rest()));
  }
}
