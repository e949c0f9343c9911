package weft.api.model;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;

/** Groups of switch ports; those that the server makes have a number in their name. */
final class VirtualPortGroups implements Behaviour {
  static final String TYPE = "virtual-port-group";
  static final IntegerPool IDS = new IntegerPool("virtual-port-group-id", 0, 0xffff);
  static final String MACHINES = "virtual_machine_interface_refs";
  private static final String USER_CREATED = "virtual_port_group_user_created";
  private static final String PREFIX = "vpg-internal";
  private static final Pattern NUMBERED = Pattern.compile(PREFIX + "-(\\d{1,5})");

  /** Makes one below a fabric, with the lowest number that is free. */
  static ConfigObject make(ConfigObject fabric, Edit edit) {
    UUID uuid = edit.newUuid();
    long id =
        edit.allocateLowest(IDS, uuid.toString())
            .orElseThrow(() -> HttpError.badRequest("no id of a virtual-port-group is free"));
    FqName name = fabric.fqName().child(PREFIX + "-" + id);
    edit.choose(name);
    ObjectNode body = Json.object();
    body.put("uuid", uuid.toString()).put("parent_type", "fabric");
    body.set("fq_name", name.toJson());
    body.put(USER_CREATED, false).put("virtual_port_group_lacp_enabled", true);
    return edit.asServer(() -> ObjectChanges.create(Schema.required(TYPE), body, edit));
  }

  /** Whether it is the server's, and goes with its last port. */
  static boolean internal(ConfigObject group) {
    return !group.body().path(USER_CREATED).asBoolean(true);
  }

  private static @Nullable AllocationKey key(ConfigObject group) {
    Matcher name = NUMBERED.matcher(group.name());
    return ofFabric(group) && name.matches() && Integer.parseInt(name.group(1)) <= IDS.last()
        ? IDS.key(Integer.parseInt(name.group(1)))
        : null;
  }

  private static boolean ofFabric(ConfigObject group) {
    return "fabric".equals(group.parentType());
  }

  @Override
  public void onCreate(Draft draft) {
    ConfigObject group = draft.object();
    if (ofFabric(group) && group.name().contains(PREFIX) && !internal(group)) {
      throw HttpError.badRequest(
          "Virtual port group("
              + draft.uuid()
              + ") with name vpg-internal as prefix can only be created internally");
    }
    AllocationKey key = key(group);
    Edit edit = draft.edit();
    if (key != null
        && !draft.owner().equals(edit.owner(key))
        && !edit.allocate(key, draft.owner())) {
      throw HttpError.badRequest("the number of " + group.name() + " is that of another group");
    }
  }

  @Override
  public void onDelete(ConfigObject group, Edit edit) {
    if (ofFabric(group) && !group.body().path(MACHINES).isEmpty()) {
      throw HttpError.badRequest(
          "Virtual port group("
              + group.uuid()
              + ") can not be deleted as refernces to VMI and BMS instance association still"
              + " exists.");
    }
    AllocationKey key = key(group);
    if (key != null) {
      edit.free(key);
    }
  }

  @Override
  public void bears(ConfigObject group, ConfigImage image, Audit.Bearing bearing) {
    AllocationKey key = key(group);
    if (key != null) {
      bearing.one(key);
    }
  }
}
