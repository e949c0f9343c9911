package weft.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import weft.net.IpAddress;
import weft.net.IpPrefix;

/**
 * What holds of tables at any time.
 *
 * @param instances those that are configured
 */
record RibInvariants(Rib rib, Map<String, InstanceConfig> instances, boolean nextHopsChecked) {

  void check() {
    noLeaks();
    derivedRoutesHaveTheirCause();
    nextHopsAreReached();
    attributesAreShared();
  }

  private void noLeaks() {
    for (Table table : rib.tables()) {
      InstanceConfig config = instances.get(table.id().instance());
      for (Route route : table.routes()) {
        for (Path path : route.selection().ranked()) {
          if (table.id().family() == Family.ROUTE_TARGET) {
            continue;
          }
          boolean own = path.id().table().equals(table.id());
          boolean welcome =
              config != null
                  && !Collections.disjoint(
                      path.asTold().attributes().membership().targets(), config.imports());
          assertThat(own || table.id().family().isVpn() || welcome)
              .as("%s in %s", path, table.id())
              .isTrue();
          boolean cameBack =
              config != null
                  && path.imported()
                  && path.attributes().membership().passed().contains(config.originVn());
          assertThat(cameBack).as("%s in %s", path, table.id()).isFalse();
        }
      }
    }
  }

  /** What configuration gives to a table has its cause there, and is told nobody without it. */
  private void derivedRoutesHaveTheirCause() {
    for (Table table : rib.tables()) {
      InstanceConfig config = instances.get(table.id().instance());
      for (Route route : table.routes()) {
        for (Path path : route.selection().ranked()) {
          if (path.imported() || !path.peer().kind().isDerived()) {
            continue;
          }
          assertThat(config).isNotNull();
          IpPrefix prefix = ((RouteKey.Inet) route.key()).prefix();
          IpAddress via = path.attributes().nextHop().address();
          boolean wanted =
              config.staticRoutes().stream()
                      .anyMatch(s -> s.prefix().equals(prefix) && leads(table, s.nextHop(), via))
                  || config.aggregates().stream()
                      .anyMatch(a ->
                          a.prefix().equals(prefix)
                              && leads(table, a.nextHop(), via)
                              && table.routes().stream().anyMatch(r -> stands(a, r)));
          assertThat(wanted).as("%s in %s", path, table.id()).isTrue();
        }
      }
    }
  }

  private void nextHopsAreReached() {
    for (Table table : rib.tables()) {
      for (Route route : table.routes()) {
        for (Path path : route.selection().ranked()) {
          IpAddress nextHop = path.attributes().nextHop().address();
          Table fabric = rib.table(TableId.backbone(Family.INET));
          Route host =
              fabric == null ? null : fabric.route(new RouteKey.Inet(nextHop.toHostPrefix()));
          boolean isReached = host != null && host.best() != null;
          boolean isExempt =
              !nextHopsChecked
                  || table.id().instance().equals(TableId.MASTER)
                  || table.id().family() == Family.ERMVPN;
          assertThat(path.unreached()).isEqualTo(!isExempt && !isReached);
        }
      }
    }
  }

  private static boolean stands(Aggregate aggregate, Route route) {
    return route.best() != null && aggregate.covers(((RouteKey.Inet) route.key()).prefix());
  }

  private static boolean leads(Table table, IpAddress nextHop, IpAddress via) {
    Route route = table.route(new RouteKey.Inet(nextHop.toHostPrefix()));
    return route != null
        && route.paths().stream()
            .anyMatch(p ->
                p.isFeasible()
                    && !p.peer().kind().isDerived()
                    && p.attributes().nextHop().address().equals(via));
  }

  /** What equal attributes have in common is one object, and only what some path has is kept. */
  private void attributesAreShared() {
    Map<RouteAttributes.AllButLabels, RouteAttributes.AllButLabels> shared = new HashMap<>();
    for (Table table : rib.tables()) {
      for (Route route : table.routes()) {
        for (Path path : route.selection().ranked()) {
          RouteAttributes.AllButLabels common = path.attributes().common();
          assertThat(shared.computeIfAbsent(common, a -> a)).isSameAs(common);
        }
      }
    }
    assertThat(rib.differentAttributes()).isEqualTo(shared.size());
  }
}
