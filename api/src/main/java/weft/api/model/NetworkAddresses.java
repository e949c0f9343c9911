package weft.api.model;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigImage;
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

  /** How many addresses of a subnet are in use. */
  public static int used(ConfigObject network, String subnet, ConfigImage image) {
    return Addresses.subnets(network, image).stream()
        .filter(each -> each.uuid().toString().equals(subnet))
        .mapToInt(each -> image.allocations(each.pool()).size())
        .sum();
  }
}
