package weft.store;

import static java.util.Objects.requireNonNull;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Priority;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The files of a store: a RocksDB with a column family for each kind of record.
 *
 * <p>Native memory is freed only when nobody reads it: each access holds the lock shared, closing
 * holds it alone.
 */
final class RocksFiles implements AutoCloseable {
  /** What is kept, each in a family of its own. */
  enum Family {
    /** Key to {@link Records#entry}. */
    ENTRIES,
    /** Revision to {@link Records#events}. */
    LOG,
    /** Lease id to {@link Records#lease}. */
    LEASES,
    /** {@link Records#binding} to nothing. */
    BINDINGS,
    /** Name of a number to the number. */
    NUMBERS
  }

  /** The numbers of the store as a whole. */
  enum Counter {
    FORMAT,
    REVISION,
    OLDEST_REVISION,
    LAST_LEASE;

    byte[] key() {
      return name().getBytes(StandardCharsets.UTF_8);
    }
  }

  /** The revision of one transaction and what it did. */
  record Commit(long revision, List<Event> events) {}

  private static final long LOG_READ_BYTES = 4L << 20;

  private final RocksDB db;
  private final Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
  private final List<ColumnFamilyHandle> handles;
  private final List<AutoCloseable> options;
  private final WriteOptions durable;
  private final ReentrantReadWriteLock access = new ReentrantReadWriteLock();
  private final Set<View> views = ConcurrentHashMap.newKeySet();
  private boolean closed;

  private RocksFiles(RocksDB db, List<ColumnFamilyHandle> handles, List<AutoCloseable> options) {
    this.db = db;
    this.handles = handles;
    for (Family family : Family.values()) {
      families.put(family, handles.get(1 + families.size()));
    }
    this.options = options;
    this.durable = new WriteOptions().setSync(true);
  }

