package weft.control;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.net.XmlElement;
import weft.schema.AgentWhitelist;
import weft.schema.BackReferenceType;
import weft.schema.ChildType;
import weft.schema.ComplexType;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ParentType;
import weft.schema.PropertyXml;
import weft.schema.Ref;
import weft.schema.ReferenceType;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;

/**
 * The part of the config that an agent is told: what a breadth-first walk from its virtual router
 * reaches along the whitelisted edges.
 *
 * <p>A reference that bears data is a node of its own, between two links.
 */
final class AgentGraph {
  static final String VIRTUAL_ROUTER = "virtual-router";
  static final String VIRTUAL_MACHINE = "virtual-machine";
  static final String PORT = "virtual-machine-interface";
  private static final String ROUTER_TO_MACHINE = "virtual-router-virtual-machine";

  private record Rendered(long revision, ConfigNode node) {}

  private final Map<UUID, Rendered> rendered = new HashMap<>();

  /**
   * What one agent is told.
   *
   * @param nodes in the order of the walk
   * @param objects the objects among them
   */
  record Subgraph(Map<ConfigKey, ConfigNode> nodes, Set<ConfigLink> links, Set<UUID> objects) {
    static final Subgraph EMPTY = new Subgraph(Map.of(), Set.of(), Set.of());

    static Subgraph empty() {
      return new Subgraph(new LinkedHashMap<>(), new LinkedHashSet<>(), new HashSet<>());
    }

    private void add(Subgraph more) {
      nodes.putAll(more.nodes);
      links.addAll(more.links);
      objects.addAll(more.objects);
    }
  }

  /** Forgets what was kept of an object that is gone. */
  void forget(UUID uuid) {
    rendered.remove(uuid);
  }

  /**
   * Walks from a virtual router.
   *
   * @param machines the names of the virtual machines that the agent says it has
   */
  Subgraph walk(ConfigImage image, FqName router, Set<String> machines) {
    Walk walk = new Walk(image, machines, Subgraph.EMPTY);
    ConfigObject start = image.object(VIRTUAL_ROUTER, router);
    if (start != null) {
      walk.reach(start);
      walk.go();
    }
    return walk.found;
  }

  /**
   * Walks on from where a walk has ended in the same image, when the agent has a machine more.
   *
   * @param walked is made what a walk with that machine would give
   * @return what that is more
   */
  Subgraph extend(ConfigImage image, Subgraph walked, FqName router, String machine) {
    Walk walk = new Walk(image, Set.of(), walked);
    ConfigObject start = image.object(VIRTUAL_ROUTER, router);
    if (start != null) {
      walk.followMachine(start, machine);
      walk.go();
    }
    walked.add(walk.found);
    return walk.found;
  }

  /** Whether a walk that comes to an object of a type can pass on by links of a name. */
  static boolean passes(String type, String link) {
    return AgentWhitelist.edges(type).contains(link);
  }

  private ConfigNode node(ConfigObject object) {
    Rendered known = rendered.get(object.uuid());
    if (known != null && known.revision == object.revision()) {
      return known.node;
    }
    ConfigNode node =
        new ConfigNode(key(object), PropertyXml.properties(object.type(), object.body()));
    rendered.put(object.uuid(), new Rendered(object.revision(), node));
    return node;
  }

  private static ConfigKey key(ConfigObject object) {
    return new ConfigKey(object.type().name(), object.fqName().toString());
  }

  private final class Walk {
    private final ConfigImage image;
    private final Set<String> machines;
    private final Subgraph before;
    private final Subgraph found = Subgraph.empty();
    private final Deque<ConfigObject> queue = new ArrayDeque<>();

    /**
     * @param before what was found already, and need not be followed
     */
    Walk(ConfigImage image, Set<String> machines, Subgraph before) {
      this.image = image;
      this.machines = machines;
      this.before = before;
    }

    void go() {
      for (ConfigObject next = queue.poll(); next != null; next = queue.poll()) {
        follow(next);
      }
    }

    /** Takes an object in, if agents are told of its kind at all. */
    boolean reach(@Nullable ConfigObject object) {
      if (object == null || !AgentWhitelist.contains(object.type().name())) {
        return false;
      }
      if (!before.objects.contains(object.uuid()) && found.objects.add(object.uuid())) {
        found.nodes.put(key(object), node(object));
        queue.add(object);
      }
      return true;
    }

