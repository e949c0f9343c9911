package weft.control;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.net.XmlElement;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.xmpp.AgentMessage;
import weft.xmpp.CloseReason;
import weft.xmpp.Codec;
import weft.xmpp.ConfigKey;
import weft.xmpp.ConfigLink;
import weft.xmpp.ConfigNode;
import weft.xmpp.ControlMessage;
import weft.xmpp.Decoded;
import weft.xmpp.EvpnItem;
import weft.xmpp.InetItem;
import weft.xmpp.Item;
import weft.xmpp.RouteAttributes;
import weft.xmpp.RouteRequest;
import weft.xmpp.XmppClient;
import weft.xmpp.XmppListener;
import weft.xmpp.XmppSession;

/** A vRouter agent as the control node sees one, over a real socket. */
final class TestAgent implements AutoCloseable {
  private sealed interface Heard {
    record Opened() implements Heard {}

    record Stanza(XmlElement stanza) implements Heard {}

    record Closed(String why) implements Heard {}
  }

  final String name;
  final Ipv4Address address;
  private final EventLoop loop;
  private final XmppClient client;
  private final BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
  private long id;

  // Written by the thread of the test alone, as it takes in what was heard.
  boolean isOpen;
  private boolean isClosed;
  int endsOfRib;
  int retracted;
  final Map<String, Map<String, Item>> tables = new HashMap<>();
  final Map<ConfigKey, ConfigNode> nodes = new LinkedHashMap<>();
  final Set<ConfigLink> links = new LinkedHashSet<>();
  int configMessages;

  TestAgent(String name, String address, InetSocketAddress server) {
    this.name = name;
    this.address = Ipv4Address.parse(address);
    loop = EventLoop.start("agent " + name, FaultHandler.rethrow());
    XmppListener listener =
        new XmppListener() {
          @Override
          public void opened(XmppSession session) {
            heard.add(new Heard.Opened());
          }

          @Override
          public void stanza(XmppSession session, XmlElement stanza) {
            heard.add(new Heard.Stanza(stanza));
          }

          @Override
          public void closed(XmppSession session, CloseReason reason) {
            heard.add(new Heard.Closed(reason.toString()));
          }
        };
    client =
        XmppClient.start(
            XmppClient.Options.of(name, List.of(server)).withBind(InetAddress.getLoopbackAddress()),
            loop,
            new Random(1),
            listener);
    await("to connect", () -> isOpen);
  }

  // ---- what it does

  private void send(byte[] stanzas) {
    loop.execute(() -> {
      XmppSession session = client.session();
      if (session != null) {
        session.send(stanzas);
      }
    });
  }

  /** As a wish from its config would have it. */
  void detectWithin(Duration hold) {
    loop.execute(() -> client.fastHold(hold));
  }

  /** How many keep-alives have come in the present session. */
  long keepAlives() {
    CompletableFuture<Long> count = new CompletableFuture<>();
    loop.execute(() -> {
      XmppSession session = client.session();
      count.complete(session == null ? 0 : session.statistics().keepAlivesIn());
    });
    return count.join();
  }

  void send(AgentMessage message) {
    send(Codec.write(message, name, id++));
  }

  void sendRaw(byte[] bytes) {
    send(bytes);
  }

  void subscribe(String instance, int instanceId) {
    send(new AgentMessage.Subscribe(instance, instanceId, false));
  }

  void unsubscribe(String instance) {
    send(new AgentMessage.Unsubscribe(instance));
  }

  void subscribeConfig() {
    send(
        new AgentMessage.SubscribeConfig(
            new ConfigKey("virtual-router", "default-global-system-config:" + name)));
  }

  /** Says whether a port carries packets. */
  void portActive(UUID port, boolean active) {
    ConfigKey key = new ConfigKey("virtual-machine-interface", port.toString());
    send(active ? new AgentMessage.SubscribeConfig(key) : new AgentMessage.UnsubscribeConfig(key));
  }

  void subscribeMachine(String machine) {
    send(new AgentMessage.SubscribeConfig(new ConfigKey("virtual-machine", machine)));
  }

