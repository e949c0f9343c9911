package weft.xmpp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;
import weft.state.io.Connection;
import weft.state.io.Listener;
import weft.state.io.Transport;

/**
 * Keeps one session with a control node out of several. Methods but `start` are called on the loop.
 */
public final class XmppClient implements AutoCloseable {

  /**
   * @param name the agent's own name
   * @param servers tried in turn
   * @param bind the source address, or null for any
   * @param control the JID of the control node
   * @param maxBackOff the longest wait between two attempts
   * @param tls if not null, nothing is told to a control node without it; the node's certificate
   *     must have the node's address, host name or JID
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
      int maxQueuedBytes,
      @Nullable TlsIdentity tls) {
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
          1 << 20,
          null);
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
          maxQueuedBytes,
          tls);
    }

    public Options withTls(@Nullable TlsIdentity identity) {
      return new Options(
          name,
          servers,
          bind,
          control,
          subCluster,
          holdTime,
          openTime,
          maxBackOff,
          maxStanzaBytes,
          maxQueuedBytes,
          identity);
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
          maxQueuedBytes,
          tls);
    }
  }

  private final Options options;
  private final IntFunction<InetSocketAddress> servers;
  private final Loop loop;
  private final Link link;
  private @Nullable SocketChannel dialling;
  private InetSocketAddress server;
  private int attempts;
  private int flaps;
  private String lastFailure = "";

  private XmppClient(
      Options options,
      IntFunction<InetSocketAddress> servers,
      Loop loop,
      RandomGenerator random,
      XmppListener listener) {
    this.options = options;
    this.servers = servers;
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

  /** Starts to connect, to its servers in turn; calls the listener on `loop`. */
  public static XmppClient start(
      Options options, Loop loop, RandomGenerator random, XmppListener listener) {
    List<InetSocketAddress> all = options.servers();
    return start(options, attempt -> all.get(attempt % all.size()), loop, random, listener);
  }

  /**
   * Starts to connect; calls the listener on `loop`. May be called from any thread.
   *
   * @param servers where to go at an attempt, counted from 0 since a session last proved steady;
   *     asked on the loop
   */
  public static XmppClient start(
      Options options,
      IntFunction<InetSocketAddress> servers,
      Loop loop,
      RandomGenerator random,
      XmppListener listener) {
    XmppClient client = new XmppClient(options, servers, loop, random, listener);
    loop.execute(client.link::start);
    return client;
  }

  /**
   * Detects the failure of control nodes within `hold` from now on; null for the hold time of the
   * options. The session goes on: the control node is held to it once its own keep-alives come that
   * often. Called on the loop.
   */
  public void fastHold(@Nullable Duration hold) {
    link.fastHold(hold);
  }

  /** The session, or null while there is none. */
  public @Nullable XmppSession session() {
    return link.session();
  }

  /** What it is doing, for people: server, state, attempts, last failure. */
  public Status status() {
    return new Status(
        server, link.state().getClass().getSimpleName(), attempts, flaps, lastFailure, link.hold());
  }

  /**
   * @param attempts since the last session was opened
   * @param flaps sessions lost since the start
   * @param lastFailure empty if there was none
   * @param hold how long the control node may be silent at present
   */
  public record Status(
      InetSocketAddress server,
      String state,
      int attempts,
      int flaps,
      String lastFailure,
      Duration hold) {}

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
              channel,
              transport(channel, to),
              loop,
              new Framer(options.maxStanzaBytes()),
              link,
              options.maxQueuedBytes());
      loop.execute(() -> connected(channel, connection));
    } catch (IOException e) {
      loop.execute(() -> notConnected(channel, String.valueOf(e.getMessage())));
    }
  }

  private Transport transport(SocketChannel channel, InetSocketAddress to) throws IOException {
    TlsIdentity identity = options.tls();
    if (identity == null) {
      return new Transport.Plain(channel);
    }
    StartTls.Secured secured =
        StartTls.client(channel, options.name(), options.control(), identity.context());
    List<String> wanted =
        List.of(to.getHostString(), to.getAddress().getHostAddress(), options.control());
    if (Collections.disjoint(wanted, secured.peerNames())) {
      throw new StartTls.Refused(
          "its certificate is of " + secured.peerNames() + ", not of " + to.getHostString());
    }
    return secured.transport();
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
      server = servers.apply(attempt);
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
