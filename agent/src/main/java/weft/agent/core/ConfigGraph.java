package weft.agent.core;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;

/**
 * The config that the control node sends: nodes with their properties and the links between them.
 *
 * <p>Each session is a generation: what a new one has not sent again when it is complete is swept.
 */
public final class ConfigGraph {
  /** Names a node: its type, such as `virtual-network`, and its fq name. */
  public record Node(String type, String name) implements Comparable<Node> {
    @Override
    public int compareTo(Node other) {
      int byType = type.compareTo(other.type);
      return byType != 0 ? byType : name.compareTo(other.name);
    }
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
  private final Map<Node, TreeMap<Edge, Integer>> edges = new HashMap<>();
  private final Map<UUID, Node> ports = new HashMap<>();
  private int generation;
  private long changes;

  /** Sets a node; returns whether that changed anything. */
  public boolean put(Node node, XmlElement body) {
    Stored before = nodes.put(node, new Stored(body, generation));
    if (before != null && before.body().equals(body)) {
      return false;
    }
    changes++;
    if (node.type().equals("virtual-machine-interface")) {
      ports.values().remove(node);
      UUID uuid = uuid(body);
      if (uuid != null) {
        ports.put(uuid, node);
      }
    }
    return true;
  }

  public boolean remove(Node node) {
    ports.values().remove(node);
    changes++;
    return nodes.remove(node) != null;
  }

  /** Sets a link, which has no direction; returns whether it is new. */
  public boolean link(Node left, Node right, String type) {
    boolean isNew = edgesOf(left).put(new Edge(type, right), generation) == null;
    edgesOf(right).put(new Edge(type, left), generation);
    if (isNew) {
      changes++;
    }
    return isNew;
  }

  public boolean unlink(Node left, Node right, String type) {
    changes++;
    boolean gone = unlinkOne(left, new Edge(type, right));
    return unlinkOne(right, new Edge(type, left)) || gone;
  }

  private boolean unlinkOne(Node node, Edge edge) {
    TreeMap<Edge, Integer> own = edges.get(node);
    if (own == null || own.remove(edge) == null) {
      return false;
    }
    if (own.isEmpty()) {
      edges.remove(node);
    }
    return true;
  }

  private Map<Edge, Integer> edgesOf(Node node) {
    return edges.computeIfAbsent(node, _ -> new TreeMap<>());
  }

  /** A new session begins: all that is here must be sent again to stay. */
  public void beginGeneration() {
    generation++;
  }

  /** Drops what this generation has not sent; returns whether that was anything. */
  public boolean sweep() {
    boolean changed =
        nodes
            .entrySet()
            .removeIf(entry -> {
              boolean old = entry.getValue().generation() != generation;
              if (old) {
                ports.values().remove(entry.getKey());
              }
              return old;
            });
    Iterator<TreeMap<Edge, Integer>> all = edges.values().iterator();
    while (all.hasNext()) {
      TreeMap<Edge, Integer> own = all.next();
      changed |= own.values().removeIf(written -> written != generation);
      if (own.isEmpty()) {
        all.remove();
      }
    }
    if (changed) {
      changes++;
    }
    return changed;
  }

  /** Rises with every change. */
  public long changes() {
    return changes;
  }

  /** Tells all nodes, then each link once. */
  public void tell(BiConsumer<Node, XmlElement> node, LinkReader link) {
    nodes.forEach((each, stored) -> node.accept(each, stored.body()));
    edges.forEach((left, own) ->
        own.keySet().stream()
            .filter(edge -> left.compareTo(edge.to()) <= 0)
            .forEach(edge -> link.link(left, edge.to(), edge.type())));
  }

  /** Is told links. */
  public interface LinkReader {
    void link(Node left, Node right, String type);
  }

  /** The properties of a node, or null if it is not known. */
  public @Nullable XmlElement body(Node node) {
    Stored stored = nodes.get(node);
    return stored == null ? null : stored.body();
  }

  /** The neighbours of `node` over links of `linkType` that are of `nodeType`, in order of name. */
  public List<Node> neighbours(Node node, String linkType, String nodeType) {
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
  public @Nullable Node port(UUID uuid) {
    return ports.get(uuid);
  }

  /** Whether this generation has sent the node of a virtual-machine-interface. */
  public boolean isSent(UUID uuid) {
    Node node = ports.get(uuid);
    Stored stored = node == null ? null : nodes.get(node);
    return stored != null && stored.generation() == generation;
  }

  /** Nodes of one type, in order of name. */
  public List<Node> ofType(String type) {
    return nodes.keySet().stream().filter(node -> node.type().equals(type)).sorted().toList();
  }

  public int size() {
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
