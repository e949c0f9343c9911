package weft.api.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigImage;
import weft.net.IpAddress;
import weft.schema.ConfigObject;

/** Addresses that a network itself owns, for clients that manage them without objects. */
public final class NetworkAddresses {
  private NetworkAddresses() {}

  public static String allocate(
      ConfigObject network, @Nullable String subnet, boolean v6, Edit edit) {
    Addresses.Wish wish =
        new Addresses.Wish(null, v6, subnet == null ? List.of() : List.of(subnet));
    List<Subnet> subnets = Addresses.subnets(network, edit.image());
    return Addresses.take(network, subnets, wish, network.uuid().toString(), edit)
        .address()
        .toString();
  }

  public static void free(ConfigObject network, String address, Edit edit) {
    Addresses.release(
        Addresses.subnets(network, edit.image()), address, network.uuid().toString(), edit);
  }

  /**
   * The address of a subnet that would be given out next; null if none is free. It is not taken:
   * who asks for it by name may find it claimed by others.
   */
  public static @Nullable String nextFree(ConfigObject network, String subnet, Edit edit) {
    return free(network, subnet, false, edit);
  }

  /** As {@link #nextFree}, from the other end of the subnet. */
  public static @Nullable String lastFree(ConfigObject network, String subnet, Edit edit) {
    return free(network, subnet, true, edit);
  }

  private static @Nullable String free(
      ConfigObject network, String subnet, boolean otherEnd, Edit edit) {
    for (Subnet each : Addresses.subnets(network, edit.image())) {
      if (each.uuid().toString().equals(subnet)) {
        Subnet searched = otherEnd ? each.reversed() : each;
        IpAddress address =
            searched.next(edit.image(), candidate -> edit.isFree(each.key(candidate)));
        return address == null ? null : address.toString();
      }
    }
    return null;
  }

  /** How many addresses of a subnet are in use. */
  public static int used(ConfigObject network, String subnet, ConfigImage image) {
    return Addresses.subnets(network, image).stream()
        .filter(each -> each.uuid().toString().equals(subnet))
        .mapToInt(each -> image.allocations(each.pool()).size())
        .sum();
  }
}
