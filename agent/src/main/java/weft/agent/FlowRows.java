package weft.agent;

import java.util.Map;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpAddress;
import weft.vrouter.Acl;
import weft.vrouter.Drop;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.Vif;

/**
 * Flows, and packets that were dropped, as JSON rows.
 *
 * @param vrfs their names
 */
record FlowRows(Map<Integer, Vif> vifs, Map<Integer, Acl> acls, IntFunction<String> vrfs) {

  ObjectNode drop(Drop drop) {
    Vif vif = vifs.get(drop.vif());
    FlowKey flow = drop.flow();
    Acl acl = acls.get(drop.acl());
    boolean known = acl != null && drop.rule() >= 0 && drop.rule() < acl.rules().size();
    return Json.object()
        .put("vif", drop.vif())
        .put("device", vif == null ? "" : vif.device())
        .put("reason", drop.reason().name())
        .put("protocol", flow == null ? "" : TableViews.protocol(flow.protocol()))
        .put("source", flow == null ? "" : end(flow.source().toString(), flow.sourcePort()))
        .put(
            "destination",
            flow == null ? "" : end(flow.destination().toString(), flow.destinationPort()))
        .put("acl", acl == null ? "" : acl.name())
        .put("rule", known && acl != null ? acl.rules().get(drop.rule()).id().toString() : "")
        .put("text", drop.reason().text());
  }

  ObjectNode flow(Flow flow) {
    Vif vif = vifs.get(flow.key().vif());
    Acl acl = acls.get(flow.acl());
    boolean known = acl != null && flow.rule() >= 0 && flow.rule() < acl.rules().size();
    Flow.Shared shared = flow.shared();
    FlowKey key = flow.key();
    return Json.object()
        .put("vif", key.vif())
        .put("device", vif == null ? "" : vif.device())
        .put("source", end(key.source(), key.sourcePort(), shared, true))
        .put("destination", end(key.destination(), key.destinationPort(), shared, false))
        .put("protocol", TableViews.protocol(flow.key().protocol()))
        .put("shared", shared != null)
        .put("direction", flow.forward() ? "forward" : "reverse")
        .put("from_guest", flow.fromGuest())
        .put("action", flow.action().name().toLowerCase(java.util.Locale.ROOT))
        .put("reason", flow.reason() == DropReason.NONE ? "" : flow.reason().name())
        .put("acl", acl == null ? "" : acl.name())
        .put("nat", nat(flow))
        .put("rule", known && acl != null ? acl.rules().get(flow.rule()).id().toString() : "")
        .put("packets", flow.packets())
        .put("bytes", flow.bytes())
        .put("tcp", tcp(flow.tcp()))
        .put("age_ms", flow.ageMs());
  }

  /** A letter for each flag that was seen. */
  private static String tcp(int flags) {
    StringBuilder text = new StringBuilder();
    String letters = "FSRPA";
    for (int i = 0; i < letters.length(); i++) {
      if ((flags & 1 << i) != 0) {
        text.append(letters.charAt(i));
      }
    }
    return text.toString();
  }

  /** What the flow's packets are changed to. */
  private String nat(Flow flow) {
    Flow.Nat nat = flow.nat();
    return nat == null
        ? ""
        : "%s %s in %s"
            .formatted(
                nat.source() ? "source" : "destination",
                end(nat.address().toString(), nat.port()),
                vrfs.apply(nat.vrf()));
  }

  /** Of a flow of several connections: the prefix that they share, and their port or `*`. */
  private static String end(
      IpAddress address, int port, Flow.@Nullable Shared shared, boolean source) {
    if (shared == null) {
      return end(address.toString(), port);
    }
    int length =
        Math.min(address.width(), source ? shared.sourceLength() : shared.destinationLength());
    String prefix = length < address.width() ? address + "/" + length : address.toString();
    String text = address.isV4() ? prefix : "[" + prefix + "]";
    return text + ":" + (port == 0 ? "*" : Integer.toString(port));
  }

  private static String end(String address, int port) {
    return address.indexOf(':') >= 0 ? "[" + address + "]:" + port : address + ":" + port;
  }
}
