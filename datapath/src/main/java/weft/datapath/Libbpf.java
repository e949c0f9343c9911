package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** libbpf's functions on objects, programs, links and types. */
final class Libbpf {
  private static final FunctionDescriptor INT_OF_POINTER = FunctionDescriptor.of(JAVA_INT, ADDRESS);
  private static final FunctionDescriptor BY_NAME =
      FunctionDescriptor.of(ADDRESS, ADDRESS, ADDRESS);

  private static final MethodHandle OPEN_MEM =
      Native.libbpf(
          "bpf_object__open_mem", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle LOAD = Native.libbpf("bpf_object__load", INT_OF_POINTER);
  private static final MethodHandle CLOSE =
      Native.libbpf("bpf_object__close", FunctionDescriptor.ofVoid(ADDRESS));
  private static final MethodHandle FIND_MAP =
      Native.libbpf("bpf_object__find_map_by_name", BY_NAME);
  private static final MethodHandle FIND_PROGRAM =
      Native.libbpf("bpf_object__find_program_by_name", BY_NAME);
  private static final MethodHandle OBJECT_BTF =
      Native.libbpf("bpf_object__btf", FunctionDescriptor.of(ADDRESS, ADDRESS));
  private static final MethodHandle MAP_FD = Native.libbpf("bpf_map__fd", INT_OF_POINTER);
  private static final MethodHandle MAP_KEY_SIZE =
      Native.libbpf("bpf_map__key_size", INT_OF_POINTER);
  private static final MethodHandle MAP_VALUE_SIZE =
      Native.libbpf("bpf_map__value_size", INT_OF_POINTER);
  private static final MethodHandle MAP_SET_MAX_ENTRIES =
      Native.libbpf("bpf_map__set_max_entries", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle MAP_SET_PIN_PATH =
      Native.libbpf("bpf_map__set_pin_path", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS));
  private static final MethodHandle PROGRAM_FD = Native.libbpf("bpf_program__fd", INT_OF_POINTER);
  private static final MethodHandle LINK_CREATE =
      Native.libbpf(
          "bpf_link_create",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle LINK_UPDATE =
      Native.libbpf(
          "bpf_link_update", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle LINK_DETACH =
      Native.libbpf("bpf_link_detach", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle OBJ_PIN =
      Native.libbpf("bpf_obj_pin", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final MethodHandle OBJ_GET = Native.libbpf("bpf_obj_get", INT_OF_POINTER);
  private static final MethodHandle BTF_FIND =
      Native.libbpf(
          "btf__find_by_name_kind", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle BTF_TYPE =
      Native.libbpf("btf__type_by_id", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle BTF_NAME =
      Native.libbpf("btf__name_by_offset", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle POSSIBLE_CPUS =
      Native.libbpf("libbpf_num_possible_cpus", FunctionDescriptor.of(JAVA_INT));

  private static final int TCX_INGRESS = 46;
  private static final int TCX_EGRESS = 47;
  private static final int EINVAL = 22;

  private Libbpf() {}

  /** Gathers what libbpf prints, the verifier's log among it. */
  private static final class Log {
    private static final int LINE = 1 << 16;
    private static final int MOST = 1 << 16;
    private static final ThreadLocal<StringBuilder> TEXT =
        ThreadLocal.withInitial(StringBuilder::new);
    private static final MethodHandle VSNPRINTF =
        Native.plainLibc(
            "vsnprintf", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_LONG, ADDRESS, ADDRESS));

    static {
      try {
        MethodHandle print =
            MethodHandles.lookup()
                .findStatic(
                    Log.class,
                    "print",
                    MethodType.methodType(
                        int.class, int.class, MemorySegment.class, MemorySegment.class));
        MemorySegment stub =
            Native.upcall(print, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, ADDRESS));
        MethodHandle set =
            Native.libbpf("libbpf_set_print", FunctionDescriptor.of(ADDRESS, ADDRESS));
        MemorySegment _ = (MemorySegment) set.invokeExact(stub);
      } catch (Throwable e) {
        throw Native.unexpected(e);
      }
    }

    @SuppressWarnings("unused") // called by libbpf
    private static int print(int level, MemorySegment format, MemorySegment arguments) {
      StringBuilder text = TEXT.get();
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment buffer = arena.allocate(LINE);
        int _ = (int) VSNPRINTF.invokeExact(buffer, (long) LINE, format, arguments);
        text.append(buffer.getString(0));
        if (text.length() > MOST) {
          text.delete(0, text.length() - MOST);
        }
      } catch (Throwable e) {
        text.append("(libbpf's message cannot be shown: ").append(e).append(")\n");
      }
      return 0;
    }

    static void clear() {
      TEXT.get().setLength(0);
    }

    static String take() {
      String text = TEXT.get().toString().strip();
      clear();
      return text.isEmpty() ? "" : "\n" + text;
    }
  }

  /** Opens an object file; nothing is in the kernel yet. */
  static MemorySegment open(byte[] object) {
    try (Arena arena = Arena.ofConfined()) {
      Log.clear();
      MemorySegment bytes = arena.allocateFrom(JAVA_BYTE, object);
      MemorySegment opened =
          (MemorySegment) OPEN_MEM.invokeExact(bytes, bytes.byteSize(), MemorySegment.NULL);
      if (opened.address() == 0) {
        throw new DatapathException("the BPF object cannot be opened" + Log.take());
      }
      return opened;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void load(MemorySegment object) {
    try {
      Log.clear();
      int error = (int) LOAD.invokeExact(object);
      if (error < 0) {
        throw new DatapathException(
            "the BPF programs cannot be loaded: " + Native.error(error) + Log.take());
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void close(MemorySegment object) {
    try {
      CLOSE.invokeExact(object);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static MemorySegment find(MethodHandle finder, MemorySegment object, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = (MemorySegment) finder.invokeExact(object, arena.allocateFrom(name));
      if (found.address() == 0) {
        throw new DatapathException("the BPF object has no " + name);
      }
      return found;
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static MemorySegment map(MemorySegment object, String name) {
    return find(FIND_MAP, object, name);
  }

  static int programFd(MemorySegment object, String name) {
    MemorySegment program = find(FIND_PROGRAM, object, name);
    try {
      return (int) PROGRAM_FD.invokeExact(program);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static int mapFd(MemorySegment map) {
    try {
      return (int) MAP_FD.invokeExact(map);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static int keySize(MemorySegment map) {
    try {
      return (int) MAP_KEY_SIZE.invokeExact(map);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static int valueSize(MemorySegment map) {
    try {
      return (int) MAP_VALUE_SIZE.invokeExact(map);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void setMaxEntries(MemorySegment map, int entries) {
    try {
      check("resize map", (int) MAP_SET_MAX_ENTRIES.invokeExact(map, entries));
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Lets `load` take the map that is pinned at `path`, or pin the one that it makes. */
  static void setPinPath(MemorySegment map, String path) {
    try (Arena arena = Arena.ofConfined()) {
      check("pin map", (int) MAP_SET_PIN_PATH.invokeExact(map, arena.allocateFrom(path)));
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /**
   * Attaches a program by tcx; the result is the link's file descriptor, or negative if the kernel
   * knows no tcx.
   */
  static int attach(int programFd, Links.Place place) {
    int type =
        switch (place.side()) {
          case INGRESS -> TCX_INGRESS;
          case EGRESS -> TCX_EGRESS;
        };
    try {
      int fd = (int) LINK_CREATE.invokeExact(programFd, place.ifindex(), type, MemorySegment.NULL);
      return fd == -EINVAL ? fd : check("attach to device " + place.ifindex(), fd);
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Puts another program under a link; false if the link's device is gone. */
  static boolean updateLink(int linkFd, int programFd) {
    try {
      return (int) LINK_UPDATE.invokeExact(linkFd, programFd, MemorySegment.NULL) == 0;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Ends a link at once; unpinning alone would end it some time later. */
  static void detachLink(int linkFd) {
    try {
      int _ = (int) LINK_DETACH.invokeExact(linkFd);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static void pin(int fd, String path) {
    try (Arena arena = Arena.ofConfined()) {
      check("pin " + path, (int) OBJ_PIN.invokeExact(fd, arena.allocateFrom(path)));
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** The file descriptor of what is pinned at `path`. */
  static int pinned(String path) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocateFrom(path);
      return check("take over " + path, (int) OBJ_GET.invokeExact(text));
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static int possibleCpus() {
    try {
      return check("count CPUs", (int) POSSIBLE_CPUS.invokeExact());
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static MemorySegment btf(MemorySegment object) {
    try {
      return (MemorySegment) OBJECT_BTF.invokeExact(object);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** The BTF type of that name and kind, readable as far as `size` bytes; null if there is none. */
  static @Nullable MemorySegment btfType(MemorySegment btf, String name, int kind, long size) {
    try (Arena arena = Arena.ofConfined()) {
      int id = (int) BTF_FIND.invokeExact(btf, arena.allocateFrom(name), kind);
      if (id < 0) {
        return null;
      }
      return Native.view((MemorySegment) BTF_TYPE.invokeExact(btf, id), size);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  static String btfName(MemorySegment btf, int offset) {
    try {
      MemorySegment name = (MemorySegment) BTF_NAME.invokeExact(btf, offset);
      return Native.view(name, 256).getString(0, StandardCharsets.UTF_8);
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  private static int check(String what, int result) {
    if (result < 0) {
      throw new DatapathException(what + ": " + Native.error(result));
    }
    return result;
  }
}