  static RocksFiles open(Path directory, RocksOptions options) {
    BloomFilter bloom = new BloomFilter(10);
    LRUCache cache = new LRUCache(options.cacheBytes());
    ColumnFamilyOptions family =
        new ColumnFamilyOptions()
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setWriteBufferSize(options.bufferBytes())
            // Commits go on while as many as these are being written to files.
            .setMaxWriteBufferNumber(4)
            // Most keys that are looked for are new ones.
            .setMemtablePrefixBloomSizeRatio(0.02)
            .setMemtableWholeKeyFiltering(true)
            .setTableFormatConfig(
                new BlockBasedTableConfig().setBlockCache(cache).setFilterPolicy(bloom));
    DBOptions database =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            // What compactions write goes to the disk bit by bit, so that no commit has to wait for
            // much of it.
            .setBytesPerSync(1L << 20)
            .setKeepLogFileNum(5)
            // A family that is seldom written would hold back the whole log from being dropped, and
            // with it make the next start long.
            .setMaxTotalWalSize(2 * options.bufferBytes())
            // A log that is written over keeps its size: a sync then writes one block and nothing
            // of the file system's own.
            .setRecycleLogFileNum(4)
            // Such a log ends where what follows is not of it, or torn.
            .setWalRecoveryMode(WALRecoveryMode.PointInTimeRecovery);
    Env.getDefault().lowerThreadPoolCPUPriority(Priority.LOW);
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    // RocksDB insists on a family of its own; it stays empty.
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, family));
    for (Family each : Family.values()) {
      byte[] name = each.name().getBytes(StandardCharsets.UTF_8);
      descriptors.add(new ColumnFamilyDescriptor(name, family));
    }
    List<ColumnFamilyHandle> handles = new ArrayList<>();
    List<AutoCloseable> all = List.of(database, family, bloom, cache);
    try {
      RocksDB db = RocksDB.open(database, directory.toString(), descriptors, handles);
      return new RocksFiles(db, handles, all);
    } catch (RocksDBException e) {
      all.forEach(RocksFiles::release);
      throw new StoreException("cannot open the store in " + directory + ": " + e.getMessage(), e);
    }
  }

  private static void release(AutoCloseable resource) {
    try {
      resource.close();
    } catch (Exception e) {
      throw new StoreException("cannot close the store: " + e.getMessage(), e);
    }
  }

  private ColumnFamilyHandle handle(Family family) {
    return requireNonNull(families.get(family));
  }

  private interface Access<T> {
    T run() throws RocksDBException;
  }

  private <T> T reading(Access<T> body) {
    access.readLock().lock();
    try {
      if (closed) {
        throw new StoreException("the store is closed");
      }
      return body.run();
    } catch (RocksDBException e) {
      throw new StoreException("cannot read the store: " + e.getMessage(), e);
    } finally {
      access.readLock().unlock();
    }
  }

  long number(Counter counter, long absent) {
    byte[] record = reading(() -> db.get(handle(Family.NUMBERS), counter.key()));
    return record == null ? absent : Records.number(record);
  }

  @Nullable Entry get(Key key) {
    byte[] record = reading(() -> db.get(handle(Family.ENTRIES), key.bytes()));
    return record == null ? null : Records.entry(key, record);
  }

  /** As {@link #get}, without the value. */
  Version version(Key key) {
    byte[] head = new byte[Records.ENTRY_HEAD];
    int length = reading(() -> db.get(handle(Family.ENTRIES), key.bytes(), head));
    return length == RocksDB.NOT_FOUND ? Version.ABSENT : Records.version(head);
  }

  /** Walks all records of a family, for the start. */
  void each(Family family, BiConsumer<byte[], byte[]> record) {
    reading(() -> {
      try (RocksIterator all = db.newIterator(handle(family))) {
        for (all.seekToFirst(); all.isValid(); all.next()) {
          record.accept(all.key(), all.value());
        }
        all.status();
      }
      return true;
    });
  }

  /** The last revision in the log; 0 for an empty one. */
  long lastLogged() {
    return reading(() -> {
      try (RocksIterator log = db.newIterator(handle(Family.LOG))) {
        log.seekToLast();
        long last = log.isValid() ? Records.number(log.key()) : 0;
        log.status();
        return last;
      }
    });
  }

  /** Some of the log from `first` up to `last`; begins later if that is no longer retained. */
  List<Commit> log(long first, long last) {
    return reading(() -> {
      List<Commit> commits = new ArrayList<>();
      long bytes = 0;
      try (RocksIterator log = db.newIterator(handle(Family.LOG))) {
        for (log.seek(Records.number(first)); log.isValid() && bytes < LOG_READ_BYTES; log.next()) {
          long revision = Records.number(log.key());
          if (revision > last) {
            break;
          }
          byte[] record = log.value();
          bytes += record.length;
          commits.add(new Commit(revision, Records.events(revision, record)));
        }
        log.status();
      }
      return commits;
    });
  }

  /** What one group of transactions writes, all or nothing. */
  interface Changes {
    void put(Family family, byte[] key, byte[] value) throws RocksDBException;

    void delete(Family family, byte[] key) throws RocksDBException;

    /** Deletes the log of all revisions before `revision`. */
    void truncateLog(long revision) throws RocksDBException;
  }

  interface ChangeWriter {
    void write(Changes changes) throws RocksDBException;
  }

  /** Returns once it is on disk; after a failure, nothing of it will be seen in this process. */
  void write(ChangeWriter writer) {
    access.readLock().lock();
    try (WriteBatch batch = new WriteBatch()) {
      writer.write(
          new Changes() {
            @Override
            public void put(Family family, byte[] key, byte[] value) throws RocksDBException {
              batch.put(handle(family), key, value);
            }

            @Override
            public void delete(Family family, byte[] key) throws RocksDBException {
              batch.delete(handle(family), key);
            }

            @Override
            public void truncateLog(long revision) throws RocksDBException {
              batch.deleteRange(handle(Family.LOG), Records.number(0), Records.number(revision));
            }
          });
      if (batch.count() > 0) {
        db.write(durable, batch);
      }
    } catch (RocksDBException e) {
      throw new StoreException("cannot write the store: " + e.getMessage(), e);
    } finally {
      access.readLock().unlock();
    }
  }

  /** A frozen view of the entries. */
  Snapshot view() {
    return reading(() -> {
      View view = new View(db.getSnapshot());
      views.add(view);
      return view;
    });
  }

  private final class View implements Snapshot {
    private final long revision;
    private final org.rocksdb.Snapshot snapshot;
    private final ReadOptions at;

    View(org.rocksdb.Snapshot snapshot) throws RocksDBException {
      this.snapshot = snapshot;
      // What is walked over once had better not displace what is looked for again and again.
      this.at = new ReadOptions().setSnapshot(snapshot).setFillCache(false);
      byte[] number = db.get(handle(Family.NUMBERS), at, Counter.REVISION.key());
      this.revision = number == null ? 0 : Records.number(number);
    }

    private <T> T open(Access<T> body) {
      return reading(() -> {
        if (!views.contains(this)) {
          throw new StoreException("the snapshot is closed");
        }
        return body.run();
      });
    }

    @Override
    public long revision() {
      return revision;
    }

    @Override
    public @Nullable Entry get(Key key) {
      byte[] record = open(() -> db.get(handle(Family.ENTRIES), at, key.bytes()));
      return record == null ? null : Records.entry(key, record);
    }

    @Override
    public Page scan(Key prefix, @Nullable Key after, int limit) {
      return open(() -> page(prefix, after, limit));
    }

    private Page page(Key prefix, @Nullable Key after, int limit) throws RocksDBException {
      Key from = after == null || after.compareTo(prefix) < 0 ? prefix : after;
      List<Entry> found = new ArrayList<>();
      boolean more = false;
      try (RocksIterator entries = db.newIterator(handle(Family.ENTRIES), at)) {
        for (entries.seek(from.bytes()); entries.isValid(); entries.next()) {
          Key key = Key.of(entries.key());
          if (!key.startsWith(prefix)) {
            break;
          }
          if (!key.equals(after)) {
            if (found.size() == limit) {
              more = true;
              break;
            }
            found.add(Records.entry(key, entries.value()));
          }
        }
        entries.status();
      }
      return new Page(revision, found, more);
    }

    @Override
    public void close() {
      // Alone: a reader on another thread may be using what is released.
      access.writeLock().lock();
      try {
        if (views.remove(this)) {
          at.close();
          db.releaseSnapshot(snapshot);
          snapshot.close();
        }
      } finally {
        access.writeLock().unlock();
      }
    }
  }

  @Override
  public void close() {
    access.writeLock().lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      new HashSet<>(views).forEach(View::close);
      handles.forEach(RocksFiles::release);
      release(db);
      release(durable);
      options.forEach(RocksFiles::release);
    } finally {
      access.writeLock().unlock();
    }
  }
}
