package weft.datapath;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.state.Change;
import weft.state.Delta;
import weft.vrouter.Acl;
import weft.vrouter.BgpService;
import weft.vrouter.BridgeEntry;
import weft.vrouter.FatFlows;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.InetRoute;
import weft.vrouter.LabelEntry;
import weft.vrouter.NextHop;
import weft.vrouter.PortPool;
import weft.vrouter.Service;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.AclKey;
import weft.vrouter.TableKey.BgpServiceKey;
import weft.vrouter.TableKey.BridgeKey;
import weft.vrouter.TableKey.FatFlowKey;
import weft.vrouter.TableKey.FloatingKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableKey.LabelKey;
import weft.vrouter.TableKey.NextHopKey;
import weft.vrouter.TableKey.PortPoolKey;
import weft.vrouter.TableKey.ServiceKey;
import weft.vrouter.TableKey.VifKey;
import weft.vrouter.TableKey.VniKey;
import weft.vrouter.TableKey.VrfKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;
import weft.vrouter.VniEntry;
import weft.vrouter.Vrf;

/** All forwarding tables: order of changes, and what a change means for flows already judged. */
final class Tables {
  private final VifTable vifs;
  private final HopTables.Vrfs vrfs;
  private final NextHopTable nextHops;
  private final RouteTable routes;
  private final HopTables.Bridges bridges;
  private final HopTables.Labels labels;
  private final HopTables.Vnis vnis;
  private final AclTable acls;
  private final FloatingTable floating;
  private final FatFlowTable fatFlows;
  private final PortPools ports;
  private final ServiceTable services;
  private final BgpServiceTable bgpServices;

  Tables(BpfObject object, VifTable vifs, ConfigTable config) {
    this.vifs = vifs;
    vrfs = new HopTables.Vrfs(object);
    nextHops = new NextHopTable(object, config);
    routes = new RouteTable(object, new GroupSets(object));
    bridges = new HopTables.Bridges(object);
    labels = new HopTables.Labels(object);
    vnis = new HopTables.Vnis(object);
    acls = new AclTable(object);
    floating = new FloatingTable(object);
    fatFlows = new FatFlowTable(object);
    ports = new PortPools(object);
    services = new ServiceTable(object);
    bgpServices = new BgpServiceTable(object, config);
  }

  /** Entries come after what they name; a removal goes the other way round. */
  private static int rank(TableKey key) {
    return switch (key) {
      case VrfKey _ -> 0;
      case AclKey _ -> 1;
      case NextHopKey _ -> 2;
      case InetRouteKey _, BridgeKey _, LabelKey _, VniKey _ -> 4;
      case FloatingKey _, FatFlowKey _, ServiceKey _, BgpServiceKey _, PortPoolKey _ -> 4;
      case VifKey _ -> 5;
    };
  }

  private static int rank(Change<TableKey, TableValue> change) {
    boolean composite =
        change instanceof Change.Put<TableKey, TableValue> put
            && (put.after() instanceof NextHop.Ecmp
                || put.after() instanceof NextHop.Flood
                || put.after() instanceof NextHop.Tree);
    // What comes from the underlay must find its port.
    boolean underlay =
        change instanceof Change.Put<TableKey, TableValue> put
            && put.after() instanceof Vif vif
            && vif.kind() == Vif.Kind.FABRIC;
    return composite ? 3 : underlay ? 6 : rank(change.key());
  }

  List<Failure> apply(Delta<TableKey, TableValue> delta) {
    List<Change<TableKey, TableValue>> puts = new ArrayList<>();
    List<Change<TableKey, TableValue>> removes = new ArrayList<>();
    for (Change<TableKey, TableValue> change : delta.changes()) {
      (change instanceof Change.Put ? puts : removes).add(change);
    }
    for (Change<TableKey, TableValue> change : puts) {
      if (change instanceof Change.Put<TableKey, TableValue> put
          && put.after() instanceof Vif vif
          && vif.kind() == Vif.Kind.FABRIC) {
        vifs.tellUnderlay(vif);
      }
    }
    puts.sort((a, b) -> Integer.compare(rank(a), rank(b)));
    removes.sort((a, b) -> Integer.compare(rank(b), rank(a)));
    List<Failure> failures = new ArrayList<>();
    Stale stale = new Stale();
    puts.addAll(removes);
    for (Change<TableKey, TableValue> change : puts) {
      try {
        switch (change) {
          case Change.Put<TableKey, TableValue> put -> put(put.key(), put.after());
          case Change.Remove<TableKey, TableValue> remove -> remove(remove.key());
        }
        stale.note(change);
      } catch (DatapathException e) {
        failures.add(new Failure(change.key(), String.valueOf(e.getMessage())));
      }
    }
    stale.renew();
    return failures;
  }

  PortPools ports() {
    return ports;
  }

  void close() {
    ports.close();
  }

  private void put(TableKey key, TableValue value) {
    switch (key) {
      case VrfKey k -> vrfs.put(k, as(Vrf.class, k, value));
      case AclKey k -> acls.put(k, as(Acl.class, k, value));
      case NextHopKey k -> nextHops.put(k, as(NextHop.class, k, value));
      case InetRouteKey k -> routes.put(k, as(InetRoute.class, k, value));
      case BridgeKey k -> bridges.put(k, as(BridgeEntry.class, k, value));
      case LabelKey k -> labels.put(k, as(LabelEntry.class, k, value));
      case VniKey k -> vnis.put(k, as(VniEntry.class, k, value));
      case VifKey k -> vifs.put(k, as(Vif.class, k, value));
      case FloatingKey k -> floating.put(k, as(FloatingAddresses.class, k, value));
      case FatFlowKey k -> fatFlows.put(k, as(FatFlows.class, k, value));
      case PortPoolKey k -> ports.put(k, as(PortPool.class, k, value));
      case ServiceKey k -> services.put(k, as(Service.class, k, value));
      case BgpServiceKey k -> bgpServices.put(k, as(BgpService.class, k, value));
    }
  }

