package weft.bench.vrouter;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.vrouter.InetRoute;
import weft.vrouter.TableKey;
import weft.vrouter.TableKey.InetRouteKey;
import weft.vrouter.TableValue;

/** A great many routes to single addresses, over many VRFs. */
final class FillRoutes {
  private static final int BATCH = 20_000;
  private static final int EACH_VRF = 1000;
  private static final int FIRST_VRF = 100;

  private FillRoutes() {}

  static void into(VrouterHost host, int routes) {
    InetRoute route = new InetRoute(0, -1, InetRoute.Arp.PROXY, null, 1, new TreeSet<>());
    for (int done = 0; done < routes; done += BATCH) {
      Map<TableKey, TableValue> batch = new LinkedHashMap<>();
      for (int i = done; i < Math.min(routes, done + BATCH); i++) {
        int vrf = FIRST_VRF + i / EACH_VRF;
        IpPrefix prefix = new Ipv4Address((10 << 24) + i % EACH_VRF * 3).toHostPrefix();
        batch.put(new InetRouteKey(vrf, prefix), route);
      }
      host.add(batch);
    }
  }
}
