package weft.agent;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import weft.net.MacAddress;

/** Asks the kernel for the devices of this process's own network namespace. */
interface Devices {
  /** The index of a device, or 0 if there is none of that name. */
  int index(String name);

  /** The device's own address, or null. */
  @Nullable MacAddress mac(String name);

  /** The real ones. */
  static Devices ofKernel() {
    return new Kernel();
  }

  /** By the C library: `/sys` may show another namespace, and the JDK only lists devices in use. */
  final class Kernel implements Devices {
    private static final int AF_INET = 2;
    private static final int SOCK_DGRAM = 2;
    private static final long SIOCGIFHWADDR = 0x8927;
    private static final int ARPHRD_ETHER = 1;

    /** Of a `struct ifreq`: the name, then a `struct sockaddr`. */
    private static final int NAME_SIZE = 16;

    private static final int REQUEST_SIZE = 40;
    private static final int MAC_SIZE = 6;

    private static final MethodHandle IF_NAMETOINDEX =
        call("if_nametoindex", FunctionDescriptor.of(JAVA_INT, ADDRESS));
    private static final MethodHandle SOCKET =
        call("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
    private static final MethodHandle IOCTL =
        call(
            "ioctl",
            FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS),
            Linker.Option.firstVariadicArg(2));
    private static final MethodHandle CLOSE =
        call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));

    @SuppressWarnings("restricted") // calls that take names and numbers and give numbers
    private static MethodHandle call(
        String name, FunctionDescriptor signature, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), signature, options);
    }

    @Override
    public int index(String name) {
      try (Arena arena = Arena.ofConfined()) {
        return (int) IF_NAMETOINDEX.invokeExact(arena.allocateFrom(name));
      } catch (Throwable e) {
        throw new IllegalStateException("if_nametoindex cannot be called", e);
      }
    }

    /** The JDK would list all devices to find one. */
    @Override
    public @Nullable MacAddress mac(String name) {
      byte[] text = name.getBytes(StandardCharsets.UTF_8);
      if (text.length >= NAME_SIZE) {
        return null;
      }
      try (Arena arena = Arena.ofConfined()) {
        MemorySegment request = arena.allocate(REQUEST_SIZE, Long.BYTES);
        MemorySegment.copy(text, 0, request, JAVA_BYTE, 0, text.length);
        int socket = (int) SOCKET.invokeExact(AF_INET, SOCK_DGRAM, 0);
        int error = (int) IOCTL.invokeExact(socket, SIOCGIFHWADDR, request);
        int _ = (int) CLOSE.invokeExact(socket);
        boolean ethernet = error == 0 && request.get(JAVA_SHORT, NAME_SIZE) == ARPHRD_ETHER;
        return ethernet
            ? MacAddress.of(request.asSlice(NAME_SIZE + Short.BYTES, MAC_SIZE).toArray(JAVA_BYTE))
            : null;
      } catch (Throwable e) {
        throw new IllegalStateException("the address of a device cannot be asked for", e);
      }
    }
  }
}