  private static <T> T as(Class<T> type, TableKey key, TableValue value) {
    if (!type.isInstance(value)) {
      throw new IllegalArgumentException(key + " cannot stand for " + value);
    }
    return type.cast(value);
  }

  private void remove(TableKey key) {
    switch (key) {
      case VrfKey k -> vrfs.remove(k);
      case AclKey k -> acls.remove(k);
      case NextHopKey k -> nextHops.remove(k);
      case InetRouteKey k -> routes.remove(k);
      case BridgeKey k -> bridges.remove(k);
      case LabelKey k -> labels.remove(k);
      case VniKey k -> vnis.remove(k);
      case VifKey k -> vifs.remove(k);
      case FloatingKey k -> floating.remove(k);
      case FatFlowKey k -> fatFlows.remove(k);
      case PortPoolKey k -> ports.remove(k);
      case ServiceKey k -> services.remove(k);
      case BgpServiceKey k -> bgpServices.remove(k);
    }
  }

  Map<TableKey, TableValue> contents() {
    Map<TableKey, TableValue> all = structure();
    routes.forEach(all::put);
    bridges.forEach(all::put);
    return all;
  }

  void routes(BiConsumer<InetRouteKey, InetRoute> consumer) {
    routes.forEach(consumer);
  }

  void macs(BiConsumer<BridgeKey, BridgeEntry> consumer) {
    bridges.forEach(consumer);
  }

  /** All but routes and MACs. */
  Map<TableKey, TableValue> structure() {
    Map<TableKey, TableValue> all = new HashMap<>();
    BiConsumer<TableKey, TableValue> gather = all::put;
    vrfs.forEach(gather::accept);
    acls.forEach(gather::accept);
    nextHops.forEach(gather::accept);
    labels.forEach(gather::accept);
    vnis.forEach(gather::accept);
    vifs.forEach(gather::accept);
    floating.forEach(gather::accept);
    fatFlows.forEach(gather::accept);
    ports.forEach(gather::accept);
    services.forEach(gather::accept);
    bgpServices.forEach(gather::accept);
    return all;
  }

  /**
   * Whose flows must be judged again: those of vifs whose ACLs or floating addresses changed, of
   * all if a service or this host's address did, of vifs with an address in a VRF in which the
   * network or groups of an address changed, and of those whose way into the underlay came or went.
   * A put of a vif renews it by itself.
   */
  private final class Stale {
    private final Set<Integer> aclIds = new HashSet<>();
    private final Set<Integer> vrfIds = new HashSet<>();
    private final Set<Integer> vifIds = new HashSet<>();
    private final Set<Integer> outwardVrfs = new HashSet<>();
    private boolean all;

    void note(Change<TableKey, TableValue> change) {
      switch (change.key()) {
        case AclKey(int id) -> aclIds.add(id);
        case InetRouteKey(int vrf, var _) -> {
          TableValue after =
              change instanceof Change.Put<TableKey, TableValue> put ? put.after() : null;
          if (!identity(change.before()).equals(identity(after))) {
            vrfIds.add(vrf);
          }
          if (leadsOut(change.before()) != leadsOut(after)) {
            outwardVrfs.add(vrf);
          }
        }
        case FloatingKey(int vif) -> vifIds.add(vif);
        case BgpServiceKey(int vif, var _) -> vifIds.add(vif);
        case ServiceKey _ -> all = true;
        case VifKey _ ->
            all |=
                change.before() instanceof Vif before
                    && before.kind() == Vif.Kind.FABRIC
                    && !(change instanceof Change.Put<TableKey, TableValue> put
                        && put.after() instanceof Vif now
                        && Objects.equals(now.address(), before.address()));
        case VrfKey _, NextHopKey _, BridgeKey _, LabelKey _, VniKey _ -> {}
        case FatFlowKey _, PortPoolKey _ -> {}
      }
    }

    private boolean leadsOut(@Nullable TableValue value) {
      return value instanceof InetRoute route && nextHops.isUnderlay(route.nextHop());
    }

    private record Identity(int network, Set<Integer> groups) {}

    private Identity identity(@Nullable TableValue value) {
      return value instanceof InetRoute route
          ? new Identity(route.virtualNetwork(), route.securityGroups())
          : new Identity(0, Set.of());
    }

    void renew() {
      Predicate<Integer> changed = id -> id != 0 && aclIds.contains(id);
      if (!aclIds.isEmpty() || !vrfIds.isEmpty()) {
        floating.forEach((key, list) -> {
          if (list.addresses().stream()
              .anyMatch(each -> changed.test(each.networkAcl()) || vrfIds.contains(each.vrf()))) {
            vifIds.add(key.vif());
          }
        });
      }
      vifs.all()
          .forEach((key, vif) -> {
            boolean judged = vif.networkAcl() != 0 || vif.ingressAcl() != 0 || vif.egressAcl() != 0;
            if (all
                || vifIds.contains(key.id())
                || outwardVrfs.contains(vif.vrf())
                || (judged && vrfIds.contains(vif.vrf()))
                || changed.test(vif.networkAcl())
                || changed.test(vif.ingressAcl())
                || changed.test(vif.egressAcl())) {
              vifs.renew(key);
            }
          });
    }
  }
}
