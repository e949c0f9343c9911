package weft.agent;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import weft.net.Ipv4Address;
import weft.state.Change;
import weft.state.Delta;
import weft.vrouter.NextHop;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;

/** The hosts that tunnels of this one lead to. */
final class Tunnels {
  private final Map<TableKey, Ipv4Address> byKey = new HashMap<>();

  /** Takes in a change of the tables; returns whether it concerns tunnels. */
  boolean note(Delta<TableKey, TableValue> delta) {
    boolean changed = false;
    for (Change<TableKey, TableValue> change : delta.changes()) {
      Ipv4Address after =
          change instanceof Change.Put<TableKey, TableValue> put
                  && put.after() instanceof NextHop.Tunnel tunnel
              ? tunnel.destination()
              : null;
      Ipv4Address before =
          after == null ? byKey.remove(change.key()) : byKey.put(change.key(), after);
      changed |= after == null ? before != null : !after.equals(before);
    }
    return changed;
  }

  Set<Ipv4Address> hosts() {
    return Set.copyOf(byKey.values());
  }
}
