package weft.api.model;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import weft.http.HttpError;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/** Logical routers: what their interfaces and their gateway may be. */
final class LogicalRouters implements Behaviour {
  @Override
  public void onCreate(Draft draft) {
    check(draft);
  }

  @Override
  public void onUpdate(Draft draft) {
    check(draft);
  }

  private static void check(Draft draft) {
    Set<UUID> networks = new HashSet<>();
    for (Ref ref : draft.refs("virtual-machine-interface")) {
      ConfigObject port = draft.image().object(ref.uuid());
      if (port == null) {
        continue;
      }
      List<Ref> machines = port.refs("virtual-machine");
      if (!machines.isEmpty()) {
        throw HttpError.conflict(
            "Port("
                + port.uuid()
                + ") already in use by virtual-machine("
                + machines.getFirst().uuid()
                + ")");
      }
      port.refs("virtual-network").forEach(network -> networks.add(network.uuid()));
    }
    for (Ref gateway : draft.refs("virtual-network")) {
      if (networks.contains(gateway.uuid())) {
        throw HttpError.badRequest(
            "Logical router interface and gateway cannot be in the same VN("
                + gateway.uuid()
                + ")");
      }
    }
  }
}
