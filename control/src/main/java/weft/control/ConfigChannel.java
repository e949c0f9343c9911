package weft.control;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ParentType;
import weft.schema.Ref;
import weft.state.Change;
import weft.xmpp.Codec;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage;
import weft.xmpp.SharedMessage;
import weft.xmpp.XmppSession;

/**
 * Tells each agent its part of the config, and from then on what changes in it.
 *
 * <p>An agent that does not keep up is told the difference between what it was told last and what
 * is true when it takes more. Belongs to the node's loop.
 */
final class ConfigChannel {
  private static final class Client {
    final XmppSession session;
    final FqName router;
    final Set<String> machines = new TreeSet<>();
    AgentGraph.Subgraph told = AgentGraph.Subgraph.empty();
    boolean behind;

    Client(XmppSession session, FqName router) {
      this.session = session;
      this.router = router;
    }

    boolean has(XmppSession other) {
      return session.serial() == other.serial();
    }
  }

  private final AgentGraph graph = new AgentGraph();
  private final Map<String, Client> clients = new TreeMap<>();
  private final Consumer<String> portUp;
  private ConfigImage image = ConfigImage.EMPTY;

  /** What each agent with a session says of its ports; it need not ask for config here. */
  private final Map<String, Set<String>> ports = new TreeMap<>();

  /** How many agents say of a port that it carries packets; read by other threads too. */
  private final Map<String, Integer> active = new ConcurrentHashMap<>();

  /** The virtual router of each agent with a session; read by other threads too. */
  private final Map<String, FqName> routers = new ConcurrentHashMap<>();

  /**
   * @param portUp is told of each port that begins to carry packets somewhere
   */
  ConfigChannel(Consumer<String> portUp) {
    this.portUp = portUp;
  }

  /** Whether the agent of a virtual router has a session; any thread may ask. */
  boolean isConnected(FqName router) {
    return routers.containsValue(router);
  }

  /** An agent asks for its virtual router; asking again changes nothing. */
  void subscribe(XmppSession session, String router) {
    Client known = clients.get(session.name());
    if (known != null && known.has(session)) {
      return;
    }
    Client client = new Client(session, FqName.parse(router));
    routers.put(session.name(), client.router);
    clients.put(session.name(), client);
    refresh(client);
  }

  void unsubscribe(String agent) {
    clients.remove(agent);
  }

  /** The session with an agent is over. */
  void lost(String agent) {
    clients.remove(agent);
    routers.remove(agent);
    Set<String> told = ports.remove(agent);
    if (told != null) {
      told.forEach(this::left);
    }
  }

  private void left(String port) {
    active.computeIfPresent(port, (_, count) -> count == 1 ? null : count - 1);
  }

  /** Whether an agent says that the port carries packets; any thread may ask. */
  boolean isActive(String port) {
    return active.containsKey(port);
  }

  /** An agent says that a port carries packets now. */
  void addPort(String agent, String port) {
    if (ports.computeIfAbsent(agent, _ -> new TreeSet<>()).add(port)) {
      if (active.merge(port, 1, Integer::sum) == 1) {
        portUp.accept(port);
      }
    }
  }

  void removePort(String agent, String port) {
    Set<String> told = ports.get(agent);
    if (told != null && told.remove(port)) {
      left(port);
    }
  }

  /** An agent says that it has a virtual machine, whether or not that is known yet. */
  void addMachine(XmppSession session, String machine) {
    Client client = clients.get(session.name());
    if (client != null && client.has(session) && client.machines.add(machine)) {
      if (client.behind || !client.session.writable()) {
        refresh(client);
      } else {
        AgentGraph.Subgraph more = graph.extend(image, client.told, client.router, machine);
        tell(client, difference(AgentGraph.Subgraph.EMPTY, more));
      }
    }
  }

  void removeMachine(XmppSession session, String machine) {
    Client client = clients.get(session.name());
    if (client != null && client.has(session) && client.machines.remove(machine)) {
      refresh(client);
    }
  }

  /** The session takes more again. */
  void writable(XmppSession session) {
    Client client = clients.get(session.name());
    if (client != null && client.has(session) && client.behind) {
      refresh(client);
    }
  }

