package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/** The system calls the datapath needs; each throws {@link DatapathException} where it fails. */
final class Libc {
  private static final MethodHandle OPEN =
      Native.libcVariadic("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle CLOSE =
      Native.libc("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle IOCTL =
      Native.libcVariadic(
          "ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);
  private static final MethodHandle WRITE =
      Native.libc("write", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle SOCKET =
      Native.libc("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle POLL =
      Native.libc("poll", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle EVENTFD =
      Native.libc("eventfd", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle MMAP =
      Native.libc(
          "mmap",
          FunctionDescriptor.of(
              ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle MUNMAP =
      Native.libc("munmap", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG));
  private static final MethodHandle MOUNT =
      Native.libc(
          "mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle STATFS =
      Native.libc("statfs", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle IF_NAMETOINDEX =
      Native.libc("if_nametoindex", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final VarHandle ERRNO =
      Native.CALL_STATE.varHandle(java.lang.foreign.MemoryLayout.PathElement.groupElement("errno"));

  static final int O_RDWR = 2;
  static final int O_CLOEXEC = 0x80000;
  static final int AF_INET = 2;
  static final int SOCK_DGRAM = 2;
  static final int PROT_READ = 1;
  static final int PROT_WRITE = 2;
  static final int MAP_SHARED = 1;
  static final short POLLIN = 1;
  private static final int EINTR = 4;
  private static final int EFD_CLOEXEC = 0x80000;
  private static final int STATFS_SIZE = 120;

  private Libc() {}

  static DatapathException failed(String what, MemorySegment state) {
    return new DatapathException(what + ": " + Native.error((int) ERRNO.get(state, 0L)));
  }

  static int open(String path, int flags) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      int fd = (int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, 0);
      if (fd < 0) {
        throw failed("open " + path, state);
      }
      return fd;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void close(int fd) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) CLOSE.invokeExact(arena.allocate(Native.CALL_STATE), fd);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void ioctl(String what, int fd, long request, MemorySegment argument) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      if ((int) IOCTL.invokeExact(state, fd, request, argument) < 0) {
        throw failed(what, state);
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** False if the kernel refuses. */
  static boolean tryIoctl(int fd, long request, MemorySegment argument) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) IOCTL.invokeExact(arena.allocate(Native.CALL_STATE), fd, request, argument) >= 0;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void write(String what, int fd, MemorySegment bytes) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      if ((long) WRITE.invokeExact(state, fd, bytes, bytes.byteSize()) < 0) {
        throw failed(what, state);
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static int datagramSocket() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      int fd = (int) SOCKET.invokeExact(state, AF_INET, SOCK_DGRAM | O_CLOEXEC, 0);
      if (fd < 0) {
        throw failed("socket", state);
      }
      return fd;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static int eventfd() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      int fd = (int) EVENTFD.invokeExact(state, 0, EFD_CLOEXEC);
      if (fd < 0) {
        throw failed("eventfd", state);
      }
      return fd;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Waits until one of the file descriptors in `pollfds` (8 bytes each) has input. */
  static void poll(MemorySegment pollfds) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      if ((int) POLL.invokeExact(state, pollfds, pollfds.byteSize() / 8, -1) < 0
          && (int) ERRNO.get(state, 0L) != EINTR) {
        throw failed("poll", state);
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Maps a file descriptor's memory; {@link #unmap} ends it. */
  static MemorySegment map(int fd, long offset, long size, int protection) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      MemorySegment at =
          (MemorySegment)
              MMAP.invokeExact(state, MemorySegment.NULL, size, protection, MAP_SHARED, fd, offset);
      if (at.address() == -1) {
        throw failed("mmap", state);
      }
      return Native.view(at, size);
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void unmap(MemorySegment mapped) {
    try (Arena arena = Arena.ofConfined()) {
      int _ =
          (int) MUNMAP.invokeExact(arena.allocate(Native.CALL_STATE), mapped, mapped.byteSize());
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void mount(String source, String target, String type, String data) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target),
                  arena.allocateFrom(type),
                  0L,
                  arena.allocateFrom(data));
      if (result < 0) {
        throw failed("mount " + type + " on " + target, state);
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** The magic number of the file system that `path` is on. */
  static long fileSystemType(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      MemorySegment buffer = arena.allocate(STATFS_SIZE, 8);
      if ((int) STATFS.invokeExact(state, arena.allocateFrom(path), buffer) < 0) {
        throw failed("statfs " + path, state);
      }
      return buffer.get(JAVA_LONG, 0);
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** True if the caller's network namespace has such a device. */
  static boolean deviceExists(String device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      return (int) IF_NAMETOINDEX.invokeExact(state, arena.allocateFrom(device)) != 0;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** The index of a device in the caller's network namespace. */
  static int ifindex(String device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(Native.CALL_STATE);
      int index = (int) IF_NAMETOINDEX.invokeExact(state, arena.allocateFrom(device));
      if (index == 0) {
        throw failed("device " + device, state);
      }
      return index;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
