package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/** Finds and links functions of libc and libbpf: all that can break the process is here. */
@SuppressWarnings("restricted")
final class Native {
  private static final Linker LINKER = Linker.nativeLinker();

  private Native() {}

  /** Where a call leaves `errno`. */
  static final MemoryLayout CALL_STATE = Linker.Option.captureStateLayout();

  /** A function of libc that leaves its error in `errno`: the call state is its first argument. */
  static MethodHandle libc(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), type, Linker.Option.captureCallState("errno"));
  }

  /** Likewise for one declared with an ellipsis after `fixed` arguments. */
  static MethodHandle libcVariadic(String name, FunctionDescriptor type, int fixed) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        type,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(fixed));
  }

  /** A function of libc that sets no error. */
  static MethodHandle plainLibc(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(LINKER.defaultLookup().findOrThrow(name), type);
  }

  private static final class Library {
    static final SymbolLookup LIBBPF = load();

    private static SymbolLookup load() {
      try {
        return SymbolLookup.libraryLookup("libbpf.so.1", Arena.global());
      } catch (IllegalArgumentException e) {
        throw new DatapathException("libbpf.so.1 is not installed: apt install libbpf1", e);
      }
    }
  }

  /** A function of libbpf: it returns a negative `errno` itself. */
  static MethodHandle libbpf(String name, FunctionDescriptor type) {
    return LINKER.downcallHandle(Library.LIBBPF.findOrThrow(name), type);
  }

  static MemorySegment upcall(MethodHandle target, FunctionDescriptor type) {
    return LINKER.upcallStub(target, type, Arena.global());
  }

  /** Memory that native code handed out, of which `size` bytes may be read. */
  static MemorySegment view(MemorySegment address, long size) {
    return address.reinterpret(size);
  }

  /** Turns what a method handle may throw into what cannot happen. */
  static AssertionError unexpected(Throwable e) {
    return new AssertionError("a native call threw", e);
  }

  private static final class Texts {
    static final MethodHandle STRERROR =
        plainLibc("strerror", FunctionDescriptor.of(ADDRESS, JAVA_INT));
  }

  /** The text of an error number, of either sign. */
  static String error(int errno) {
    try {
      MemorySegment text = (MemorySegment) Texts.STRERROR.invokeExact(Math.abs(errno));
      return view(text, 256).getString(0);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }
}
