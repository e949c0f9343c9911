package weft.api.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;

/** IPAMs: the flat subnets that stand on an IPAM itself. */
final class NetworkIpams implements Behaviour {
  private static final String SUBNETS = "ipam_subnets";

  @Override
  public void onCreate(Draft draft) {
    complete(draft, Map.of());
  }

  @Override
  public void onUpdate(Draft draft) {
    if (draft.requested(SUBNETS)) {
      Map<IpPrefix, Subnet> old = new HashMap<>();
      Addresses.flatSubnets(draft.stored()).forEach(subnet -> old.put(subnet.prefix(), subnet));
      Subnets.checkRemoved(draft.stored(), old, complete(draft, old), draft.edit());
    }
  }

  @Override
  public void onDelete(ConfigObject ipam, Edit edit) {
    for (Subnet subnet : Addresses.flatSubnets(ipam)) {
      edit.image()
          .allocations(subnet.pool())
          .keySet()
          .forEach(address -> edit.free(subnet.pool(), address));
    }
  }

  private static List<Subnet> complete(Draft draft, Map<IpPrefix, Subnet> old) {
    List<Subnet> all = new ArrayList<>();
    Subnets.complete(
        draft.uuid(), draft.body().path(SUBNETS).path("subnets"), old, SUBNETS, draft.edit(), all);
    Subnets.checkOverlap(all);
    return all;
  }
}
