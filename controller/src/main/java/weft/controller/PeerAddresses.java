package weft.controller;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;
import weft.schema.Ref;
import weft.state.Change;

/**
 * Which addresses the compiler hears of: there are as many as ports, and it asks for those alone
 * whose ports take part in a BGP service.
 */
final class PeerAddresses {
  private static final String ADDRESS = "instance-ip";
  private static final String SERVICE = "bgp-as-a-service";
  private static final String PORT = "virtual-machine-interface";

  private PeerAddresses() {}

  /** The changes of a delta without those of other addresses; with those that come to matter. */
  static List<Change<UUID, ConfigObject>> select(ConfigDelta delta, ConfigImage image) {
    List<Change<UUID, ConfigObject>> selected = new ArrayList<>();
    Map<UUID, ConfigObject> joining = new LinkedHashMap<>();
    for (Change<UUID, ConfigObject> change : delta.objects()) {
      ConfigObject after =
          change instanceof Change.Put<UUID, ConfigObject> put ? put.after() : null;
      if (!isAddress(change.before()) && !isAddress(after)) {
        selected.add(change);
        if (after != null && after.type().name().equals(SERVICE)) {
          after
              .refs(PORT)
              .forEach(port ->
                  image
                      .referrers(port.uuid(), ADDRESS)
                      .forEach(address -> joining.put(address.uuid(), address)));
        }
      } else if (matters(change.before(), image) || matters(after, image)) {
        selected.add(change);
      }
    }
    joining.forEach((uuid, address) -> selected.add(new Change.Put<>(uuid, null, address)));
    return selected;
  }

  private static boolean isAddress(@Nullable ConfigObject object) {
    return object != null && object.type().name().equals(ADDRESS);
  }

  private static boolean matters(@Nullable ConfigObject address, ConfigImage image) {
    if (address == null) {
      return false;
    }
    for (Ref port : address.refs(PORT)) {
      if (!image.referrers(port.uuid(), SERVICE).isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
