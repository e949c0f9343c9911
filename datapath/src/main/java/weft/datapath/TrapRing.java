package weft.datapath;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.VarHandle;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.vrouter.Trap;

/**
 * Reads trapped packets from the kernel's ring on a thread of its own.
 *
 * <p>The ring's memory: one page that holds our position, one that holds the kernel's, then the
 * data, mapped twice in a row so that a record never wraps. A record starts with its length, in
 * which bit 31 says that it is being written and bit 30 that it was given up.
 */
final class TrapRing implements AutoCloseable {
  private static final int PAGE = 4096;
  private static final int RING = 1 << 20;
  private static final int RECORD_HEADER = 8;
  private static final int BUSY = 1 << 31;
  private static final int DISCARDED = 1 << 30;
  private static final VarHandle POSITION = JAVA_LONG.varHandle();
  private static final VarHandle LENGTH = JAVA_INT.varHandle();

  private final int fd;
  private final int wake;
  private final Struct header;
  private final MemorySegment consumer;
  private final MemorySegment producer;
  private final MemorySegment data;
  private @Nullable Thread thread;

  TrapRing(BpfObject object) {
    header = object.struct("trap_header");
    fd = object.mapFd("traps");
    wake = Libc.eventfd();
    consumer = Libc.map(fd, 0, PAGE, Libc.PROT_READ | Libc.PROT_WRITE);
    producer = Libc.map(fd, PAGE, PAGE + 2L * RING, Libc.PROT_READ);
    data = producer.asSlice(PAGE);
  }

  void start(Consumer<Trap> listener) {
    if (thread != null) {
      throw new IllegalStateException("traps are told to one listener only");
    }
    thread = Thread.ofPlatform().name("weft-traps").daemon(true).start(() -> run(listener));
  }

  private void run(Consumer<Trap> listener) {
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

  private void drain(Consumer<Trap> listener) {
    long position = (long) POSITION.getAcquire(consumer, 0L);
    while (position < (long) POSITION.getAcquire(producer, 0L)) {
      long at = position & (RING - 1);
      int length = (int) LENGTH.getAcquire(data, at);
      if ((length & BUSY) != 0) {
        return;
      }
      int size = length & ~(BUSY | DISCARDED);
      if ((length & DISCARDED) == 0) {
        listener.accept(read(data.asSlice(at + RECORD_HEADER, size)));
      }
      position += (size + RECORD_HEADER + 7) & ~7;
      POSITION.setRelease(consumer, 0L, position);
    }
  }

  private Trap read(MemorySegment record) {
    return new Trap(
        Bytes.constant(Trap.Reason.values(), Bytes.u16(record, header.at("reason"))),
        Bytes.i32(record, header.at("vif")),
        Bytes.bytes(record, header.size(), Bytes.u16(record, header.at("length"))));
  }

  @Override
  public void close() {
    Thread running = thread;
    if (running != null) {
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment one = arena.allocate(JAVA_LONG);
        one.set(JAVA_LONG, 0, 1);
        Libc.write("wake the trap thread", wake, one);
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
