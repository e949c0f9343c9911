package weft.neutron;

import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/**
 * The network that Neutron has for a project's highly available routers.
 *
 * <p>Nothing runs over it, as every vRouter routes: it is there for those who look for it. It is of
 * no tenant, so that administrators alone see it, and goes with the last of these routers.
 */
final class HaNetworks {
  private static final String OWNER = "neutron-ha";
  private static final UUID OWNER_ID =
      UUID.nameUUIDFromBytes(OWNER.getBytes(StandardCharsets.UTF_8));

  private HaNetworks() {}

  /**
   * Makes or removes the network as the project needs one.
   *
   * @param ours a router that is made, changed or deleted by this call
   * @param available whether that one is highly available from now on
   */
  static void settle(ConfigObject project, @Nullable UUID ours, boolean available, Change change) {
    String name = "HA network tenant " + Ids.undashed(project.uuid());
    ConfigObject owner = change.object(Lookup.PROJECT, OWNER_ID);
    ConfigObject network =
        owner == null ? null : change.edit().current(Lookup.NETWORK, owner.fqName().child(name));
    boolean needed =
        available
            || change.children(project.uuid(), Lookup.ROUTER).stream()
                .anyMatch(router -> !router.uuid().equals(ours) && Routers.available(router));
    if (needed && network == null) {
      ConfigObject home = owner == null ? home(change) : owner;
      UUID uuid = change.edit().newUuid();
      change.create(Lookup.NETWORK, change.below(home, Lookup.NETWORK, name, uuid));
    } else if (!needed && network != null) {
      change.delete(network);
    }
  }

  /** Whether a project is that of these networks. */
  static boolean isOwner(ConfigObject project) {
    return project.uuid().equals(OWNER_ID);
  }

  /** A project without limits. */
  private static ConfigObject home(Change change) {
    ObjectNode body = Json.object().put("parent_type", "domain").put("uuid", OWNER_ID.toString());
    body.putArray("fq_name").add("default-domain").add(OWNER);
    body.putObject("quota").put("virtual_network", -1);
    return change.create(Lookup.PROJECT, body);
  }
}
