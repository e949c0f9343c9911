package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;

/** Config objects as a call sees them. */
interface Lookup {
  String NETWORK = "virtual-network";
  String PORT = "virtual-machine-interface";
  String ADDRESS = "instance-ip";
  String FLOATING = "floating-ip";
  String POOL = "floating-ip-pool";
  String ROUTER = "logical-router";
  String GROUP = "security-group";
  String MACHINE = "virtual-machine";
  String TRUNK = "virtual-port-group";
  String PROJECT = "project";

  Context context();

  /** The config when the call began. */
  ConfigImage image();

  /** The object as the call leaves it so far. */
  @Nullable ConfigObject object(UUID uuid);

  default @Nullable ConfigObject object(String type, @Nullable UUID uuid) {
    ConfigObject object = uuid == null ? null : object(uuid);
    return object != null && object.type().name().equals(type) ? object : null;
  }

  default @Nullable ConfigObject object(String type, String id) {
    return object(type, Ids.parse(id));
  }

  /** The objects of a type that refer to `uuid`. */
  default List<ConfigObject> referrers(UUID uuid, String type) {
    List<ConfigObject> current = new ArrayList<>();
    for (ConfigObject referrer : image().referrers(uuid, type)) {
      ConfigObject now = object(referrer.uuid());
      if (now != null) {
        current.add(now);
      }
    }
    return current;
  }

  /** The interfaces of routers on a network. */
  default List<ConfigObject> routerInterfaces(UUID network) {
    return referrers(network, PORT).stream()
        .filter(port -> port.body().path(Ports.OWNER).asString("").equals(Routers.INTERFACE))
        .toList();
  }

  default List<ConfigObject> children(UUID uuid, String type) {
    List<ConfigObject> current = new ArrayList<>();
    for (ConfigObject child : image().children(uuid, type)) {
      ConfigObject now = object(child.uuid());
      if (now != null) {
        current.add(now);
      }
    }
    return current;
  }

  /** Hidden from users, or of no project: none of Neutron's business. */
  static boolean hidden(ConfigObject object) {
    return !PROJECT.equals(object.parentType())
        || !object.body().path("id_perms").path("user_visible").asBoolean(true);
  }
}
