package weft.routing;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.routing.RouteAttributes.Pmsi;

/**
 * Ingress replication: tells each agent that wants a network's broadcasts, or a group, who else
 * does.
 *
 * <p>Hosts that copy along the network's tree reach each other by that. With assisted replication
 * (RFC 9574) a leaf sends to its replicator alone, and only that sends to it.
 */
final class Flooding {
  private final Instances instances;
  private final Adverts adverts;

  Flooding(Instances instances, Adverts adverts) {
    this.instances = instances;
    this.adverts = adverts;
  }

  /** A host that wants copies. */
  private record Wanting(Route route, Path path) {
    Pmsi pmsi() {
      Pmsi told = path.attributes().pmsi();
      return told == null ? new Pmsi(0, Pmsi.INGRESS_REPLICATION, 0) : told;
    }

    IpAddress address() {
      return path.attributes().nextHop().address();
    }

    boolean isOf(String peer) {
      return path.peer().name().equals(peer);
    }
  }

  /** Returns whether anything is new. */
  boolean tell(Table table, RibOut ribOut) {
    List<Wanting> broadcasts = new ArrayList<>();
    List<Wanting> groups = new ArrayList<>();
    if (instances.get(table.id().instance()) != null) {
      for (Route route : table.unsorted()) {
        Path best = route.best();
        if (best != null && route.key() instanceof RouteKey.Broadcast) {
          broadcasts.add(new Wanting(route, best));
        } else if (best != null && route.key() instanceof RouteKey.Selective) {
          groups.add(new Wanting(route, best));
        }
      }
    }
    broadcasts.sort(Comparator.comparing(each -> each.route().key()));
    groups.sort(Comparator.comparing(each -> each.route().key()));
    boolean isNew = false;
    for (String member : ribOut.members()) {
      Map<RouteKey, Advert> own = new HashMap<>();
      broadcasts.stream()
          .filter(each -> !each.path().imported() && each.isOf(member))
          .forEach(each -> add(own, broadcast(each, broadcasts, member)));
      groups.stream()
          .filter(each -> !each.path().imported() && each.isOf(member))
          .forEach(each -> add(own, group(each, groups, broadcasts, member)));
      isNew |= ribOut.setOwn(member, own);
    }
    return isNew;
  }

  private static void add(Map<RouteKey, Advert> own, Advert.Replication advert) {
    if (!advert.copies().isEmpty() || !advert.leaves().isEmpty()) {
      own.put(advert.key(), advert);
    }
  }

  private Advert.Replication broadcast(Wanting own, List<Wanting> all, String owner) {
    List<Advert.Via> copies = new ArrayList<>();
    List<Advert.Via> leaves = new ArrayList<>();
    for (Wanting other : all) {
      if (other.isOf(owner)) {
        continue;
      }
      IpAddress replicator = other.pmsi().replicator();
      if (replicator != null) {
        if (own.pmsi().isReplicator() && replicator.equals(own.address())) {
          leaves.add(via(other));
        }
      } else if (sendsTo(own, other)) {
        copies.add(via(other));
      }
    }
    return new Advert.Replication(
        own.route().key(), own.path().attributes(), owner, copies, leaves);
  }

  private static boolean sendsTo(Wanting own, Wanting other) {
    IpAddress replicator = own.pmsi().replicator();
    return replicator == null
        ? !(own.pmsi().edgeReplication() && other.pmsi().edgeReplication())
        : replicator.equals(other.address());
  }

  /** A route for a group has no label in BGP: copies go as broadcasts of that host do. */
  private Advert.Replication group(
      Wanting own, List<Wanting> groups, List<Wanting> broadcasts, String owner) {
    List<Advert.Via> copies = new ArrayList<>();
    for (Wanting other : groups) {
      if (!other.isOf(owner) && isSameGroup(own.route().key(), other.route().key())) {
        Wanting by =
            other.path().attributes().label() == 0 ? broadcastOf(other, broadcasts) : other;
        if (by != null) {
          copies.add(via(by));
        }
      }
    }
    return new Advert.Replication(
        own.route().key(), own.path().attributes(), owner, copies, List.of());
  }

  private static boolean isSameGroup(RouteKey one, RouteKey other) {
    return one instanceof RouteKey.Selective a
        && other instanceof RouteKey.Selective b
        && a.group().equals(b.group())
        && a.source().equals(b.source());
  }

  private static @Nullable Wanting broadcastOf(Wanting host, List<Wanting> broadcasts) {
    for (Wanting each : broadcasts) {
      if (each.address().equals(host.address())) {
        return each;
      }
    }
    return null;
  }

  private Advert.Via via(Wanting other) {
    return new Advert.Via(
        other.path().attributes().nextHop(), adverts.network(other.route(), other.path()));
  }
}
