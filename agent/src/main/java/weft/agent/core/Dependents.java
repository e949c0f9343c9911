package weft.agent.core;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.agent.core.Situation.ActivePort;
import weft.agent.core.Wanted.Floating;
import weft.agent.core.Wanted.Network;
import weft.agent.core.Wanted.Subnet;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.MacAddress;

/** Which units follow from a port, a route or a network, to be derived anew when that changes. */
final class Dependents {
  private final Situation situation;
  private final Collection<Unit> units;

  /**
   * @param units where they are noted
   */
  Dependents(Situation situation, Collection<Unit> units) {
    this.situation = situation;
    this.units = units;
  }

  /** Of a route: also which of those that may have its prefix alone has it. */
  void inet(String vrf, IpPrefix prefix) {
    routed(vrf, prefix);
    for (UUID id : situation.portsWith(vrf, prefix)) {
      ActivePort port = situation.active.get(id);
      if (port != null && port.config().standby().contains(prefix)) {
        units.add(new Unit.OfPort(id));
      }
      String router = port == null ? null : port.routerVrf();
      if (router != null) {
        routed(router, prefix);
      }
    }
  }

  /** Of a VRF and, if it is a router's, of those that this routes between. */
  private void routed(String vrf, IpPrefix prefix) {
    units.add(new Unit.OfInet(vrf, prefix));
    for (String attached : situation.attachedTo(vrf)) {
      units.add(new Unit.OfInet(attached, prefix));
    }
  }

  /** Of VRFs that have heard of a prefix by another router, which may be one of this host. */
  private void toldElsewhere(IpPrefix prefix) {
    situation.routes.forEach((vrf, routes) -> {
      if (routes.toPrefix(prefix) != null) {
        routed(vrf, prefix);
      }
    });
  }

  void evpn(String vrf, Routes.@Nullable Evpn route) {
    if (route != null) {
      evpn(vrf, route.mac(), route.address());
    }
  }

  void evpn(String vrf, MacAddress mac, IpPrefix address) {
    if (mac.isBroadcast()) {
      units.add(new Unit.OfVrf(vrf));
    } else if (mac.equals(MacAddress.ZERO)) {
      routed(vrf, address);
    } else {
      units.add(new Unit.OfMac(vrf, mac));
      if (address.isHost()) {
        units.add(new Unit.OfInet(vrf, address));
      }
    }
  }

  /** Of the place in the tree of what is flooded. */
  void tree(String vrf) {
    units.add(new Unit.OfVrf(vrf));
  }

  /**
   * @param limit whether the network takes more now or takes no more
   */
  void learned(String vrf, MacAddress mac, boolean limit) {
    units.add(new Unit.OfMac(vrf, mac));
    if (limit) {
      situation.portsOf(vrf).forEach(port -> units.add(new Unit.OfPort(port)));
    }
  }

  /** Of a port: also its routes as other VRFs see them. */
  void port(ActivePort port) {
    String own = port.vrf();
    units.add(new Unit.OfPort(port.plugged().id()));
    units.add(new Unit.OfVrf(own));
    units.add(new Unit.OfMac(own, port.config().mac()));
    String router = port.routerVrf();
    for (IpPrefix host : port.config().prefixes()) {
      everywhere(own, host);
      if (router != null) {
        routed(router, host);
        toldElsewhere(host);
      }
    }
    for (Floating each : port.config().floating()) {
      everywhere(each.network().vrf(), each.address().toHostPrefix());
      units.add(new Unit.OfMac(each.network().vrf(), port.config().mac()));
    }
  }

  private void everywhere(String own, IpPrefix host) {
    inet(own, host);
    situation.routes.forEach((vrf, routes) -> {
      if (routes.inet(host) != null) {
        routed(vrf, host);
      }
    });
  }

  /** All of a VRF. */
  void network(String vrf, @Nullable Network network) {
    units.add(new Unit.OfVrf(vrf));
    units.add(new Unit.OfInet(vrf, Wanted.EVERYWHERE));
    Routes routes = situation.routes.get(vrf);
    if (routes != null) {
      routes.prefixes().forEach(prefix -> units.add(new Unit.OfInet(vrf, prefix)));
      routes.macs().forEach(mac -> units.add(new Unit.OfMac(vrf, mac)));
    }
    Network router = network == null ? null : network.router();
    if (router != null) {
      for (IpPrefix prefix : situation.routedBy(router.vrf())) {
        units.add(new Unit.OfInet(vrf, prefix));
      }
    }
    for (IpPrefix prefix : situation.routedBy(vrf)) {
      routed(vrf, prefix);
      if (!situation.attachedTo(vrf).isEmpty()) {
        toldElsewhere(prefix);
      }
    }
    for (Subnet subnet : network == null ? List.<Subnet>of() : network.subnets()) {
      units.add(new Unit.OfInet(vrf, subnet.prefix()));
      host(vrf, subnet.gateway());
      host(vrf, subnet.service());
      if (!subnet.prefix().isV4()) {
        host(vrf, Wanted.GATEWAY_ON_LINK);
      }
    }
    if (network != null) {
      situation.global.services().forEach(service -> host(vrf, service.address()));
    }
  }

  private void host(String vrf, @Nullable IpAddress address) {
    if (address != null) {
      units.add(new Unit.OfInet(vrf, address.toHostPrefix()));
    }
  }

  void everything() {
    units.add(new Unit.Fabric());
    units.add(new Unit.Services());
    situation.networks.forEach(this::network);
    situation
        .learned
        .all()
        .forEach((vrf, macs) -> macs.forEach(mac -> units.add(new Unit.OfMac(vrf, mac))));
    situation.active.forEach((id, port) -> {
      units.add(new Unit.OfPort(id));
      units.add(new Unit.OfMac(port.vrf(), port.config().mac()));
      for (IpPrefix prefix : port.config().prefixes()) {
        units.add(new Unit.OfInet(port.vrf(), prefix));
      }
      for (Floating each : port.config().floating()) {
        units.add(new Unit.OfInet(each.network().vrf(), each.address().toHostPrefix()));
        units.add(new Unit.OfMac(each.network().vrf(), port.config().mac()));
      }
    });
  }
}
