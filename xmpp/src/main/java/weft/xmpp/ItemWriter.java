package weft.xmpp;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;

/**
 * Writes items. Every element of the schema is there, in the schema's order; empty lists are `<x
 * />`, empty texts `<x></x>`. What OpenSDN has added is there only where it says something.
 */
final class ItemWriter {
  private final StringBuilder out;

  ItemWriter(StringBuilder out) {
    this.out = out;
  }

  /** The `entry` element of an item. */
  void entry(Item item) {
    open("entry");
    switch (item) {
      case InetItem inet -> inet(inet);
      case EvpnItem evpn -> evpn(evpn);
      case MulticastItem multicast -> multicast(multicast);
    }
    close("entry");
  }

  private void inet(InetItem item) {
    open("nlri");
    number("af", item.prefix().isV4() ? 1 : 2);
    number("safi", item.safi());
    text("address", item.prefix().toString());
    close("nlri");
    list("next-hops", item.nextHops(), this::inetNextHop);
    RouteAttributes attributes = item.attributes();
    number("version", item.version());
    text("virtual-network", attributes.virtualNetwork());
    mobility(attributes.mobility());
    peers(attributes.peers());
    number("sequence-number", attributes.sequenceNumber());
    numbers("security-group-list", "security-group", attributes.securityGroups());
    texts("community-tag-list", "community-tag", item.communities());
    number("local-preference", attributes.localPreference());
    number("med", attributes.med());
    open("load-balance");
    texts("load-balance-fields", "load-balance-field-list", item.loadBalance().fields());
    text("load-balance-decision", item.loadBalance().decision());
    close("load-balance");
    text("sub-protocol", item.subProtocol());
  }

  private void inetNextHop(InetItem.NextHop hop) {
    open("next-hop");
    number("af", hop.address().isV4() ? 1 : 2);
    text("address", hop.address().toString());
    text("mac", orEmpty(hop.mac()));
    number("label", hop.label());
    number("vni", hop.vni());
    texts("tunnel-encapsulation-list", "tunnel-encapsulation", hop.encapsulations());
    text("virtual-network", hop.virtualNetwork());
    tags(hop.tags());
    number("local-sequence-number", hop.localSequence());
    close("next-hop");
  }

  private void evpn(EvpnItem item) {
    EvpnItem.Nlri nlri = item.nlri();
    open("nlri");
    number("af", 25);
    number("safi", 242);
    number("ethernet-tag", nlri.ethernetTag());
    text("mac", nlri.mac().toString());
    text("address", nlri.address().toString());
    text("group", orEmpty(nlri.group()));
    text("source", orEmpty(nlri.source()));
    number("flags", nlri.flags());
    close("nlri");
    list("next-hops", item.nextHops(), this::evpnNextHop);
    list("olist", item.olist(), this::evpnNextHop);
    RouteAttributes attributes = item.attributes();
    text("virtual-network", attributes.virtualNetwork());
    mobility(attributes.mobility());
    peers(attributes.peers());
    number("sequence-number", attributes.sequenceNumber());
    numbers("security-group-list", "security-group", attributes.securityGroups());
    number("local-preference", attributes.localPreference());
    number("med", attributes.med());
    text("edge-replication-not-supported", Boolean.toString(item.replication().edgeNotSupported()));
    text(
        "assisted-replication-supported", Boolean.toString(item.replication().assistedSupported()));
    list("leaf-olist", item.leafOlist(), this::evpnNextHop);
    text("replicator-address", orEmpty(item.replication().replicator()));
    text("etree-leaf", Boolean.toString(item.etreeLeaf()));
  }

  private void evpnNextHop(EvpnItem.NextHop hop) {
    open("next-hop");
    number("af", hop.address().isV4() ? 1 : 2);
    text("address", hop.address().toString());
    text("mac", orEmpty(hop.mac()));
    number("label", hop.label());
    number("l3-label", hop.l3Label());
    texts("tunnel-encapsulation-list", "tunnel-encapsulation", hop.encapsulations());
    tags(hop.tags());
    number("local-sequence-number", hop.localSequence());
    close("next-hop");
  }

  private void multicast(MulticastItem item) {
    open("nlri");
    number("af", 1);
    number("safi", 241);
    text("group", item.group().toString());
    text("source", item.source().toString());
    number("source-label", item.sourceLabel());
    text("source-address", orEmpty(item.sourceAddress()));
    close("nlri");
    list("next-hops", item.nextHops(), this::multicastNextHop);
    list("olist", item.olist(), this::multicastNextHop);
  }

  private void multicastNextHop(MulticastItem.NextHop hop) {
    open("next-hop");
    number("af", hop.address().isV4() ? 1 : 2);
    text("address", hop.address().toString());
    text("label", hop.first() == hop.last() ? "" + hop.first() : hop.first() + "-" + hop.last());
    texts("tunnel-encapsulation-list", "tunnel-encapsulation", hop.encapsulations());
    close("next-hop");
  }

  private void tags(TagList tags) {
    numbers("tag-list", "tag", tags.words());
    if (tags.wide()) {
      text("is-new-tags-list", "true");
    }
  }

  private void peers(List<String> peers) {
    if (!peers.isEmpty()) {
      texts("peers", "peer", peers);
    }
  }

  private void mobility(Mobility mobility) {
    out.append("<mobility sticky=\"")
        .append(mobility.sticky())
        .append("\" seqno=\"")
        .append(mobility.sequence())
        .append("\" />");
  }

  // ---- elements ----

  private static String orEmpty(@Nullable Object value) {
    return value == null ? "" : value.toString();
  }

  private void open(String name) {
    out.append('<').append(name).append('>');
  }

  private void close(String name) {
    out.append("</").append(name).append('>');
  }

  private void text(String name, String value) {
    open(name);
    XmlElement.escape(value, out);
    close(name);
  }

  private void number(String name, long value) {
    open(name);
    out.append(value);
    close(name);
  }

  private <T> void list(String name, List<T> values, Consumer<T> each) {
    if (values.isEmpty()) {
      out.append('<').append(name).append(" />");
      return;
    }
    open(name);
    values.forEach(each);
    close(name);
  }

  private void texts(String list, String name, List<String> values) {
    list(list, values, value -> text(name, value));
  }

  private void numbers(String list, String name, List<Long> values) {
    list(list, values, value -> number(name, value));
  }
}