  void unsubscribeMachine(String machine) {
    send(new AgentMessage.UnsubscribeConfig(new ConfigKey("virtual-machine", machine)));
  }

  InetItem inet(String prefix, int label) {
    return InetItem.of(
        IpPrefix.parse(prefix),
        List.of(
            InetItem.NextHop.of(
                address, label, List.of(Encapsulation.MPLS_O_GRE, Encapsulation.MPLS_O_UDP), "")),
        RouteAttributes.DEFAULT.withSecurityGroups(List.of(8_000_001L)));
  }

  EvpnItem mac(String mac, String host, int label) {
    return EvpnItem.of(
        EvpnItem.Nlri.published(0, MacAddress.parse(mac), IpPrefix.parse(host)),
        List.of(EvpnItem.NextHop.of(address, label, 0, List.of(Encapsulation.MPLS_O_UDP))),
        RouteAttributes.DEFAULT);
  }

  void publish(String instance, Item item) {
    send(Codec.write(RouteRequest.publish(instance, item), name, id++));
  }

  void withdraw(String instance, Item item) {
    send(Codec.write(RouteRequest.withdraw(instance, item), name, id++));
  }

  // ---- what it hears

  Map<String, Item> inet(String instance) {
    return tables.getOrDefault("1/1/" + instance, Map.of());
  }

  Map<String, Item> evpn(String instance) {
    return tables.getOrDefault("25/242/" + instance, Map.of());
  }

  Map<String, Item> multicast(String instance) {
    return tables.getOrDefault("1/241/" + instance, Map.of());
  }

  /** Takes in what comes until the condition holds; fails after thirty seconds. */
  void await(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
    while (!condition.getAsBoolean()) {
      try {
        Heard next = heard.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (next == null) {
          throw new AssertionError(
              name + " waited for " + what + "; it has " + tables.keySet() + " " + tables.values());
        }
        take(next);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }

  private void take(Heard next) {
    switch (next) {
      case Heard.Opened _ -> isOpen = true;
      case Heard.Closed _ -> {
        isOpen = false;
        tables.clear();
        nodes.clear();
        links.clear();
      }
      case Heard.Stanza(XmlElement stanza) ->
          take(((Decoded.Ok<ControlMessage>) Codec.readControl(stanza)).value());
    }
  }

  private void take(ControlMessage message) {
    switch (message) {
      case ControlMessage.Items items ->
          items
              .entries()
              .forEach(entry ->
                  tables
                      .computeIfAbsent(items.table(), _ -> new HashMap<>())
                      .put(entry.id(), entry.item()));
      case ControlMessage.Retract retract -> {
        retracted += retract.ids().size();
        retract
            .ids()
            .forEach(gone -> tables.getOrDefault(retract.table(), new HashMap<>()).remove(gone));
      }
      case ControlMessage.EndOfRib _ -> endsOfRib++;
      case ControlMessage.Config config -> {
        configMessages++;
        config.sections().forEach(this::take);
      }
    }
  }

  private void take(ControlMessage.ConfigSection section) {
    switch (section) {
      case ControlMessage.ConfigUpdate update -> {
        update.nodes().forEach(node -> nodes.put(node.key(), node));
        for (ConfigLink link : update.links()) {
          if (!nodes.containsKey(link.left()) || !nodes.containsKey(link.right())) {
            throw new AssertionError("link before its node: " + link);
          }
          links.add(link);
        }
      }
      case ControlMessage.ConfigDelete delete -> {
        delete.links().forEach(links::remove);
        for (ConfigKey key : delete.nodes()) {
          if (links.stream().anyMatch(l -> l.left().equals(key) || l.right().equals(key))) {
            throw new AssertionError("node gone before its links: " + key);
          }
          nodes.remove(key);
        }
      }
    }
  }

  /** Drops the connection without a word, as a killed process does. */
  @Override
  public void close() {
    if (isClosed) {
      return;
    }
    isClosed = true;
    client.close();
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(() -> loop.execute(() -> done.complete(null)));
    done.join();
    loop.close();
  }
}
