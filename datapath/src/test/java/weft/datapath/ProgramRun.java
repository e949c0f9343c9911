package weft.datapath;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** Runs a loaded program on one packet, as BPF_PROG_TEST_RUN does: a redirect is only returned. */
record ProgramRun(int result, byte[] packet, int mark) {
  static final int OK = 0;
  static final int SHOT = 2;
  static final int REDIRECT = 7;

  private static final MethodHandle TEST_RUN =
      Native.libbpf("bpf_prog_test_run_opts", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));
  private static final int OPTIONS = 80;
  private static final int CONTEXT = 192;
  private static final int ROOM = 8192;

  /** The shortest part of a frame that the kernel takes for a test run. */
  static int shortest(byte[] frame) {
    return switch ((frame[12] & 0xff) << 8 | frame[13] & 0xff) {
      case 0x0800 -> 34;
      case 0x86dd -> 54;
      default -> 15;
    };
  }

  /**
   * @param ifindex the device that the packet is on, of this thread's namespace
   */
  static ProgramRun run(int program, int ifindex, int mark, byte[] packet) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment in = arena.allocateFrom(JAVA_BYTE, packet);
      MemorySegment out = arena.allocate(ROOM);
      MemorySegment context = arena.allocate(CONTEXT, 8);
      context.set(JAVA_INT, 8, mark);
      context.set(JAVA_INT, 40, ifindex);
      MemorySegment options = arena.allocate(OPTIONS, 8);
      Bytes.i64(options, 0, OPTIONS);
      options.set(ADDRESS, 8, in);
      options.set(ADDRESS, 16, out);
      options.set(JAVA_INT, 24, packet.length);
      options.set(JAVA_INT, 28, ROOM);
      options.set(ADDRESS, 32, context);
      options.set(ADDRESS, 40, context);
      options.set(JAVA_INT, 48, CONTEXT);
      options.set(JAVA_INT, 52, CONTEXT);
      options.set(JAVA_INT, 60, 1);
      int error = (int) TEST_RUN.invokeExact(program, options);
      if (error < 0) {
        throw new AssertionError("test run: " + Native.error(error));
      }
      int length = options.get(JAVA_INT, 28);
      return new ProgramRun(
          options.get(JAVA_INT, 56),
          out.asSlice(0, length).toArray(JAVA_BYTE),
          context.get(JAVA_INT, 8));
    } catch (RuntimeException | AssertionError e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
