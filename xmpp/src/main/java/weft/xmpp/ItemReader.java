package weft.xmpp;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.Tag;
import weft.net.XmlElement;

/** Reads the `entry` of an item. Unknown elements are passed over. */
final class ItemReader {
  private static final long U32 = 0xffff_ffffL;
  private static final int MAX_LABEL = (1 << 24) - 1;

  private ItemReader() {}

  /** Reads an item by the family that its node names, such as `1/1`. */
  static Item read(String family, XmlElement item) {
    ElementReader entry = new ElementReader(item).required("entry");
    return switch (family) {
      case "1/1", "1/4", "2/1" -> inet(family, entry);
      case EvpnItem.FAMILY -> evpn(entry);
      case MulticastItem.FAMILY -> multicast(entry);
      default -> throw new ElementReader.Bad("family " + family + " is not supported");
    };
  }

  private static void checkFamily(String family, ElementReader nlri) {
    String found = nlri.number("af", 0, 0xffff) + "/" + nlri.number("safi", 0, 0xff);
    if (!found.equals(family)) {
      throw new ElementReader.Bad("family " + found + " where " + family + " is expected");
    }
  }

  private static Item inet(String family, ElementReader entry) {
    ElementReader nlri = entry.required("nlri");
    checkFamily(family, nlri);
    IpPrefix prefix = nlri.prefix("address");
    if (prefix.isV4() != family.startsWith("1/")) {
      throw new ElementReader.Bad(prefix + " is not of family " + family);
    }
    return new InetItem(
        nlri.small("safi", 1, 4),
        prefix,
        entry.list("next-hops", "next-hop").stream().map(ItemReader::inetNextHop).toList(),
        attributes(entry),
        entry.small("version", 1, Integer.MAX_VALUE),
        texts(entry, "community-tag-list", "community-tag"),
        loadBalance(entry),
        entry.textOr("sub-protocol", "interface"));
  }

  private static InetItem.NextHop inetNextHop(ElementReader hop) {
    return new InetItem.NextHop(
        hop.address("address"),
        hop.optionalMac("mac"),
        hop.small("label", 0, MAX_LABEL),
        hop.small("vni", 0, MAX_LABEL),
        encapsulations(hop),
        hop.text("virtual-network"),
        tags(hop),
        hop.number("local-sequence-number", 0, U32));
  }

  private static InetItem.LoadBalance loadBalance(ElementReader entry) {
    ElementReader balance = entry.child("load-balance");
    return balance == null
        ? InetItem.LoadBalance.DEFAULT
        : new InetItem.LoadBalance(
            texts(balance, "load-balance-fields", "load-balance-field-list"),
            balance.textOr("load-balance-decision", "field-hash"));
  }

  private static Item evpn(ElementReader entry) {
    ElementReader nlri = entry.required("nlri");
    checkFamily(EvpnItem.FAMILY, nlri);
    return new EvpnItem(
        new EvpnItem.Nlri(
            nlri.number("ethernet-tag", 0, U32),
            nlri.mac("mac"),
            nlri.prefix("address"),
            nlri.optionalAddress("group"),
            nlri.optionalAddress("source"),
            nlri.small("flags", 0, 0xff)),
        evpnNextHops(entry, "next-hops"),
        evpnNextHops(entry, "olist"),
        attributes(entry),
        new EvpnItem.Replication(
            entry.bool("edge-replication-not-supported"),
            entry.bool("assisted-replication-supported"),
            entry.optionalAddress("replicator-address")),
        evpnNextHops(entry, "leaf-olist"),
        entry.bool("etree-leaf"));
  }

  private static List<EvpnItem.NextHop> evpnNextHops(ElementReader entry, String list) {
    return entry.list(list, "next-hop").stream().map(ItemReader::evpnNextHop).toList();
  }

  private static EvpnItem.NextHop evpnNextHop(ElementReader hop) {
    return new EvpnItem.NextHop(
        hop.address("address"),
        hop.optionalMac("mac"),
        hop.small("label", 0, MAX_LABEL),
        hop.small("l3-label", 0, MAX_LABEL),
        encapsulations(hop),
        tags(hop),
        hop.number("local-sequence-number", 0, U32));
  }

  private static Item multicast(ElementReader entry) {
    ElementReader nlri = entry.required("nlri");
    checkFamily(MulticastItem.FAMILY, nlri);
    return new MulticastItem(
        v4(nlri, "group"),
        v4(nlri, "source"),
        nlri.small("source-label", 0, MAX_LABEL),
        nlri.optionalAddress("source-address"),
        multicastNextHops(entry, "next-hops"),
        multicastNextHops(entry, "olist"));
  }

  private static Ipv4Address v4(ElementReader nlri, String name) {
    @Nullable IpAddress address = nlri.optionalAddress(name);
    return switch (address) {
      case null -> Ipv4Address.ANY;
      case Ipv4Address v4 -> v4;
      case weft.net.Ipv6Address v6 ->
          throw new ElementReader.Bad(name + ": " + v6 + " is not an IPv4 address");
    };
  }

  private static List<MulticastItem.NextHop> multicastNextHops(ElementReader entry, String list) {
    return entry.list(list, "next-hop").stream().map(ItemReader::multicastNextHop).toList();
  }

  /** The label is one number, or a range `first-last` that the agent offers. */
  private static MulticastItem.NextHop multicastNextHop(ElementReader hop) {
    String label = hop.text("label");
    int dash = label.indexOf('-');
    String first = dash < 0 ? label : label.substring(0, dash);
    String last = dash < 0 ? label : label.substring(dash + 1);
    return new MulticastItem.NextHop(
        hop.address("address"),
        (int) ElementReader.number("label", first, MAX_LABEL),
        (int) ElementReader.number("label", last, MAX_LABEL),
        encapsulations(hop));
  }

  private static RouteAttributes attributes(ElementReader entry) {
    return new RouteAttributes(
        entry.text("virtual-network"),
        mobility(entry),
        entry.number("sequence-number", 0, U32),
        numbers(entry, "security-group-list", "security-group", U32),
        entry.number("local-preference", 100, U32),
        entry.number("med", 0, U32),
        texts(entry, "peers", "peer"));
  }

  private static Mobility mobility(ElementReader entry) {
    ElementReader mobility = entry.child("mobility");
    if (mobility == null) {
      return Mobility.NONE;
    }
    String sticky = mobility.element().attribute("sticky");
    String sequence = mobility.element().attribute("seqno");
    return new Mobility(
        sticky != null && !sticky.isBlank() && ElementReader.bool("sticky", sticky.strip()),
        sequence == null || sequence.isBlank()
            ? 0
            : ElementReader.number("seqno", sequence.strip(), U32));
  }

  private static TagList tags(ElementReader hop) {
    return TagList.read(hop.bool("is-new-tags-list"), numbers(hop, "tag-list", "tag", Tag.MOST));
  }

  private static List<String> encapsulations(ElementReader hop) {
    return texts(hop, "tunnel-encapsulation-list", "tunnel-encapsulation");
  }

  private static List<String> texts(ElementReader parent, String list, String name) {
    return parent.list(list, name).stream().map(ElementReader::text).toList();
  }

  private static List<Long> numbers(ElementReader parent, String list, String name, long most) {
    return parent.list(list, name).stream()
        .map(element -> ElementReader.number(name, element.text(), most))
        .toList();
  }
}
