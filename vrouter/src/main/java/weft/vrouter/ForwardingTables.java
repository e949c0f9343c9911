package weft.vrouter;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Label;
import weft.net.MacAddress;
import weft.net.Vni;

/** A snapshot of the forwarding tables, looked up as the datapath does. */
public final class ForwardingTables {
  private final Map<TableKey, TableValue> entries;

  public ForwardingTables(Map<TableKey, TableValue> entries) {
    this.entries = new HashMap<>(entries);
  }

  public Collection<Map.Entry<TableKey, TableValue>> entries() {
    return java.util.Collections.unmodifiableSet(entries.entrySet());
  }

  private <T extends TableValue> @Nullable T find(TableKey key, Class<T> type) {
    TableValue value = entries.get(key);
    return type.isInstance(value) ? type.cast(value) : null;
  }

  public @Nullable Vif vif(int id) {
    return find(new TableKey.VifKey(id), Vif.class);
  }

  /** Id of the vif on that device, or 0. */
  public int vifOfDevice(String device) {
    for (Map.Entry<TableKey, TableValue> entry : entries.entrySet()) {
      if (entry.getKey() instanceof TableKey.VifKey key
          && entry.getValue() instanceof Vif vif
          && vif.device().equals(device)) {
        return key.id();
      }
    }
    return 0;
  }

  /** This host's own, or null if there is no underlay. */
  @Nullable IpAddress underlayAddress() {
    Vif fabric = fabric();
    return fabric == null ? null : fabric.address();
  }

  private @Nullable Vif fabric() {
    for (TableValue value : entries.values()) {
      if (value instanceof Vif vif && vif.kind() == Vif.Kind.FABRIC) {
        return vif;
      }
    }
    return null;
  }

  /** Whether a frame that another host sends to `mac` is for this host to route. */
  boolean isRouter(MacAddress mac) {
    Vif fabric = fabric();
    return mac.equals(MacAddress.GATEWAY) || (fabric != null && mac.equals(fabric.mac()));
  }

  public @Nullable Vrf vrf(int id) {
    return find(new TableKey.VrfKey(id), Vrf.class);
  }

  public @Nullable NextHop nextHop(int id) {
    return id == 0 ? new NextHop.Discard() : find(new TableKey.NextHopKey(id), NextHop.class);
  }

  public @Nullable Acl acl(int id) {
    return find(new TableKey.AclKey(id), Acl.class);
  }

  /** The floating addresses of a vif. */
  public List<FloatingAddresses.Floating> floating(int vif) {
    FloatingAddresses found = find(new TableKey.FloatingKey(vif), FloatingAddresses.class);
    return found == null ? List.of() : found.addresses();
  }

  /** What connections of a vif share a flow; null if none do. */
  @Nullable FatFlows fatFlows(int vif) {
    return find(new TableKey.FatFlowKey(vif), FatFlows.class);
  }

  /** Which control node a vif's guest finds at an address, or null. */
  @Nullable BgpService bgpService(int vif, Ipv4Address address) {
    return find(new TableKey.BgpServiceKey(vif, address), BgpService.class);
  }

  public @Nullable Service service(Ipv4Address address, int port, int protocol) {
    return find(new TableKey.ServiceKey(address, port, protocol), Service.class);
  }

  public @Nullable BridgeEntry bridge(int vrf, MacAddress mac) {
    return find(new TableKey.BridgeKey(vrf, mac), BridgeEntry.class);
  }

  public @Nullable LabelEntry label(int label) {
    return find(new TableKey.LabelKey(new Label(label)), LabelEntry.class);
  }

  public @Nullable VniEntry vni(int vni) {
    return find(new TableKey.VniKey(new Vni(vni)), VniEntry.class);
  }

  /** A route that was found, with the prefix under which it stands. */
  public record Match(IpPrefix prefix, InetRoute route) {}

  /** The longest prefix that contains `address`, or null. */
  public @Nullable Match route(int vrf, IpAddress address) {
    for (int length = address.width(); length >= 0; length--) {
      IpPrefix prefix = new IpPrefix(address, length);
      InetRoute route = find(new TableKey.InetRouteKey(vrf, prefix), InetRoute.class);
      if (route != null) {
        return new Match(prefix, route);
      }
    }
    return null;
  }

  /** True if some next hop is a tunnel to `host`. */
  public boolean isTunnelPeer(IpAddress host) {
    return entries.values().stream()
        .anyMatch(value ->
            (value instanceof NextHop.Tunnel tunnel && tunnel.destination().equals(host))
                || (value instanceof NextHop.Branch branch && branch.destination().equals(host)));
  }
}
