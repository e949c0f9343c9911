package weft.agent;

import org.jspecify.annotations.Nullable;
import weft.agent.core.AgentCore;
import weft.agent.core.Ids;
import weft.agent.core.Names;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.local.Arp;
import weft.agent.local.Neighbours;
import weft.datapath.DatapathException;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.state.Change;
import weft.state.Delta;
import weft.vrouter.InetRoute;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;

/**
 * Tells the guests of a network, by ARP, when an address has a new owner.
 *
 * <p>A guest that asked too early would ask again only after a second, and one that knew the last
 * owner would hold on to it for half a minute.
 */
final class Announcer {
  private static final long PER_SECOND = 1000;

  private final AgentCore core;
  private final Forwarding forwarding;
  private long tokens = PER_SECOND;
  private long filledNs;
  private long sent;

  Announcer(AgentCore core, Forwarding forwarding, long nowNs) {
    this.filledNs = nowNs;
    this.core = core;
    this.forwarding = forwarding;
  }

  /** Looks at what has changed in the tables, once it is in force. */
  void changed(Delta<TableKey, TableValue> delta, long nowNs) {
    for (Change<TableKey, TableValue> change : delta.changes()) {
      if (change instanceof Change.Put<TableKey, TableValue> put
          && put.key() instanceof TableKey.InetRouteKey key
          && key.prefix().isHost()
          && put.after() instanceof InetRoute route) {
        MacAddress owner = answer(route);
        MacAddress before = put.before() instanceof InetRoute was ? answer(was) : null;
        boolean known = before != null || route.mac() != null;
        if (owner != null && known && !owner.equals(before)) {
          announce(key.vrf(), key.prefix().address(), owner, nowNs);
        }
      }
    }
  }

  /** What a guest that asks for the address is told; null if others may answer. */
  private static @Nullable MacAddress answer(InetRoute route) {
    return route.arp() == InetRoute.Arp.PROXY ? MacAddress.GATEWAY : route.mac();
  }

  private void announce(int vrf, IpAddress address, MacAddress owner, long nowNs) {
    String name = core.ids().name(Ids.Pool.VRF, vrf);
    if (name == null) {
      return;
    }
    for (PortConfig port : core.portsIn(name)) {
      int vif = core.ids().find(Ids.Pool.VIF, Names.port(port.id()));
      if (vif != 0 && !port.mac().equals(owner) && takeToken(nowNs)) {
        try {
          forwarding.transmit(vif, announcement(port.mac(), address, owner));
          sent++;
        } catch (DatapathException e) {
          return; // the guest will ask in time
        }
      }
    }
  }

  private static byte[] announcement(MacAddress guest, IpAddress address, MacAddress owner) {
    return switch (address) {
      case Ipv4Address v4 -> Arp.announcement(guest, v4, owner);
      case Ipv6Address v6 -> Neighbours.announcement(guest, v6, owner);
    };
  }

  private boolean takeToken(long nowNs) {
    long fresh = Math.min(nowNs - filledNs, 1_000_000_000L) * PER_SECOND / 1_000_000_000L;
    if (fresh > 0) {
      tokens = Math.min(PER_SECOND, tokens + fresh);
      filledNs = nowNs;
    }
    if (tokens == 0) {
      return false;
    }
    tokens--;
    return true;
  }

  /** Announcements sent. */
  long sent() {
    return sent;
  }
}
