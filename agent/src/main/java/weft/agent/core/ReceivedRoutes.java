package weft.agent.core;

import org.jspecify.annotations.Nullable;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.xmpp.ControlMessage;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.MulticastItem;

/** Takes in what control nodes say of routes, and notes what follows from them. */
final class ReceivedRoutes {
  private final Situation situation;
  private final Dependents touched;
  private final MacLearning macs;

  ReceivedRoutes(Situation situation, Dependents touched, MacLearning macs) {
    this.situation = situation;
    this.touched = touched;
    this.macs = macs;
  }

  /** The routing instance of a table such as `1/1/default-domain:demo:net:net`. */
  private static String instanceOf(String table) {
    int first = table.indexOf('/');
    return table.substring(table.indexOf('/', first + 1) + 1);
  }

  private @Nullable Ipv4Address self() {
    Event.FabricFound fabric = situation.fabric;
    return fabric == null ? null : fabric.address();
  }

  void came(Event.RoutesCame event) {
    String vrf = instanceOf(event.table());
    if (!situation.networks.containsKey(vrf)) {
      return;
    }
    Routes routes = situation.routesOf(vrf);
    for (ControlMessage.Entry entry : event.entries()) {
      switch (entry.item()) {
        case InetItem item -> touched.inet(vrf, routes.put(event.node(), item, self()));
        case EvpnItem item when item.isSelective() -> {} // no guest is known to want a group
        case EvpnItem item -> {
          touched.evpn(vrf, routes.put(event.node(), entry.id(), item));
          touched.evpn(vrf, item.nlri().mac(), item.nlri().address());
          macs.yieldTo(vrf, item.nlri().mac());
        }
        case MulticastItem item -> {
          if (routes.put(event.node(), entry.id(), item)) {
            touched.tree(vrf);
          }
        }
      }
    }
  }

  void went(Event.RoutesWent event) {
    String vrf = instanceOf(event.table());
    Routes routes = situation.routes.get(vrf);
    if (routes == null) {
      return;
    }
    for (String id : event.ids()) {
      if (event.table().startsWith(EvpnItem.FAMILY)) {
        touched.evpn(vrf, routes.removeEvpn(event.node(), id));
      } else if (event.table().startsWith(MulticastItem.FAMILY)) {
        if (routes.removeTree(event.node(), id)) {
          touched.tree(vrf);
        }
      } else {
        IpPrefix prefix = Xml.prefix(id);
        if (prefix != null && routes.removeInet(event.node(), prefix)) {
          touched.inet(vrf, prefix);
        }
      }
    }
  }

  void sessionOpened(int node) {
    situation.routes.values().forEach(routes -> routes.beginSession(node));
  }

  void sessionLost(int node) {
    situation.routes.forEach((vrf, routes) ->
        routes.endSession(
            node,
            prefix -> touched.inet(vrf, prefix),
            route -> touched.evpn(vrf, route),
            () -> touched.tree(vrf)));
  }

  /** A control node has told all: what it has not told is no more. */
  void complete(int node) {
    situation.routes.forEach((vrf, routes) ->
        routes.sweep(
            node,
            prefix -> touched.inet(vrf, prefix),
            route -> touched.evpn(vrf, route),
            () -> touched.tree(vrf)));
  }

  int count() {
    return situation.routes.values().stream().mapToInt(Routes::size).sum();
  }

  /** Those that a control node has sent. */
  int count(int node) {
    return situation.routes.values().stream().mapToInt(routes -> routes.size(node)).sum();
  }
}
