package weft.xmpp;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;
import weft.state.io.Connection;
import weft.state.io.Listener;
import weft.state.io.Transport;

/** Listens for agents and keeps a session with each. Methods but `start` are called on the loop. */
public final class XmppServer implements AutoCloseable {

  /**
   * @param name the JID it answers with
   * @param subCluster what an agent's stream must name; empty = any
   * @param holdTime how long a peer may be silent
   * @param openTime how long a peer may take to open its stream
   * @param gracefulRestart true lets a new session of a name and address replace the old one
   * @param maxStanzaBytes a longer stanza ends the session
   * @param maxQueuedBytes above this a session is not writable
   * @param limits how many connections may be open
   * @param tls if not null, streams are in the clear only until they have asked for TLS, and an
   *     agent's certificate must have the agent's name
   */
  public record Options(
      List<InetSocketAddress> listen,
      String name,
      String subCluster,
      Duration holdTime,
      Duration openTime,
      boolean gracefulRestart,
      int maxStanzaBytes,
      int maxQueuedBytes,
      Listener.Limits limits,
      @Nullable TlsIdentity tls) {
    /** A host has one agent; several may come by one address. */
    public static final Listener.Limits LIMITS = new Listener.Limits(64, 20_000);

    public static final Duration OPEN_TIME = Duration.ofSeconds(15);

    public static final String CONTROL_NAME = "network-control@contrailsystems.com";

    public Options {
      listen = List.copyOf(listen);
    }

    public static Options of(InetSocketAddress... listen) {
      return new Options(
          List.of(listen),
          CONTROL_NAME,
          "",
          Duration.ofSeconds(90),
          OPEN_TIME,
          true,
          4 << 20,
          1 << 20,
          LIMITS,
          null);
    }

    public Options withHoldTime(Duration time) {
      return new Options(
          listen,
          name,
          subCluster,
          time,
          openTime,
          gracefulRestart,
          maxStanzaBytes,
          maxQueuedBytes,
          limits,
          tls);
    }

    public Options withTls(@Nullable TlsIdentity identity) {
      return new Options(
          listen,
          name,
          subCluster,
          holdTime,
          openTime,
          gracefulRestart,
          maxStanzaBytes,
          maxQueuedBytes,
          limits,
          identity);
    }

    public Options withOpenTime(Duration time) {
      return new Options(
          listen,
          name,
          subCluster,
          holdTime,
          time,
          gracefulRestart,
          maxStanzaBytes,
          maxQueuedBytes,
          limits,
          tls);
    }

    public Options withLimits(Listener.Limits most) {
      return new Options(
          listen,
          name,
          subCluster,
          holdTime,
          openTime,
          gracefulRestart,
          maxStanzaBytes,
          maxQueuedBytes,
          most,
          tls);
    }
  }

  private static final int BACKLOG = 1024;

  private final Options options;
  private final Loop loop;
  private final XmppListener listener;
  private final Fsm.Config config;
  private final Set<Link> links = new LinkedHashSet<>();
  private final Map<String, Link> byName = new LinkedHashMap<>();
  private final Map<CloseReason.Kind, Long> endings = new EnumMap<>(CloseReason.Kind.class);
  private @Nullable Listener listening;
  private @Nullable Duration fastHold;
  private boolean closed;

  private XmppServer(Options options, Loop loop, XmppListener listener) {
    this.options = options;
    this.loop = loop;
    this.listener = listener;
    this.config =
        new Fsm.Config(
            Fsm.Role.SERVER,
            options.name(),
            "",
            options.subCluster(),
            options.holdTime(),
            options.openTime(),
            Duration.ZERO);
  }

  /** Listens at once; calls the listener on `loop`. May be called from any thread. */
  public static XmppServer start(Options options, Loop loop, XmppListener listener)
      throws IOException {
    XmppServer server = new XmppServer(options, loop, listener);
    server.listening =
        Listener.open(options.listen(), BACKLOG, options.limits(), loop, server::accepted);
    return server;
  }

  /** Where it listens, with the ports that were given for port 0. May be called from any thread. */
  public List<InetSocketAddress> addresses() {
    return listening == null ? List.of() : listening.addresses();
  }

  public List<XmppSession> sessions() {
    List<XmppSession> sessions = new ArrayList<>();
    for (Link link : byName.values()) {
      Session session = link.session();
      if (session != null) {
        sessions.add(session);
      }
    }
    return sessions;
  }

  /**
   * Detects the failure of agents within `hold` from now on; null for the hold time of the options.
   * Sessions go on: an agent is held to it once its own keep-alives come that often.
   */
  public void fastHold(@Nullable Duration hold) {
    fastHold = hold;
    links.forEach(link -> link.fastHold(hold));
  }

  /** How often a stream ended or was refused, by reason. */
  public Map<CloseReason.Kind, Long> endings() {
    return Map.copyOf(endings);
  }

