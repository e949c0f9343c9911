package weft.neutron;

import java.util.List;
import java.util.UUID;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;

/** The device of a port: a virtual machine by the device's id, or only a note. */
final class Devices {
  private static final String NETWORK_OWNED = "network:";
  private static final String NOTE = "device_id";

  private Devices() {}

  /** Puts the device into a request that makes or changes a port. */
  static void put(
      ObjectNode request,
      ObjectNode before,
      String device,
      String owner,
      ConfigObject project,
      Change change) {
    ObjectNode extras = Extras.of(before).deepCopy();
    extras.remove(NOTE);
    boolean machine = !owner.startsWith(NETWORK_OWNED) && Change.fit(device);
    if (machine) {
      request.putArray("virtual_machine_refs").add(Change.ref(machine(device, project, change)));
    } else if (before.hasNonNull("virtual_machine_refs")) {
      request.putArray("virtual_machine_refs");
    }
    if (!machine && !device.isEmpty()) {
      extras.put(NOTE, device);
    }
    if (!extras.equals(Extras.of(before))) {
      Extras.put(request, before, extras);
    }
  }

  private static ConfigObject machine(String device, ConfigObject project, Change change) {
    UUID uuid = Ids.parse(device);
    ConfigObject there =
        uuid == null
            ? change.edit().current(Lookup.MACHINE, FqName.of(device))
            : change.object(Lookup.MACHINE, uuid);
    if (there != null) {
      return there;
    }
    ObjectNode body = Json.object();
    UUID chosen = uuid == null ? change.edit().newUuid() : uuid;
    if (change.edit().current(chosen) != null) {
      throw NeutronException.badRequest("port", "device_id " + device + " is no machine");
    }
    body.put("uuid", chosen.toString());
    body.putArray("fq_name").add(device);
    body.putObject("perms2").put("owner", Ids.undashed(project.uuid())).put("owner_access", 7);
    return change.create(Lookup.MACHINE, body);
  }

  /** The id of a port's device; empty if it has none. */
  static String id(ObjectNode body) {
    var machine = body.path("virtual_machine_refs").path(0);
    if (!machine.isMissingNode()) {
      return machine.path("to").path(0).asString("");
    }
    String note = Extras.text(Extras.of(body), NOTE);
    return note == null ? "" : note;
  }

  /** Deletes the machine that a port leaves, unless another port is there. */
  static void left(ConfigObject port, Change change) {
    for (Ref ref : port.refs(Lookup.MACHINE)) {
      ConfigObject machine = change.object(Lookup.MACHINE, ref.uuid());
      if (machine == null) {
        continue;
      }
      // Who leaves next has to see that this port has left.
      change.edit().demandUndisturbed(machine);
      List<ConfigObject> others =
          change.image().referrers(machine.uuid()).stream()
              .filter(other -> !other.uuid().equals(port.uuid()))
              .filter(other -> change.object(other.uuid()) != null)
              .toList();
      if (others.isEmpty() && change.children(machine.uuid(), Lookup.PORT).isEmpty()) {
        change.delete(machine);
      } else {
        change.edit().rely(machine);
      }
    }
  }
}
