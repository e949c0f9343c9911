package weft.datapath;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records of a ring of the kernel on a thread of its own.
 *
 * <p>The ring's memory: one page that holds our position, one that holds the kernel's, then the
 * data, mapped twice in a row so that a record never wraps. A record starts with its length, in
 * which bit 31 says that it is being written and bit 30 that it was given up.
 */
final class Ring<T> implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int RECORD_HEADER = 8;
  private static final int BUSY = 1 << 31;
  private static final int DISCARDED = 1 << 30;
  private static final VarHandle POSITION = JAVA_LONG.varHandle();
  private static final VarHandle LENGTH = JAVA_INT.varHandle();

  private final int fd;
  private final int wake;
  private final String name;
  private final int size;
  private final Function<MemorySegment, T> reader;
  private final MemorySegment consumer;
  private final MemorySegment producer;
  private final MemorySegment data;
  private @Nullable Thread thread;

  /**
   * @param name of the map, and of the thread
   * @param size in bytes, as the programs say
   * @param reader makes something of a record's bytes
   */
  Ring(BpfObject object, String name, int size, Function<MemorySegment, T> reader) {
    this.name = name;
    this.size = size;
    this.reader = reader;
    fd = object.mapFd(name);
    wake = Libc.eventfd();
    consumer = Libc.map(fd, 0, PAGE, Libc.PROT_READ | Libc.PROT_WRITE);
    producer = Libc.map(fd, PAGE, PAGE + 2L * size, Libc.PROT_READ);
    data = producer.asSlice(PAGE);
  }

  void start(Consumer<T> listener) {
    if (thread != null) {
      throw new IllegalStateException(name + " are told to one listener only");
    }
    thread = Thread.ofPlatform().name("weft-" + name).daemon(true).start(() -> run(listener));
  }

  private void run(Consumer<T> listener) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment pollfds = arena.allocate(16, 8);
      Bytes.i32(pollfds, 0, fd);
      Bytes.u16(pollfds, 4, Libc.POLLIN);
      Bytes.i32(pollfds, 8, wake);
      Bytes.u16(pollfds, 12, Libc.POLLIN);
      while (true) {
        drain(listener);
        Libc.poll(pollfds);
        if (Bytes.u16(pollfds, 14) != 0) {
          return;
        }
      }
    }
  }

  private void drain(Consumer<T> listener) {
    long position = (long) POSITION.getAcquire(consumer, 0L);
    while (position < (long) POSITION.getAcquire(producer, 0L)) {
      long at = position & (size - 1);
      int length = (int) LENGTH.getAcquire(data, at);
      if ((length & BUSY) != 0) {
        return;
      }
      int room = length & ~(BUSY | DISCARDED);
      if ((length & DISCARDED) == 0) {
        listener.accept(reader.apply(data.asSlice(at + RECORD_HEADER, room)));
      }
      position += (room + RECORD_HEADER + 7) & ~7;
      POSITION.setRelease(consumer, 0L, position);
    }
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment one = arena.allocate(JAVA_LONG);
        one.set(JAVA_LONG, 0, 1);
        Libc.write("wake the thread of " + name, wake, one);
      }
      boolean interrupted = false;
      while (running.isAlive() && running != Thread.currentThread()) {
        try {
          running.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
    Libc.unmap(consumer);
    Libc.unmap(producer);
    Libc.close(wake);
  }
}
