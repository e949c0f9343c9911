package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;

/**
 * A map in the kernel, with keys and values as bytes.
 *
 * <p>A segment that it hands out belongs to the map's arena or the walk and is overwritten by the
 * next call.
 */
final class KernelMap {
  private static final FunctionDescriptor TWO_POINTERS =
      FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle LOOKUP = Native.libbpf("bpf_map_lookup_elem", TWO_POINTERS);
  private static final MethodHandle UPDATE =
      Native.libbpf(
          "bpf_map_update_elem",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle DELETE =
      Native.libbpf("bpf_map_delete_elem", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle TAKE =
      Native.libbpf("bpf_map_lookup_and_delete_elem", TWO_POINTERS);
  private static final MethodHandle LOOKUP_BATCH =
      Native.libbpf(
          "bpf_map_lookup_batch",
          FunctionDescriptor.of(
              JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS, ADDRESS));

  private static final int ENOENT = 2;
  private static final int E2BIG = 7;
  private static final int EEXIST = 17;
  private static final long NO_EXIST = 1;
  private static final int ENOSPC = 28;
  private static final int FIRST_BATCH = 512;
  private static final int LARGEST_BATCH = 1 << 16;

  private final String name;
  private final int fd;
  private final int keySize;
  private final int valueSize;
  private final MemorySegment key;
  private final MemorySegment value;

  /**
   * @param valueSize as user space sees it: for per-CPU maps the sum over the possible CPUs
   */
  KernelMap(Arena arena, String name, int fd, int keySize, int valueSize) {
    this.name = name;
    this.fd = fd;
    this.keySize = keySize;
    this.valueSize = valueSize;
    this.key = arena.allocate(Math.max(keySize, 1), 8);
    this.value = arena.allocate(valueSize, 8);
  }

  int fd() {
    return fd;
  }

  /** Bytes of kernel memory that a map takes now, as the kernel reckons. */
  static long memory(String name, int fd) {
    try {
      for (String line : Files.readAllLines(Path.of("/proc/self/fdinfo", Integer.toString(fd)))) {
        if (line.startsWith("memlock:")) {
          return Long.parseLong(line.substring("memlock:".length()).strip());
        }
      }
      return 0;
    } catch (IOException e) {
      throw new DatapathException("table " + name + ": " + e.getMessage(), e);
    }
  }

  /** A cleared key to fill in. */
  MemorySegment key() {
    return key.fill((byte) 0);
  }

  /** A cleared value to fill in. */
  MemorySegment value() {
    return value.fill((byte) 0);
  }

  void put(MemorySegment key, MemorySegment value) {
    int error = update(key, value, 0L);
    if (error < 0) {
      throw refused(error);
    }
  }

  private int update(MemorySegment key, MemorySegment value, long flags) {
    try {
      return (int) UPDATE.invokeExact(fd, key, value, flags);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Hash tables and tries say in different ways that they are full. */
  private DatapathException refused(int error) {
    return new DatapathException(
        error == -E2BIG || error == -ENOSPC
            ? "table " + name + " is full"
            : "table " + name + ": " + Native.error(error));
  }

  /** False, and nothing is changed, if there is something under `key`. */
  boolean insert(MemorySegment key, MemorySegment value) {
    int error = update(key, value, NO_EXIST);
    if (error < 0 && error != -EEXIST) {
      throw refused(error);
    }
    return error == 0;
  }

  /** Reads what is under `key` into {@link #value}; false if there is nothing. */
  boolean get(MemorySegment key) {
    try {
      int error = (int) LOOKUP.invokeExact(fd, key, value);
      if (error < 0 && error != -ENOENT) {
        throw new DatapathException("table " + name + ": " + Native.error(error));
      }
      return error == 0;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** What the last {@link #get} read. */
  MemorySegment read() {
    return value;
  }

  /** Puts a value to the end of a queue; false if it is full. */
  boolean push(MemorySegment value) {
    int error = update(MemorySegment.NULL, value, 0L);
    if (error < 0 && error != -E2BIG) {
      throw refused(error);
    }
    return error == 0;
  }

  /** Takes the first value of a queue into {@link #read}; false if it is empty. */
  boolean pop() {
    try {
      int error = (int) TAKE.invokeExact(fd, MemorySegment.NULL, value);
      if (error < 0 && error != -ENOENT) {
        throw new DatapathException("queue " + name + ": " + Native.error(error));
      }
      return error == 0;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** False if there was nothing under `key`. */
  boolean delete(MemorySegment key) {
    try {
      int error = (int) DELETE.invokeExact(fd, key);
      if (error < 0 && error != -ENOENT) {
        throw new DatapathException("table " + name + ": " + Native.error(error));
      }
      return error == 0;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Walks all entries, in batches; the consumer may write to the map. */
  void forEach(BiConsumer<MemorySegment, MemorySegment> consumer) {
    int batch = FIRST_BATCH;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment token = arena.allocate(Math.max(keySize, 8), 8);
      MemorySegment next = arena.allocate(Math.max(keySize, 8), 8);
      MemorySegment count = arena.allocate(JAVA_INT);
      MemorySegment keys = arena.allocate((long) batch * keySize, 8);
      MemorySegment values = arena.allocate((long) batch * valueSize, 8);
      boolean first = true;
      while (true) {
        MemorySegment from = first ? MemorySegment.NULL : token;
        count.set(JAVA_INT, 0, batch);
        int error =
            (int) LOOKUP_BATCH.invokeExact(fd, from, next, keys, values, count, MemorySegment.NULL);
        if (error == -ENOSPC && batch < LARGEST_BATCH) {
          batch *= 4;
          keys = arena.allocate((long) batch * keySize, 8);
          values = arena.allocate((long) batch * valueSize, 8);
          continue;
        }
        if (error < 0 && error != -ENOENT) {
          throw new DatapathException("walk of table " + name + ": " + Native.error(error));
        }
        int read = count.get(JAVA_INT, 0);
        for (int i = 0; i < read; i++) {
          consumer.accept(
              keys.asSlice((long) i * keySize, keySize),
              values.asSlice((long) i * valueSize, valueSize));
        }
        if (error == -ENOENT) {
          return;
        }
        token.copyFrom(next);
        first = false;
      }
    } catch (DatapathException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
