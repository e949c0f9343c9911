package weft.agent.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;

/**
 * The config that the control node sends: nodes with their properties and the links between them.
 *
 * <p>Each session is a generation: what a new one has not sent again when it is complete is swept.
 *
 * <p>Whoever reads is told the facts that the answers rest on, and later which facts have changed.
 */
final class ConfigGraph {
  private static final String VMI = "virtual-machine-interface";

  /** Names a node: its type, such as `virtual-network`, and its fq name. */
  record Node(String type, String name) implements Comparable<Node> {
    @Override
    public int compareTo(Node other) {
      int byType = type.compareTo(other.type);
      return byType != 0 ? byType : name.compareTo(other.name);
    }
  }

  /** The smallest of what can be read, and of what can change. */
  sealed interface Fact extends Readings.Source {
    /** The properties of a node. */
    record Body(Node node) implements Fact {}

    /** The neighbours of a node over links of one type. */
    record Links(Node node, String linkType, String nodeType) implements Fact {}

    /** Which nodes of a type there are. */
    record Type(String type) implements Fact {}

    /** Which node is that of a virtual-machine-interface. */
    record PortNode(UUID port) implements Fact {}
  }

  /** A link of one node, seen from that node. */
  private record Edge(String type, Node to) implements Comparable<Edge> {
    @Override
    public int compareTo(Edge other) {
      int byType = type.compareTo(other.type);
      return byType != 0 ? byType : to.compareTo(other.to);
    }
  }

  private record Stored(XmlElement body, int generation) {}

  private final Map<Node, Stored> nodes = new HashMap<>();
  private final Map<String, TreeSet<Node>> types = new HashMap<>();
  private final Map<Node, TreeMap<Edge, Integer>> edges = new HashMap<>();
  private final Map<UUID, Node> ports = new HashMap<>();
  private final Consumer<? super Fact> read;
  private Set<Fact> changed = new LinkedHashSet<>();
  private int generation;
  private long changes;

  /**
   * @param read is told each fact that is read
   */
  ConfigGraph(Consumer<? super Fact> read) {
    this.read = read;
  }

  /** Sets a node. */
  void put(Node node, XmlElement body) {
    Stored before = nodes.put(node, new Stored(body, generation));
    if (before != null && before.body().equals(body)) {
      return;
    }
    if (before == null) {
      types.computeIfAbsent(node.type(), _ -> new TreeSet<>()).add(node);
      changed(new Fact.Type(node.type()));
    } else {
      forgetPort(node, before.body());
    }
    changed(new Fact.Body(node));
    UUID uuid = node.type().equals(VMI) ? uuid(body) : null;
    if (uuid != null) {
      ports.put(uuid, node);
      changed(new Fact.PortNode(uuid));
    }
  }

  private void changed(Fact fact) {
    changes++;
    changed.add(fact);
  }

  private void forgetPort(Node node, XmlElement body) {
    UUID uuid = node.type().equals(VMI) ? uuid(body) : null;
    if (uuid != null && ports.remove(uuid, node)) {
      changed(new Fact.PortNode(uuid));
    }
  }

  void remove(Node node) {
    Stored gone = nodes.remove(node);
    if (gone != null) {
      removed(node, gone);
    }
  }

  private void removed(Node node, Stored gone) {
    types.computeIfPresent(
        node.type(),
        (_, same) -> {
          same.remove(node);
          return same.isEmpty() ? null : same;
        });
    forgetPort(node, gone.body());
    changed(new Fact.Type(node.type()));
    changed(new Fact.Body(node));
  }

  /** The facts that have changed since the last call. */
  Set<Fact> takeChanged() {
    Set<Fact> taken = changed;
    changed = new LinkedHashSet<>();
    return taken;
  }

  /** Sets a link, which has no direction. */
  void link(Node left, Node right, String type) {
    linkOne(left, new Edge(type, right));
    linkOne(right, new Edge(type, left));
  }

  private void linkOne(Node node, Edge edge) {
    if (edgesOf(node).put(edge, generation) == null) {
      changed(fact(node, edge));
    }
  }

  private static Fact fact(Node node, Edge edge) {
    return new Fact.Links(node, edge.type(), edge.to().type());
  }

