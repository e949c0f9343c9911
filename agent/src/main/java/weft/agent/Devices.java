package weft.agent;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.net.NetworkInterface;
import java.net.SocketException;
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
    @SuppressWarnings("restricted") // one call that reads a C string and returns a number
    private static final MethodHandle IF_NAMETOINDEX =
        Linker.nativeLinker()
            .downcallHandle(
                Linker.nativeLinker().defaultLookup().findOrThrow("if_nametoindex"),
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS));

    @Override
    public int index(String name) {
      try (Arena arena = Arena.ofConfined()) {
        return (int) IF_NAMETOINDEX.invokeExact(arena.allocateFrom(name));
      } catch (Throwable e) {
        throw new IllegalStateException("if_nametoindex cannot be called", e);
      }
    }

    @Override
    public @Nullable MacAddress mac(String name) {
      try {
        NetworkInterface device = NetworkInterface.getByName(name);
        byte[] address = device == null ? null : device.getHardwareAddress();
        return address == null || address.length != 6 ? null : MacAddress.of(address);
      } catch (SocketException e) {
        return null;
      }
    }
  }
}
