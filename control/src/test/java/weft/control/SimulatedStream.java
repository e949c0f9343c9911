package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import weft.net.Ipv4Address;
import weft.net.XmlElement;
import weft.xmpp.AgentMessage;
import weft.xmpp.CloseReason;
import weft.xmpp.Codec;
import weft.xmpp.ControlMessage;
import weft.xmpp.Decoded;
import weft.xmpp.Item;
import weft.xmpp.RouteRequest;
import weft.xmpp.SharedMessage;
import weft.xmpp.XmppSession;

/**
 * A stream between an agent and a control node: bytes in order, both ways, that take any time. Each
 * end finds out for itself that it is over.
 */
final class SimulatedStream implements XmppSession {
  private static final int LIMIT = 3;
  private static long serials;

  private final SimulatedNode node;
  private final String agent;
  private final Ipv4Address address;
  private final long serial = ++serials;
  private final Deque<byte[]> toNode = new ArrayDeque<>();
  private final Deque<byte[]> toAgent = new ArrayDeque<>();
  private boolean atNode = true;
  private boolean atAgent = true;
  private boolean full;
  private long id;

  // What the agent has, as it does it: of what it is subscribed to alone.
  final Set<String> subscribed = new TreeSet<>();
  final Map<String, Map<String, Item>> heard = new TreeMap<>();
  int endsOfRib;

  SimulatedStream(SimulatedNode node, String agent, Ipv4Address address) {
    this.node = node;
    this.agent = agent;
    this.address = address;
    node.agents.opened(this);
  }

  SimulatedNode node() {
    return node;
  }

  boolean isUp() {
    return atNode && atAgent;
  }

  boolean isIdle() {
    return toNode.isEmpty() && toAgent.isEmpty();
  }

  // ---- the agent's end

  /** The agent thinks that it has this session. */
  boolean atAgent() {
    return atAgent;
  }

  void tell(AgentMessage message) {
    switch (message) {
      case AgentMessage.Subscribe m -> subscribed.add(m.instance());
      case AgentMessage.Unsubscribe m -> {
        subscribed.remove(m.instance());
        heard.keySet().removeIf(table -> table.endsWith("/" + m.instance()));
      }
      default -> {}
    }
    toNode.add(Codec.write(message, agent, id++));
  }

  void tell(RouteRequest request) {
    toNode.add(Codec.write(request, agent, id++));
  }

  /** Something that the node sent arrives. */
  void hear() {
    byte[] bytes = toAgent.poll();
    if (bytes == null) {
      return;
    }
    if (atAgent) {
      for (Decoded<XmlElement> stanza : Codec.stanzas(bytes)) {
        take(value(Codec.readControl(value(stanza))));
      }
    }
    if (full && toAgent.size() <= LIMIT / 2) {
      full = false;
      if (atNode) {
        node.agents.writable(this);
      }
    }
  }

  private static <T> T value(Decoded<T> decoded) {
    assertThat(decoded).isInstanceOf(Decoded.Ok.class);
    return ((Decoded.Ok<T>) decoded).value();
  }

  private void take(ControlMessage message) {
    switch (message) {
      case ControlMessage.Items items -> {
        if (subscribed.contains(instance(items.table()))) {
          items.entries().forEach(entry -> table(items.table()).put(entry.id(), entry.item()));
        }
      }
      case ControlMessage.Retract gone -> gone.ids().forEach(table(gone.table())::remove);
      case ControlMessage.EndOfRib _ -> endsOfRib++;
      case ControlMessage.Config _ -> throw new AssertionError("nobody asked for config");
    }
  }

  private Map<String, Item> table(String node) {
    return heard.computeIfAbsent(node, _ -> new TreeMap<>());
  }

  private static String instance(String table) {
    return table.split("/", 3)[2];
  }

  /** The agent finds out that the connection is gone. */
  void lostAtAgent() {
    atAgent = false;
    toNode.clear();
  }

  // ---- the node's end

  /** Something that the agent sent arrives. */
  void deliver() {
    byte[] bytes = toNode.poll();
    if (bytes != null && atNode) {
      for (Decoded<XmlElement> stanza : Codec.stanzas(bytes)) {
        node.agents.stanza(this, value(stanza));
      }
    }
  }

  /** The node finds out that the connection is gone. */
  void lostAtNode() {
    if (atNode) {
      atNode = false;
      toAgent.clear();
      node.agents.closed(this, new CloseReason(CloseReason.Kind.PEER_CLOSED, ""));
    }
  }

  @Override
  public String name() {
    return agent;
  }

  @Override
  public InetSocketAddress remoteAddress() {
    return SimulatedNode.socket(address, 40000);
  }

  @Override
  public InetSocketAddress localAddress() {
    return SimulatedNode.socket(node.address, 5269);
  }

  @Override
  public long serial() {
    return serial;
  }

  @Override
  public void send(byte[] stanzas) {
    toAgent.add(stanzas);
  }

  @Override
  public void send(SharedMessage message, String to) {
    toAgent.add(message.bytesFor(to));
  }

  @Override
  public boolean writable() {
    full |= toAgent.size() >= LIMIT;
    return !full;
  }

  @Override
  public void close(String reason) {
    throw new AssertionError("the node ends a session: " + reason);
  }

  @Override
  public Statistics statistics() {
    return new Statistics(0, 0, 0, 0, 0, 0, List.copyOf(toAgent).size());
  }
}
