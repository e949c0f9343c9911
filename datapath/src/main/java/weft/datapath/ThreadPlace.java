package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;

/** Where the calling platform thread runs: in which network namespace, on which CPU. */
public final class ThreadPlace {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final MethodHandle SETNS =
      Native.plainLibc("setns", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle SET_AFFINITY =
      Native.plainLibc(
          "sched_setaffinity", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS));

  private ThreadPlace() {}

  /**
   * Moves this thread into the namespace that `path` stands for: sockets and tables that it makes
   * from now on are there.
   */
  public static void enter(Path path) {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread has no namespace of its own");
    }
    int fd = Libc.open(path.toString(), Libc.O_CLOEXEC);
    try {
      if ((int) SETNS.invokeExact(fd, CLONE_NEWNET) != 0) {
        throw new DatapathException("cannot enter the network namespace " + path);
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    } finally {
      Libc.close(fd);
    }
  }

  /** Keeps this thread on one CPU, of the first 64. */
  public static void stayOn(int cpu) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment mask = arena.allocate(JAVA_LONG);
      mask.set(JAVA_LONG, 0, 1L << cpu);
      if ((int) SET_AFFINITY.invokeExact(0, mask.byteSize(), mask) != 0) {
        throw new DatapathException("cannot stay on CPU " + cpu);
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
