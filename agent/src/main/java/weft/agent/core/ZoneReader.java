package weft.agent.core;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import weft.agent.core.ConfigGraph.Node;
import weft.agent.core.Wanted.Dns;
import weft.agent.core.Wanted.DnsRecord;
import weft.agent.core.Wanted.Zone;
import weft.net.XmlElement;

/** Reads what the config says about DNS. */
final class ZoneReader {
  private static final String VDNS = "virtual-DNS";
  private static final String RECORD = "virtual-DNS-record";
  private static final int DEFAULT_TTL = 86400;

  private final ConfigGraph graph;

  ZoneReader(ConfigGraph graph) {
    this.graph = graph;
  }

  /**
   * @param management of the subnet's network-ipam
   */
  static Dns method(@Nullable XmlElement management) {
    String method = Xml.text(management, "ipam-dns-method");
    return switch (method == null ? "default-dns-server" : method) {
      case "default-dns-server" -> new Dns.Relay();
      case "virtual-dns-server" -> {
        String name = Xml.text(management, "ipam-dns-server", "virtual-dns-server-name");
        yield name == null ? new Dns.None() : new Dns.Virtual(name);
      }
      default -> new Dns.None();
    };
  }

  private @Nullable XmlElement data(Node zone) {
    return Xml.path(graph.body(zone), VDNS + "-data");
  }

  private static @Nullable String domain(@Nullable XmlElement data) {
    String domain = Xml.text(data, "domain-name");
    return domain == null ? null : domain.toLowerCase(Locale.ROOT);
  }

  /** The domain of a virtual-DNS, or null if it is not known. */
  @Nullable String domain(String name) {
    return domain(data(new Node(VDNS, name)));
  }

  /** The zone of a virtual-DNS, or null if it is not known. */
  @Nullable Zone zone(String name) {
    Node node = new Node(VDNS, name);
    XmlElement data = data(node);
    String domain = domain(data);
    if (domain == null) {
      return null;
    }
    int ttl = Xml.number(Xml.text(data, "default-ttl-seconds"), DEFAULT_TTL);
    List<DnsRecord> records = new ArrayList<>();
    for (Node each : graph.neighbours(node, VDNS + "-" + RECORD, RECORD)) {
      XmlElement record = Xml.path(graph.body(each), RECORD + "-data");
      String recordName = Xml.text(record, "record-name");
      String type = Xml.text(record, "record-type");
      String value = Xml.text(record, "record-data");
      if (recordName != null && type != null && value != null) {
        records.add(
            new DnsRecord(
                recordName,
                type,
                value,
                Math.max(0, Xml.number(Xml.text(record, "record-ttl-seconds"), ttl)),
                Math.clamp(Xml.number(Xml.text(record, "record-mx-preference"), 10), 0, 65535)));
      }
    }
    String next = Xml.text(data, "next-virtual-DNS");
    return new Zone(
        domain,
        next == null ? "" : next,
        "fixed".equals(Xml.text(data, "record-order")),
        Xml.isTrue(Xml.text(data, "reverse-resolution")),
        records);
  }
}
