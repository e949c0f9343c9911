package weft.xmpp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;
import weft.state.io.Connection;
import weft.state.io.Listener;

/**
 * Keeps one session with the first control node of a list that answers. Methods but `start` are
 * called on the loop.
 */
public final class XmppClient implements AutoCloseable {

  /**
   * @param name the agent's own name
   * @param servers tried in turn
   * @param bind the source address, or null for any
   * @param control the JID of the control node
   * @param maxBackOff the longest wait between two attempts
   */
  public record Options(
      String name,
      List<InetSocketAddress> servers,
      @Nullable InetAddress bind,
      String control,
      String subCluster,
      Duration holdTime,
      Duration openTime,
      Duration maxBackOff,
      int maxStanzaBytes,
      int maxQueuedBytes) {
    public Options {
      servers = List.copyOf(servers);
      if (servers.isEmpty()) {
        throw new IllegalArgumentException("no server to connect to");
      }
      for (InetSocketAddress server : servers) {
        if (server.isUnresolved()) {
          throw new IllegalArgumentException("unknown server " + server);
        }
      }
    }

    public static Options of(String name, List<InetSocketAddress> servers) {
      return new Options(
          name,
          servers,
          null,
          XmppServer.Options.CONTROL_NAME,
          "",
          Duration.ofSeconds(90),
          Duration.ofSeconds(15),
          Duration.ofSeconds(5),
          4 << 20,
          1 << 20);
    }

    public Options withBind(InetAddress address) {
      return new Options(
          name,
          servers,
          address,
          control,
          subCluster,
          holdTime,
          openTime,
          maxBackOff,
          maxStanzaBytes,
          maxQueuedBytes);
    }

    public Options withHoldTime(Duration time) {
      return new Options(
          name,
          servers,
          bind,
          control,
          subCluster,
          time,
          openTime,
          maxBackOff,
          maxStanzaBytes,
          maxQueuedBytes);
    }
  }

  private final Options options;
  private final Loop loop;
  private final Link link;
  private @Nullable SocketChannel dialling;
  private InetSocketAddress server;
  private int attempts;
  private int flaps;
  private String lastFailure = "";

  private XmppClient(Options options, Loop loop, RandomGenerator random, XmppListener listener) {
    this.options = options;
    this.loop = loop;
    this.server = options.servers().getFirst();
    Fsm.Config config =
        new Fsm.Config(
            Fsm.Role.CLIENT,
            options.name(),
            options.control(),
            options.subCluster(),
            options.holdTime(),
            options.openTime(),
            options.maxBackOff());
    this.link = new Link(config, loop, random, new Attempts(), listener);
  }

  /** Starts to connect; calls the listener on `loop`. May be called from any thread. */
  public static XmppClient start(
      Options options, Loop loop, RandomGenerator random, XmppListener listener) {
    XmppClient client = new XmppClient(options, loop, random, listener);
    loop.execute(client.link::start);
    return client;
  }

  /** The session, or null while there is none. */
  public @Nullable XmppSession session() {
    return link.session();
  }

  /** What it is doing, for people: server, state, attempts, last failure. */
  public Status status() {
    return new Status(
        server, link.state().getClass().getSimpleName(), attempts, flaps, lastFailure);
  }

  /**
   * @param attempts since the last session was opened
   * @param flaps sessions lost since the start
   * @param lastFailure empty if there was none
   */
  public record Status(
      InetSocketAddress server, String state, int attempts, int flaps, String lastFailure) {}

  /** Ends the session and makes no more. May be called from any thread. */
  @Override
  public void close() {
    loop.execute(
        () -> link.stop(new CloseReason(CloseReason.Kind.LOCAL_CLOSED, "the client is closed")));
  }

  /** Runs on a thread of its own, since connecting blocks. */
  private void connect(SocketChannel channel, InetSocketAddress to) {
    try {
      if (options.bind() != null) {
        channel.bind(new InetSocketAddress(options.bind(), 0));
      }
      channel.connect(to);
      Connection<Message> connection =
          new Connection<>(
              channel, loop, new Framer(options.maxStanzaBytes()), link, options.maxQueuedBytes());
      loop.execute(() -> connected(channel, connection));
    } catch (IOException e) {
      loop.execute(() -> notConnected(channel, String.valueOf(e.getMessage())));
    }
  }

  private void connected(SocketChannel channel, Connection<Message> connection) {
    if (channel.equals(dialling)) {
      dialling = null;
      link.connected(connection);
    } else {
      Listener.close(channel);
    }
  }

  private void notConnected(SocketChannel channel, String reason) {
    Listener.close(channel);
    if (channel.equals(dialling)) {
      dialling = null;
      link.notConnected(new CloseReason(CloseReason.Kind.CONNECT_FAILED, server + ": " + reason));
    }
  }

  /** The client's side of its link. */
  private final class Attempts implements Link.Host {
    @Override
    public Fsm.Admission admit(Link admitted, Message.StreamOpen open) {
      return Fsm.Admission.ACCEPT;
    }

    @Override
    public void dial(Link dialled, int attempt) {
      attempts++;
      server = options.servers().get(attempt % options.servers().size());
      InetSocketAddress to = server;
      try {
        SocketChannel channel = SocketChannel.open();
        dialling = channel;
        Thread.ofVirtual().name("xmpp-connect " + to).start(() -> connect(channel, to));
      } catch (IOException e) {
        CloseReason reason =
            new CloseReason(CloseReason.Kind.CONNECT_FAILED, String.valueOf(e.getMessage()));
        loop.execute(() -> link.notConnected(reason));
      }
    }

    @Override
    public void hangUp(Link hung) {
      SocketChannel channel = dialling;
      dialling = null;
      if (channel != null) {
        Listener.close(channel);
      }
    }

    @Override
    public void opened(Link opened, Session session) {
      attempts = 0;
    }

    @Override
    public void ended(Link ended, @Nullable Session session, CloseReason reason) {
      lastFailure = reason.toString();
      if (session != null) {
        flaps++;
      }
    }
  }
}
