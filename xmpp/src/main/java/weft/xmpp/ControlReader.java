package weft.xmpp;

import java.util.ArrayList;
import java.util.List;
import weft.net.XmlElement;

/** Reads what control nodes send. */
final class ControlReader {
  private ControlReader() {}

  static ControlMessage read(ElementReader stanza) {
    return switch (stanza.name()) {
      case "message" -> message(stanza);
      case "iq" -> config(stanza.required("config"));
      default -> throw new ElementReader.Bad("unknown stanza " + stanza.name());
    };
  }

  /** If items and retracts were mixed, only the retracts would count. */
  private static ControlMessage message(ElementReader message) {
    ElementReader event = message.required("event");
    if (AgentReader.isEndOfRib(event)) {
      return new ControlMessage.EndOfRib();
    }
    ElementReader items = event.required("items");
    String table = items.requiredAttribute("node");
    List<XmlElement> retracts = items.element().children("retract");
    if (!retracts.isEmpty()) {
      return new ControlMessage.Retract(
          table, retracts.stream().map(r -> new ElementReader(r).requiredAttribute("id")).toList());
    }
    String family = AgentReader.family(table);
    return new ControlMessage.Items(
        table,
        items.element().children("item").stream()
            .map(item ->
                new ControlMessage.Entry(
                    new ElementReader(item).requiredAttribute("id"), ItemReader.read(family, item)))
            .toList());
  }

  private static ControlMessage config(ElementReader config) {
    List<ControlMessage.ConfigSection> sections = new ArrayList<>();
    for (XmlElement section : config.element().children()) {
      ElementReader reader = new ElementReader(section);
      switch (section.name()) {
        case "update" ->
            sections.add(
                new ControlMessage.ConfigUpdate(
                    section.children("node").stream().map(ControlReader::node).toList(),
                    links(reader)));
        case "delete" ->
            sections.add(
                new ControlMessage.ConfigDelete(
                    section.children("node").stream().map(ControlReader::key).toList(),
                    links(reader)));
        default -> {}
      }
    }
    return new ControlMessage.Config(sections);
  }

  private static ConfigNode node(XmlElement node) {
    return new ConfigNode(
        key(node), node.children().stream().filter(c -> !c.name().equals("name")).toList());
  }

  private static ConfigKey key(XmlElement node) {
    ElementReader reader = new ElementReader(node);
    return new ConfigKey(reader.requiredAttribute("type"), reader.required("name").text());
  }

  private static List<ConfigLink> links(ElementReader section) {
    return section.element().children("link").stream().map(ControlReader::link).toList();
  }

  private static ConfigLink link(XmlElement link) {
    List<XmlElement> ends = link.children("node");
    if (ends.size() != 2) {
      throw new ElementReader.Bad("a link has two ends, not " + ends.size());
    }
    XmlElement metadata = link.child("metadata");
    String type = metadata == null ? null : metadata.attribute("type");
    return new ConfigLink(key(ends.getFirst()), key(ends.getLast()), type == null ? "" : type);
  }
}