    private void follow(ConfigObject object) {
      Set<String> edges = Set.copyOf(AgentWhitelist.edges(object.type().name()));
      UUID parentUuid = object.parentUuid();
      String parentType = object.parentType();
      ParentType parent = parentType == null ? null : object.type().parent(parentType);
      if (parent != null && parentUuid != null && edges.contains(parent.linkName())) {
        ConfigObject other = image.object(parentUuid);
        if (other != null && reach(other)) {
          link(new ConfigLink(key(other), key(object), parent.linkName()));
        }
      }
      for (ChildType child : object.type().children()) {
        if (edges.contains(child.linkName())) {
          for (ConfigObject other : image.children(object.uuid(), child.typeName())) {
            if (reach(other)) {
              link(new ConfigLink(key(object), key(other), child.linkName()));
            }
          }
        }
      }
      followReferences(object, edges);
      if (object.type().name().equals(VIRTUAL_ROUTER) && edges.contains(ROUTER_TO_MACHINE)) {
        machines.forEach(name -> followMachine(object, name));
      }
    }

    private void followReferences(ConfigObject object, Set<String> edges) {
      for (ReferenceType type : object.type().references()) {
        if (edges.contains(type.linkName())) {
          for (Ref ref : object.refs(type.targetName())) {
            ConfigObject other = image.object(ref.uuid());
            if (other != null) {
              follow(type, object, other, ref, object);
            }
          }
        }
      }
      for (BackReferenceType back : object.type().backReferences()) {
        if (edges.contains(back.reference().linkName())) {
          for (ConfigObject other : image.referrers(object.uuid(), back.typeName())) {
            for (Ref ref : other.refs(object.type().name())) {
              if (ref.uuid().equals(object.uuid())) {
                follow(back.reference(), other, object, ref, object);
              }
            }
          }
        }
      }
    }

    /**
     * Follows a reference.
     *
     * @param from the end that the walk comes from
     */
    private void follow(
        ReferenceType type,
        ConfigObject referrer,
        ConfigObject target,
        Ref ref,
        ConfigObject from) {
      ConfigObject to = from.uuid().equals(referrer.uuid()) ? target : referrer;
      ComplexType attr = type.attr();
      if (attr == null) {
        if (reach(to)) {
          link(new ConfigLink(key(referrer), key(target), type.linkName()));
        }
        return;
      }
      if (!AgentWhitelist.contains(type.linkName())) {
        return;
      }
      ConfigKey middle = middle(type, referrer, target);
      JsonNode value = ref.attr();
      XmlElement content =
          value == null ? XmlElement.text("value", "") : PropertyXml.attr(attr, value);
      if (!before.nodes.containsKey(middle)) {
        found.nodes.put(middle, new ConfigNode(middle, List.of(content)));
      }
      addLink(middle, referrer, target, from, type.linkName());
      if (AgentWhitelist.edges(type.linkName()).contains(type.linkName()) && reach(to)) {
        addLink(middle, referrer, target, to, type.linkName());
      }
    }

    private void link(ConfigLink link) {
      if (!before.links.contains(link)) {
        found.links.add(link);
      }
    }

    private void addLink(
        ConfigKey middle,
        ConfigObject referrer,
        ConfigObject target,
        ConfigObject end,
        String name) {
      link(
          end.uuid().equals(referrer.uuid())
              ? new ConfigLink(key(referrer), middle, name)
              : new ConfigLink(middle, key(target), name));
    }

    private ConfigKey middle(ReferenceType type, ConfigObject referrer, ConfigObject target) {
      boolean inOrder = referrer.type().name().compareTo(target.type().name()) <= 0;
      ConfigObject first = inOrder ? referrer : target;
      ConfigObject second = inOrder ? target : referrer;
      return new ConfigKey(type.linkName(), "attr(" + first.fqName() + "," + second.fqName() + ")");
    }

    private void followMachine(ConfigObject router, String name) {
      ConfigObject machine = image.object(VIRTUAL_MACHINE, FqName.parse(name));
      if (machine != null && reach(machine)) {
        link(new ConfigLink(key(router), key(machine), ROUTER_TO_MACHINE));
      }
    }
  }
}
