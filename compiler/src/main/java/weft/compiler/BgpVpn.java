package weft.compiler;

import java.util.SortedSet;
import java.util.TreeSet;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Graph;

/** The route targets that a BGP VPN gives to its networks, and to those of its routers. */
record BgpVpn(
    SortedSet<String> targets, SortedSet<String> importTargets, SortedSet<String> exportTargets) {

  /** The VPN of a name; one that does not exist gives nothing. */
  record Of(FqName name) implements Graph.Computed<BgpVpn> {
    @Override
    public BgpVpn compute(Graph.Reads reads) {
      ConfigObject object = reads.input(new Fact.Named(Inputs.BGPVPN, name));
      return object == null
          ? new BgpVpn(new TreeSet<>(), new TreeSet<>(), new TreeSet<>())
          : new BgpVpn(
              Network.targets(object.property("route_target_list")),
              Network.targets(object.property("import_route_target_list")),
              Network.targets(object.property("export_route_target_list")));
    }
  }
}