  void changed(ConfigDelta delta, ConfigImage next) {
    image = next;
    Set<UUID> touched = new HashSet<>();
    Set<String> names = new HashSet<>();
    for (Change<UUID, ConfigObject> change : delta.objects()) {
      ConfigObject before = change.before();
      if (before != null) {
        touch(before, touched, names);
      }
      switch (change) {
        case Change.Put<UUID, ConfigObject> put -> touch(put.after(), touched, names);
        case Change.Remove<UUID, ConfigObject> remove -> graph.forget(remove.key());
      }
    }
    for (Client client : clients.values()) {
      if (concerns(client, touched, names)) {
        refresh(client);
      }
    }
  }

  /** The object itself, and those from which a walk may come to it. */
  private static void touch(ConfigObject object, Set<UUID> touched, Set<String> names) {
    touched.add(object.uuid());
    UUID parent = object.parentUuid();
    String parentType = object.parentType();
    ParentType type = parentType == null ? null : object.type().parent(parentType);
    if (parent != null && type != null && AgentGraph.passes(type.typeName(), type.linkName())) {
      touched.add(parent);
    }
    object
        .type()
        .references()
        .forEach(reference -> {
          if (AgentGraph.passes(reference.targetName(), reference.linkName())) {
            for (Ref ref : object.refs(reference.targetName())) {
              touched.add(ref.uuid());
            }
          }
        });
    if (object.type().name().equals(AgentGraph.VIRTUAL_MACHINE)
        || object.type().name().equals(AgentGraph.VIRTUAL_ROUTER)) {
      names.add(object.fqName().toString());
    }
  }

  private static boolean concerns(Client client, Set<UUID> touched, Set<String> names) {
    if (names.contains(client.router.toString())) {
      return true;
    }
    for (String machine : client.machines) {
      if (names.contains(machine)) {
        return true;
      }
    }
    Set<UUID> told = client.told.objects();
    return told.size() < touched.size()
        ? told.stream().anyMatch(touched::contains)
        : touched.stream().anyMatch(told::contains);
  }

  private void refresh(Client client) {
    client.behind = !client.session.writable();
    if (client.behind) {
      return;
    }
    AgentGraph.Subgraph now = graph.walk(image, client.router, client.machines);
    List<ControlMessage.ConfigSection> sections = difference(client.told, now);
    client.told = now;
    tell(client, sections);
  }

  private static void tell(Client client, List<ControlMessage.ConfigSection> sections) {
    if (!sections.isEmpty()) {
      for (SharedMessage message : Codec.config(sections)) {
        client.session.send(message, client.router.toString());
      }
    }
  }

  /** What leads from one subgraph to another: what comes first, then what goes. */
  static List<ControlMessage.ConfigSection> difference(
      AgentGraph.Subgraph before, AgentGraph.Subgraph after) {
    List<ConfigNode> nodes = new ArrayList<>();
    after
        .nodes()
        .forEach((key, node) -> {
          if (!node.equals(before.nodes().get(key))) {
            nodes.add(node);
          }
        });
    List<ConfigLink> links = new ArrayList<>(after.links());
    links.removeIf(before.links()::contains);
    List<ConfigKey> goneNodes = new ArrayList<>(before.nodes().keySet());
    goneNodes.removeIf(after.nodes()::containsKey);
    List<ConfigLink> goneLinks = new ArrayList<>(before.links());
    goneLinks.removeIf(after.links()::contains);
    List<ControlMessage.ConfigSection> sections = new ArrayList<>();
    if (!nodes.isEmpty() || !links.isEmpty()) {
      sections.add(new ControlMessage.ConfigUpdate(nodes, links));
    }
    if (!goneNodes.isEmpty() || !goneLinks.isEmpty()) {
      sections.add(new ControlMessage.ConfigDelete(goneNodes, goneLinks));
    }
    return sections;
  }

  /** What an agent has been told, by name of node; null if it has not asked. */
  @Nullable Map<String, ConfigNode> told(String agent) {
    Client client = clients.get(agent);
    if (client == null) {
      return null;
    }
    Map<String, ConfigNode> found = new LinkedHashMap<>();
    client.told.nodes().forEach((key, node) -> found.put(key.toString(), node));
    return found;
  }

  /** The links that an agent has been told. */
  Set<ConfigLink> toldLinks(String agent) {
    Client client = clients.get(agent);
    return client == null ? Set.of() : client.told.links();
  }

  /** The ports of which an agent says that they carry packets. */
  Set<String> ports(String agent) {
    return Set.copyOf(ports.getOrDefault(agent, Set.of()));
  }

  /** The virtual machines that an agent says it has. */
  Set<String> machines(String agent) {
    Client client = clients.get(agent);
    return client == null ? Set.of() : Set.copyOf(client.machines);
  }
}
