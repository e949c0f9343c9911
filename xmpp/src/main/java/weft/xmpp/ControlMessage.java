package weft.xmpp;

import java.util.List;

/** What the control node tells an agent in one stanza. */
public sealed interface ControlMessage {

  /** Routes of one table (`items` node) that came or changed: at most {@link #MAX_ITEMS}. */
  record Items(String table, List<Entry> entries) implements ControlMessage {
    public Items {
      entries = List.copyOf(entries);
    }
  }

  /** A route under its id. */
  record Entry(String id, Item item) {
    public static Entry of(InetItem item) {
      return new Entry(item.id(), item);
    }

    public static Entry of(EvpnItem item) {
      return new Entry(item.id(), item);
    }
  }

  /** Routes of one table that are gone: at most {@link #MAX_RETRACTS}. */
  record Retract(String table, List<String> ids) implements ControlMessage {
    public Retract {
      ids = List.copyOf(ids);
    }
  }

  /** All routes of all subscriptions have been sent. */
  record EndOfRib() implements ControlMessage {}

  /** Configuration, in the order in which it is to be applied. */
  record Config(List<ConfigSection> sections) implements ControlMessage {
    public Config {
      sections = List.copyOf(sections);
    }
  }

  /** One `update` or `delete` of a configuration message. */
  sealed interface ConfigSection {}

  /** Nodes are applied before links. */
  record ConfigUpdate(List<ConfigNode> nodes, List<ConfigLink> links) implements ConfigSection {
    public ConfigUpdate {
      nodes = List.copyOf(nodes);
      links = List.copyOf(links);
    }
  }

  /** Links are removed before nodes. */
  record ConfigDelete(List<ConfigKey> nodes, List<ConfigLink> links) implements ConfigSection {
    public ConfigDelete {
      nodes = List.copyOf(nodes);
      links = List.copyOf(links);
    }
  }

  int MAX_ITEMS = 32;
  int MAX_RETRACTS = 256;

  /** What one configuration message may hold: a node counts 1, a link 2. */
  int CONFIG_BUDGET = 16;
}
