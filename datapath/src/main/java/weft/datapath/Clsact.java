package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * Attachments as filters of the clsact queueing discipline, for kernels without tcx (before 6.6). A
 * filter belongs to its device: it stays when this process ends and goes with the device.
 */
final class Clsact {
  private static final FunctionDescriptor TWO_POINTERS =
      FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS);
  private static final MethodHandle HOOK_CREATE =
      Native.libbpf("bpf_tc_hook_create", FunctionDescriptor.of(JAVA_INT, ADDRESS));
  private static final MethodHandle ATTACH = Native.libbpf("bpf_tc_attach", TWO_POINTERS);
  private static final MethodHandle DETACH = Native.libbpf("bpf_tc_detach", TWO_POINTERS);
  private static final MethodHandle QUERY = Native.libbpf("bpf_tc_query", TWO_POINTERS);

  private static final int EEXIST = 17;
  private static final int INGRESS = 1;
  private static final int EGRESS = 2;
  private static final int REPLACE = 1;
  private static final int HOOK_SIZE = 24;
  private static final int HOOK_IFINDEX = 8;
  private static final int HOOK_POINT = 12;
  private static final int OPTIONS_SIZE = 32;
  private static final int OPTIONS_PROGRAM = 8;
  private static final int OPTIONS_FLAGS = 12;
  private static final int OPTIONS_HANDLE = 20;
  private static final int OPTIONS_PRIORITY = 24;

  /** By which our filter is known among those of the device. */
  private static final int HANDLE = 0x5765;

  private static final int PRIORITY = 0x5765;

  private Clsact() {}

  private static MemorySegment hook(Arena arena, Links.Place place) {
    MemorySegment hook = arena.allocate(HOOK_SIZE, 8);
    Bytes.i32(hook, 0, HOOK_SIZE);
    Bytes.i32(hook, HOOK_IFINDEX, place.ifindex());
    Bytes.i32(hook, HOOK_POINT, place.side() == Links.Side.INGRESS ? INGRESS : EGRESS);
    return hook;
  }

  private static MemorySegment filter(Arena arena) {
    MemorySegment options = arena.allocate(OPTIONS_SIZE, 8);
    Bytes.i32(options, 0, OPTIONS_SIZE);
    Bytes.i32(options, OPTIONS_HANDLE, HANDLE);
    Bytes.i32(options, OPTIONS_PRIORITY, PRIORITY);
    return options;
  }

  /** Puts the program there, in place of one that was put there before. */
  static void attach(int program, Links.Place place) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment hook = hook(arena, place);
      int error = (int) HOOK_CREATE.invokeExact(hook);
      if (error >= 0 || error == -EEXIST) {
        MemorySegment options = filter(arena);
        Bytes.i32(options, OPTIONS_PROGRAM, program);
        Bytes.i32(options, OPTIONS_FLAGS, REPLACE);
        error = (int) ATTACH.invokeExact(hook, options);
      }
      if (error < 0) {
        throw new DatapathException(
            "attach to device " + place.ifindex() + " by clsact: " + Native.error(error));
      }
    } catch (DatapathException e) {
      throw e;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Whether there is a program of ours. */
  static boolean isAttached(Links.Place place) {
    try (Arena arena = Arena.ofConfined()) {
      return (int) QUERY.invokeExact(hook(arena, place), filter(arena)) == 0;
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }

  /** Takes the program away, if it is there. */
  static void detach(Links.Place place) {
    try (Arena arena = Arena.ofConfined()) {
      int _ = (int) DETACH.invokeExact(hook(arena, place), filter(arena));
    } catch (Throwable e) {
      throw Native.unexpected(e);
    }
  }
}