  /** How many connections were closed at once, as there were too many. */
  public Map<Listener.Refusal, Long> refusals() {
    return listening == null ? Map.of() : listening.refusals();
  }

  /** Stops listening and closes all sessions. May be called from any thread. */
  @Override
  public void close() {
    if (listening != null) {
      listening.close();
    }
    loop.execute(() -> {
      closed = true;
      CloseReason reason = new CloseReason(CloseReason.Kind.LOCAL_CLOSED, "the server is closed");
      List.copyOf(links).forEach(link -> link.stop(reason));
      links.clear();
    });
  }

  private void accepted(SocketChannel channel) {
    TlsIdentity own = options.tls();
    if (closed) {
      Listener.close(channel);
    } else if (own == null) {
      open(channel, new Transport.Plain(channel), null);
    } else {
      Loop.Timer limit = loop.schedule(options.openTime(), () -> Listener.close(channel));
      Thread.ofVirtual().name("xmpp-tls").start(() -> secure(channel, own, limit));
    }
  }

  /** Runs on a thread of its own, since a handshake blocks. */
  private void secure(SocketChannel channel, TlsIdentity own, Loop.Timer limit) {
    try {
      StartTls.Secured secured = StartTls.server(channel, options.name(), own.context());
      loop.execute(() -> {
        limit.cancel();
        open(channel, secured.transport(), secured.peerNames());
      });
    } catch (IOException e) {
      loop.execute(() -> {
        limit.cancel();
        refuse(
            channel, new CloseReason(CloseReason.Kind.TLS_FAILED, String.valueOf(e.getMessage())));
      });
    }
  }

  private static String remote(SocketChannel channel) {
    return String.valueOf(channel.socket().getRemoteSocketAddress());
  }

  private void refuse(SocketChannel channel, CloseReason reason) {
    count(reason.kind());
    listener.refused(remote(channel), reason);
    Listener.close(channel);
  }

  private void open(
      SocketChannel channel, Transport transport, @Nullable Set<String> certificateNames) {
    if (closed) {
      Listener.close(channel);
      return;
    }
    Link link =
        new Link(config, loop, () -> 0, new Streams(remote(channel), certificateNames), listener);
    try {
      Connection<Message> connection =
          new Connection<>(
              channel,
              transport,
              loop,
              new Framer(options.maxStanzaBytes()),
              link,
              options.maxQueuedBytes());
      links.add(link);
      link.fastHold(fastHold);
      link.accepted(connection);
    } catch (IOException e) {
      Listener.close(channel);
      count(CloseReason.Kind.IO_ERROR);
    }
  }

  private static String bareName(String jid) {
    int slash = jid.indexOf('/');
    return slash < 0 ? jid : jid.substring(0, slash);
  }

  private void count(CloseReason.Kind kind) {
    endings.merge(kind, 1L, Long::sum);
  }

  /** The server's side of its links. */
  private final class Streams implements Link.Host {
    private final String remote;
    private final @Nullable Set<String> certificateNames;

    Streams(String remote, @Nullable Set<String> certificateNames) {
      this.remote = remote;
      this.certificateNames = certificateNames;
    }

    /**
     * A name has one session. Another of the same address replaces it if routes survive that, since
     * it is the peer after a restart that the old connection has not noticed; all else is refused.
     */
    @Override
    public Fsm.Admission admit(Link link, Message.StreamOpen open) {
      if (certificateNames != null && !certificateNames.contains(bareName(open.from()))) {
        return Fsm.Admission.FOREIGN;
      }
      Link old = byName.get(open.from());
      Connection<Message> before = old == null ? null : old.connection();
      Connection<Message> now = link.connection();
      if (old == null || before == null || now == null) {
        return Fsm.Admission.ACCEPT;
      }
      if (!config.admits(open)) {
        return Fsm.Admission.REFUSE; // it must not cost the old one
      }
      boolean same = before.remote().getAddress().equals(now.remote().getAddress());
      if (!same || !options.gracefulRestart()) {
        return Fsm.Admission.REFUSE;
      }
      old.stop(new CloseReason(CloseReason.Kind.REPLACED, "by " + now.remote()));
      return Fsm.Admission.REPLACE;
    }

    @Override
    public void dial(Link link, int attempt) {
      throw new IllegalStateException("a server does not dial");
    }

    @Override
    public void hangUp(Link link) {}

    @Override
    public void opened(Link link, Session session) {
      byName.put(session.name(), link);
    }

    @Override
    public void ended(Link link, @Nullable Session session, CloseReason reason) {
      count(reason.kind());
      if (session == null) {
        listener.refused(remote, reason);
      }
      links.remove(link);
      if (session != null) {
        byName.remove(session.name(), link);
      }
    }
  }
}
