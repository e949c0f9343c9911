package weft.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Supplier;
import weft.agent.core.Config;
import weft.net.XmlElement;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.xmpp.AgentMessage;
import weft.xmpp.CloseReason;
import weft.xmpp.Codec;
import weft.xmpp.ControlMessage;
import weft.xmpp.Decoded;
import weft.xmpp.PublishAssembler;
import weft.xmpp.RouteRequest;
import weft.xmpp.XmppListener;
import weft.xmpp.XmppServer;
import weft.xmpp.XmppSession;

/** The control node's end of the channel, under the hand of a test. */
final class ControlSide implements AutoCloseable, XmppListener {
  private final EventLoop loop = EventLoop.start("control-side", FaultHandler.rethrow());
  private final XmppServer server;
  private final List<AgentMessage> heard = new ArrayList<>();
  private final List<RouteRequest> routes = new ArrayList<>();
  private PublishAssembler assembler = new PublishAssembler();
  private XmppSession session;
  private int sessions;
  private boolean closed;

  private ControlSide(InetSocketAddress address) throws IOException {
    server = XmppServer.start(XmppServer.Options.of(address), loop, this);
  }

  static ControlSide start(int port) throws IOException {
    return new ControlSide(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  InetSocketAddress address() {
    return ask(() -> server.addresses().getFirst());
  }

  <T> T ask(Supplier<T> question) {
    FutureTask<T> task = new FutureTask<>(question::get);
    loop.execute(task);
    try {
      return task.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  void send(ControlMessage message) {
    ask(() -> {
      session.send(Codec.write(message));
      return true;
    });
  }

  void send(Config config) {
    ask(() -> {
      List<ControlMessage.ConfigSection> sections =
          List.of(new ControlMessage.ConfigUpdate(config.nodes, config.links));
      Codec.config(sections).forEach(session::send);
      return true;
    });
  }

  /** Drops the agent's session. */
  void drop() {
    ask(() -> {
      session.close("test");
      return true;
    });
  }

  List<AgentMessage> heard() {
    return ask(() -> List.copyOf(heard));
  }

  List<RouteRequest> routes() {
    return ask(() -> List.copyOf(routes));
  }

  int sessions() {
    return ask(() -> sessions);
  }

  /** How many keep-alives have come in the present session. */
  long keepAlives() {
    return ask(() -> session.statistics().keepAlivesIn());
  }

  void forget() {
    ask(() -> {
      heard.clear();
      routes.clear();
      return true;
    });
  }

  @Override
  public void opened(XmppSession opened) {
    session = opened;
    sessions++;
    assembler = new PublishAssembler();
  }

  @Override
  public void stanza(XmppSession from, XmlElement stanza) {
    if (!(Codec.readAgent(stanza) instanceof Decoded.Ok<AgentMessage>(AgentMessage message))) {
      throw new AssertionError("not readable: " + stanza);
    }
    heard.add(message);
    PublishAssembler.Outcome outcome =
        switch (message) {
          case AgentMessage.Publish publish -> assembler.publish(publish);
          case AgentMessage.Collect collect -> assembler.collect(collect);
          default -> null;
        };
    if (outcome instanceof PublishAssembler.Outcome.Complete(RouteRequest request)) {
      routes.add(request);
    } else if (outcome instanceof PublishAssembler.Outcome.Dropped(String reason)) {
      throw new AssertionError("dropped: " + reason);
    }
  }

  @Override
  public void closed(XmppSession closed, CloseReason reason) {}

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    server.close();
    boolean _ = ask(() -> true); // its sessions are closed by now
    loop.close();
  }
}
