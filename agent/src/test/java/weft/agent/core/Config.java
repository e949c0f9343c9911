package weft.agent.core;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import weft.net.XmlElement;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage.ConfigDelete;
import weft.xmpp.ControlMessage.ConfigUpdate;

/** Config as the control node sends it, one object at a time. */
public final class Config {
  public final List<ConfigNode> nodes = new ArrayList<>();
  public final List<ConfigLink> links = new ArrayList<>();

  public static UUID uuid(String name) {
    return UUID.nameUUIDFromBytes(name.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }

  public static XmlElement perms(UUID uuid) {
    return XmlElement.of(
        "id-perms",
        XmlElement.of(
            "uuid",
            XmlElement.text("uuid-mslong", Long.toUnsignedString(uuid.getMostSignificantBits())),
            XmlElement.text("uuid-lslong", Long.toUnsignedString(uuid.getLeastSignificantBits()))));
  }

  public Config node(String type, String name, XmlElement... properties) {
    nodes.add(new ConfigNode(new ConfigKey(type, name), List.of(properties)));
    return this;
  }

  /** Gives the nodes of a type a property more. */
  public Config with(String type, XmlElement property) {
    for (int i = 0; i < nodes.size(); i++) {
      ConfigNode node = nodes.get(i);
      if (node.key().type().equals(type)) {
        List<XmlElement> properties = new ArrayList<>(node.properties());
        properties.add(property);
        nodes.set(i, new ConfigNode(node.key(), properties));
      }
    }
    return this;
  }

  public Config link(
      String type, String name, String otherType, String otherName, String metadata) {
    links.add(
        new ConfigLink(new ConfigKey(type, name), new ConfigKey(otherType, otherName), metadata));
    return this;
  }

  /** A network with its instance and one subnet whose gateway is .1 and service address .2. */
  public Config network(String fq, int id, String subnet) {
    return network(fq, id, subnet, "24", subnet.substring(0, subnet.lastIndexOf('.') + 1));
  }

  /** The same with a /64, such as `fd00:1::`. */
  public Config network6(String fq, int id, String subnet) {
    return network(fq, id, subnet, "64", subnet);
  }

  private Config network(String fq, int id, String subnet, String length, String before) {
    String last = fq.substring(fq.lastIndexOf(':') + 1);
    String ri = fq + ":" + last;
    String ipam = "default-domain:default-project:default-network-ipam";
    String attr = "attr(" + fq + "," + ipam + ")";
    node(
        "virtual-network",
        fq,
        perms(uuid(fq)),
        XmlElement.text("virtual-network-network-id", Integer.toString(id)));
    node("routing-instance", ri, XmlElement.text("routing-instance-is-default", "true"));
    node("network-ipam", ipam);
    node(
        "virtual-network-network-ipam",
        attr,
        XmlElement.of(
            "value",
            XmlElement.of(
                "ipam-subnets",
                XmlElement.of(
                    "subnet",
                    XmlElement.text("ip-prefix", subnet),
                    XmlElement.text("ip-prefix-len", length)),
                XmlElement.text("default-gateway", before + "1"),
                XmlElement.text("dns-server-address", before + "2"))));
    link("virtual-network", fq, "routing-instance", ri, "virtual-network-routing-instance");
    link(
        "virtual-network",
        fq,
        "virtual-network-network-ipam",
        attr,
        "virtual-network-network-ipam");
    return link(
        "virtual-network-network-ipam", attr, "network-ipam", ipam, "virtual-network-network-ipam");
  }

  /** A port in a network, named by `name`, with one address. */
  public Config port(String name, String networkFq, String mac, String ip) {
    String fq = "default-domain:demo:" + name;
    node(
        "virtual-machine-interface",
        fq,
        perms(uuid(name)),
        XmlElement.of(
            "virtual-machine-interface-mac-addresses", XmlElement.text("mac-address", mac)));
    node("instance-ip", "iip-" + name, XmlElement.text("instance-ip-address", ip));
    link(
        "instance-ip",
        "iip-" + name,
        "virtual-machine-interface",
        fq,
        "instance-ip-virtual-machine-interface");
    return link(
        "virtual-machine-interface",
        fq,
        "virtual-network",
        networkFq,
        "virtual-machine-interface-virtual-network");
  }

  /** A port that is a VLAN of another. */
  public Config subInterface(
      String parent, String name, int vlan, String networkFq, String mac, String ip) {
    port(name, networkFq, mac, ip);
    node(
        "virtual-machine-interface",
        "default-domain:demo:" + name,
        perms(uuid(name)),
        XmlElement.of(
            "virtual-machine-interface-mac-addresses", XmlElement.text("mac-address", mac)),
        XmlElement.of(
            "virtual-machine-interface-properties",
            XmlElement.text("sub-interface-vlan-tag", Integer.toString(vlan))));
    return link(
        "virtual-machine-interface",
        "default-domain:demo:" + name,
        "virtual-machine-interface",
        "default-domain:demo:" + parent,
        "virtual-machine-interface-sub-interface");
  }

  /** Sets the allowed address pairs of a port, whose other properties stay as `port` made them. */
  public Config pairs(String name, String mac, String mode, String... prefixes) {
    List<XmlElement> pairs = new ArrayList<>();
    for (String prefix : prefixes) {
      String[] parts = prefix.split("/");
      pairs.add(
          XmlElement.of(
              "allowed-address-pair",
              XmlElement.of(
                  "ip",
                  XmlElement.text("ip-prefix", parts[0]),
                  XmlElement.text("ip-prefix-len", parts[1])),
              XmlElement.text("address-mode", mode)));
    }
    return node(
        "virtual-machine-interface",
        "default-domain:demo:" + name,
        perms(uuid(name)),
        XmlElement.of(
            "virtual-machine-interface-mac-addresses", XmlElement.text("mac-address", mac)),
        XmlElement.of("virtual-machine-interface-allowed-address-pairs", pairs));
  }

  /** A route table of a port, with one route that carries a community. */
  public Config interfaceRoutes(String port, String table, String prefix, String community) {
    node(
        "interface-route-table",
        table,
        XmlElement.of(
            "interface-route-table-routes",
            XmlElement.of(
                "route",
                XmlElement.text("prefix", prefix),
                XmlElement.of(
                    "community-attributes", XmlElement.text("community-attribute", community)))));
    return link(
        "virtual-machine-interface",
        "default-domain:demo:" + port,
        "interface-route-table",
        table,
        "virtual-machine-interface-route-table");
  }

  /** A logical router between networks by VXLAN, with the hidden network that is its own. */
  public Config router(String fq, String hiddenFq, int hiddenId, String... networks) {
    String last = hiddenFq.substring(hiddenFq.lastIndexOf(':') + 1);
    String attr = "attr(" + fq + "," + hiddenFq + ")";
    node("logical-router", fq, XmlElement.text("logical-router-type", "vxlan-routing"));
    node(
        "virtual-network",
        hiddenFq,
        perms(uuid(hiddenFq)),
        XmlElement.of("virtual-network-properties", XmlElement.text("forwarding-mode", "l3")),
        XmlElement.text("virtual-network-network-id", Integer.toString(hiddenId)));
    node("routing-instance", hiddenFq + ":" + last);
    node(
        "logical-router-virtual-network",
        attr,
        XmlElement.of(
            "value",
            XmlElement.text("logical-router-virtual-network-type", "InternalVirtualNetwork")));
    link(
        "virtual-network",
        hiddenFq,
        "routing-instance",
        hiddenFq + ":" + last,
        "virtual-network-routing-instance");
    link(
        "logical-router",
        fq,
        "logical-router-virtual-network",
        attr,
        "logical-router-virtual-network");
    link(
        "logical-router-virtual-network",
        attr,
        "virtual-network",
        hiddenFq,
        "logical-router-virtual-network");
    for (String network : networks) {
      String port = fq + "-" + network.substring(network.lastIndexOf(':') + 1);
      node("virtual-machine-interface", port, perms(uuid(port)));
      link("logical-router", fq, "virtual-machine-interface", port, "logical-router-interface");
      link(
          "virtual-machine-interface",
          port,
          "virtual-network",
          network,
          "virtual-machine-interface-virtual-network");
    }
    return this;
  }

  /** A floating address of a port, from a pool of a network. */
  public Config floating(String address, String networkFq, String port, XmlElement... more) {
    String pool = networkFq + ":pool";
    String fq = pool + ":" + address;
    List<XmlElement> properties = new ArrayList<>(List.of(more));
    properties.add(XmlElement.text("floating-ip-address", address));
    node("floating-ip-pool", pool);
    node("floating-ip", fq, properties.toArray(XmlElement[]::new));
    link(
        "virtual-network", networkFq, "floating-ip-pool", pool, "virtual-network-floating-ip-pool");
    link("floating-ip-pool", pool, "floating-ip", fq, "floating-ip-pool-floating-ip");
    return link(
        "floating-ip",
        fq,
        "virtual-machine-interface",
        "default-domain:demo:" + port,
        "floating-ip-virtual-machine-interface");
  }

  /** A group that lets everything of itself in and everything out. */
  public Config group(String fq, int id) {
    node("security-group", fq, XmlElement.text("security-group-id", Integer.toString(id)));
    acl("security-group", fq, "ingress", rule("any", group(id), any()));
    return acl("security-group", fq, "egress", rule("any", any(), any()));
  }

  public Config inGroup(String port, String groupFq) {
    return link(
        "virtual-machine-interface",
        "default-domain:demo:" + port,
        "security-group",
        groupFq,
        "virtual-machine-interface-security-group");
  }

  public Config acl(String ownerType, String owner, String name, XmlElement... rules) {
    String fq = owner + ":" + (name.isEmpty() ? "" : name + "-") + "access-control-list";
    node("access-control-list", fq, XmlElement.of("access-control-list-entries", List.of(rules)));
    return link(ownerType, owner, "access-control-list", fq, ownerType + "-access-control-list");
  }

  public Config encapsulations(String... words) {
    List<XmlElement> all = new ArrayList<>();
    for (String word : words) {
      all.add(XmlElement.text("encapsulation", word));
    }
    return node(
        "global-vrouter-config",
        "default-global-system-config:default-global-vrouter-config",
        XmlElement.of("encapsulation-priorities", all));
  }

  public static XmlElement rule(
      String protocol, List<XmlElement> source, List<XmlElement> destination) {
    return XmlElement.of(
        "acl-rule",
        XmlElement.of(
            "match-condition",
            XmlElement.text("protocol", protocol),
            XmlElement.of("src-address", source),
            portRange("src-port"),
            XmlElement.of("dst-address", destination),
            portRange("dst-port"),
            XmlElement.text("ethertype", "IPv4")),
        XmlElement.of("action-list", XmlElement.text("simple-action", "pass")),
        XmlElement.text("rule-uuid", uuid(protocol + source + destination).toString()));
  }

  private static XmlElement portRange(String name) {
    return XmlElement.of(
        name, XmlElement.text("start-port", "0"), XmlElement.text("end-port", "65535"));
  }

  public static List<XmlElement> any() {
    return List.of();
  }

  public static List<XmlElement> group(int id) {
    return List.of(XmlElement.text("security-group", Integer.toString(id)));
  }

  public static List<XmlElement> network(String fq) {
    return List.of(XmlElement.text("virtual-network", fq));
  }

  public Event update() {
    return new Event.ConfigCame(new ConfigUpdate(nodes, links));
  }

  /** One event a node and a link: as small as they come. */
  public List<Event> updates() {
    List<Event> events = new ArrayList<>();
    nodes.forEach(
        node -> events.add(new Event.ConfigCame(new ConfigUpdate(List.of(node), List.of()))));
    links.forEach(
        link -> events.add(new Event.ConfigCame(new ConfigUpdate(List.of(), List.of(link)))));
    return events;
  }

  public List<Event> deletes() {
    List<Event> events = new ArrayList<>();
    links.forEach(
        link -> events.add(new Event.ConfigCame(new ConfigDelete(List.of(), List.of(link)))));
    nodes.forEach(
        node -> events.add(new Event.ConfigCame(new ConfigDelete(List.of(node.key()), List.of()))));
    return events;
  }
}