  void unlink(Node left, Node right, String type) {
    unlinkOne(left, new Edge(type, right));
    unlinkOne(right, new Edge(type, left));
  }

  private void unlinkOne(Node node, Edge edge) {
    TreeMap<Edge, Integer> own = edges.get(node);
    if (own != null && own.remove(edge) != null) {
      changed(fact(node, edge));
      if (own.isEmpty()) {
        edges.remove(node);
      }
    }
  }

  private Map<Edge, Integer> edgesOf(Node node) {
    return edges.computeIfAbsent(node, _ -> new TreeMap<>());
  }

  /** A new session begins: all that is here must be sent again to stay. */
  void beginGeneration() {
    generation++;
  }

  /** Drops what this generation has not sent. */
  void sweep() {
    Iterator<Map.Entry<Node, Stored>> every = nodes.entrySet().iterator();
    while (every.hasNext()) {
      Map.Entry<Node, Stored> each = every.next();
      if (each.getValue().generation() != generation) {
        every.remove();
        removed(each.getKey(), each.getValue());
      }
    }
    edges
        .entrySet()
        .removeIf(links -> {
          links
              .getValue()
              .entrySet()
              .removeIf(edge -> {
                boolean old = edge.getValue() != generation;
                if (old) {
                  changed(fact(links.getKey(), edge.getKey()));
                }
                return old;
              });
          return links.getValue().isEmpty();
        });
  }

  /** Rises with every change. */
  long changes() {
    return changes;
  }

  /** Tells all nodes, then each link once. */
  void tell(BiConsumer<Node, XmlElement> node, LinkReader link) {
    nodes.forEach((each, stored) -> node.accept(each, stored.body()));
    edges.forEach((left, own) ->
        own.keySet().stream()
            .filter(edge -> left.compareTo(edge.to()) <= 0)
            .forEach(edge -> link.link(left, edge.to(), edge.type())));
  }

  /** Is told links. */
  interface LinkReader {
    void link(Node left, Node right, String type);
  }

  /** The properties of a node, or null if it is not known. */
  @Nullable XmlElement body(Node node) {
    read.accept(new Fact.Body(node));
    Stored stored = nodes.get(node);
    return stored == null ? null : stored.body();
  }

  /** The neighbours of `node` over links of `linkType` that are of `nodeType`, in order of name. */
  List<Node> neighbours(Node node, String linkType, String nodeType) {
    read.accept(new Fact.Links(node, linkType, nodeType));
    List<Node> found = new ArrayList<>();
    TreeMap<Edge, Integer> own = edges.get(node);
    if (own != null) {
      Edge from = new Edge(linkType, new Node(nodeType, ""));
      for (Edge edge : own.tailMap(from).keySet()) {
        if (!edge.type().equals(linkType) || !edge.to().type().equals(nodeType)) {
          break;
        }
        found.add(edge.to());
      }
    }
    return found;
  }

  /** The node of a virtual-machine-interface, or null. */
  @Nullable Node port(UUID uuid) {
    read.accept(new Fact.PortNode(uuid));
    return ports.get(uuid);
  }

  /** Whether this generation has sent the node of a virtual-machine-interface. */
  boolean isSent(UUID uuid) {
    Node node = ports.get(uuid);
    Stored stored = node == null ? null : nodes.get(node);
    return stored != null && stored.generation() == generation;
  }

  /** Nodes of one type, in order of name. */
  List<Node> ofType(String type) {
    read.accept(new Fact.Type(type));
    TreeSet<Node> found = types.get(type);
    return found == null ? List.of() : List.copyOf(found);
  }

  int size() {
    return nodes.size();
  }

  /** The object's uuid out of its `id-perms`, or null. */
  static @Nullable UUID uuid(XmlElement body) {
    XmlElement perms = body.child("id-perms");
    XmlElement uuid = perms == null ? null : perms.child("uuid");
    String high = uuid == null ? null : uuid.childText("uuid-mslong");
    String low = uuid == null ? null : uuid.childText("uuid-lslong");
    if (high == null || low == null) {
      return null;
    }
    try {
      return new UUID(Long.parseUnsignedLong(high), Long.parseUnsignedLong(low));
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
