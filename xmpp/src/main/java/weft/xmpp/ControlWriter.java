package weft.xmpp;

import java.util.ArrayList;
import java.util.List;
import weft.net.XmlElement;

/** Writes what the control node sends, once for all agents. */
final class ControlWriter {
  private static final String CONTROL = XmppServer.Options.CONTROL_NAME;
  private static final String TO_ROUTES = "\n<message from=\"" + CONTROL + "\" to=\"";
  private static final String EVENT = "\"><event xmlns=\"" + Codec.PUBSUB + "\">";
  private static final String EVENT_END = "</event></message>";
  private static final String TO_CONFIG =
      "<?xml version=\"1.0\"?>\n<iq type=\"set\" from=\"" + CONTROL + "\" to=\"";

  /** About as long as they mostly are. */
  private static final int ITEM_LENGTH = 1400;

  private static final int RETRACT_LENGTH = 48;

  private ControlWriter() {}

  static SharedMessage write(ControlMessage message) {
    return switch (message) {
      case ControlMessage.Items items -> write(items);
      case ControlMessage.Retract retract -> write(retract);
      case ControlMessage.EndOfRib _ -> endOfRib();
      case ControlMessage.Config config -> write(config);
    };
  }

  static List<SharedMessage> items(String table, List<ControlMessage.Entry> entries) {
    List<SharedMessage> messages = new ArrayList<>();
    for (int from = 0; from < entries.size(); from += ControlMessage.MAX_ITEMS) {
      int to = Math.min(entries.size(), from + ControlMessage.MAX_ITEMS);
      messages.add(write(new ControlMessage.Items(table, entries.subList(from, to))));
    }
    return messages;
  }

  static List<SharedMessage> retracts(String table, List<String> ids) {
    List<SharedMessage> messages = new ArrayList<>();
    for (int from = 0; from < ids.size(); from += ControlMessage.MAX_RETRACTS) {
      int to = Math.min(ids.size(), from + ControlMessage.MAX_RETRACTS);
      messages.add(write(new ControlMessage.Retract(table, ids.subList(from, to))));
    }
    return messages;
  }

  private static SharedMessage write(ControlMessage.Items items) {
    StringBuilder out = openItems(items.table(), items.entries().size() * ITEM_LENGTH);
    ItemWriter writer = new ItemWriter(out);
    for (ControlMessage.Entry entry : items.entries()) {
      out.append("<item id=\"");
      XmlElement.escape(entry.id(), out);
      out.append("\">");
      writer.entry(entry.item());
      out.append("</item>");
    }
    return closeItems(out);
  }

  private static SharedMessage write(ControlMessage.Retract retract) {
    StringBuilder out = openItems(retract.table(), retract.ids().size() * RETRACT_LENGTH);
    for (String id : retract.ids()) {
      out.append("<retract id=\"");
      XmlElement.escape(id, out);
      out.append("\" />");
    }
    return closeItems(out);
  }

  private static StringBuilder openItems(String table, int length) {
    StringBuilder out = new StringBuilder(length + 512).append(EVENT).append("<items node=\"");
    XmlElement.escape(table, out);
    return out.append("\">");
  }

  private static SharedMessage closeItems(StringBuilder out) {
    out.append("</items>").append(EVENT_END);
    return new SharedMessage(List.of(TO_ROUTES, out.toString()), Codec.ROUTES);
  }

  /** The marker that the reference sends, then the event without items that its agents heed. */
  private static SharedMessage endOfRib() {
    String marker = "<items node=\"" + Codec.END_OF_RIB + "\"></items>";
    return new SharedMessage(
        List.of(TO_ROUTES, EVENT + marker + EVENT_END + TO_ROUTES, EVENT + EVENT_END),
        Codec.ROUTES);
  }

  // ---- configuration ----

  /** Cuts sections into messages; nodes go out before links, links go away before nodes. */
  static List<SharedMessage> config(List<ControlMessage.ConfigSection> sections) {
    ConfigPacker packer = new ConfigPacker();
    for (ControlMessage.ConfigSection section : sections) {
      switch (section) {
        case ControlMessage.ConfigUpdate(List<ConfigNode> nodes, List<ConfigLink> links) -> {
          nodes.forEach(n -> packer.add(1, new ControlMessage.ConfigUpdate(List.of(n), List.of())));
          links.forEach(l -> packer.add(2, new ControlMessage.ConfigUpdate(List.of(), List.of(l))));
        }
        case ControlMessage.ConfigDelete(List<ConfigKey> nodes, List<ConfigLink> links) -> {
          links.forEach(l -> packer.add(2, new ControlMessage.ConfigDelete(List.of(), List.of(l))));
          nodes.forEach(n -> packer.add(1, new ControlMessage.ConfigDelete(List.of(n), List.of())));
        }
      }
    }
    return packer.messages();
  }

  /** Fills messages up to their budget with sections of one node or link each. */
  private static final class ConfigPacker {
    private final List<SharedMessage> messages = new ArrayList<>();
    private final List<ControlMessage.ConfigSection> waiting = new ArrayList<>();
    private int cost;

    void add(int weight, ControlMessage.ConfigSection section) {
      if (cost + weight > ControlMessage.CONFIG_BUDGET) {
        flush();
      }
      waiting.add(section);
      cost += weight;
    }

    private void flush() {
      if (!waiting.isEmpty()) {
        messages.add(write(new ControlMessage.Config(waiting)));
        waiting.clear();
        cost = 0;
      }
    }

    List<SharedMessage> messages() {
      flush();
      return messages;
    }
  }

  /** Neighbouring sections of one kind share one element. */
  private static SharedMessage write(ControlMessage.Config config) {
    StringBuilder out = new StringBuilder("\"><config>");
    String open = "";
    for (ControlMessage.ConfigSection section : config.sections()) {
      String kind =
          switch (section) {
            case ControlMessage.ConfigUpdate _ -> "update";
            case ControlMessage.ConfigDelete _ -> "delete";
          };
      if (!kind.equals(open)) {
        end(open, out);
        out.append('<').append(kind).append('>');
        open = kind;
      }
      write(section, out);
    }
    end(open, out);
    out.append("</config></iq>\n");
    return new SharedMessage(List.of(TO_CONFIG, out.toString()), Codec.CONFIG);
  }

  private static void end(String open, StringBuilder out) {
    if (!open.isEmpty()) {
      out.append("</").append(open).append('>');
    }
  }

  private static void write(ControlMessage.ConfigSection section, StringBuilder out) {
    switch (section) {
      case ControlMessage.ConfigUpdate(List<ConfigNode> nodes, List<ConfigLink> links) -> {
        nodes.forEach(node -> node(node.key(), node.properties(), out));
        links.forEach(link -> link(link, out));
      }
      case ControlMessage.ConfigDelete(List<ConfigKey> nodes, List<ConfigLink> links) -> {
        links.forEach(link -> link(link, out));
        nodes.forEach(key -> node(key, List.of(), out));
      }
    }
  }

  private static void node(ConfigKey key, List<XmlElement> properties, StringBuilder out) {
    out.append("<node type=\"");
    XmlElement.escape(key.type(), out);
    out.append("\"><name>");
    XmlElement.escape(key.name(), out);
    out.append("</name>");
    properties.forEach(property -> property.write(out));
    out.append("</node>");
  }

  private static void link(ConfigLink link, StringBuilder out) {
    out.append("<link>");
    node(link.left(), List.of(), out);
    node(link.right(), List.of(), out);
    out.append("<metadata type=\"");
    XmlElement.escape(link.metadata(), out);
    out.append("\" /></link>");
  }
}
