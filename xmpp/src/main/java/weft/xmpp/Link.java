package weft.xmpp;

import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.net.XmlElement;
import weft.state.Loop;
import weft.state.io.Connection;

/**
 * Performs the effects of one {@link Fsm}: a server's connection, or all attempts and connections
 * of a client in turn. Everything runs on the loop.
 */
final class Link implements Connection.Receiver<Message> {
  /** A timer that comes so late says more of us than of the peer. */
  private static final Duration LATE = Duration.ofMillis(100);

  /** What server and client do differently. */
  interface Host {
    Fsm.Admission admit(Link link, Message.StreamOpen open);

    /** Starts an attempt, which ends in `connected` or `notConnected`. */
    void dial(Link link, int attempt);

    /** Gives up the attempt under way, if there is one. */
    void hangUp(Link link);

    void opened(Link link, Session session);

    /** A session, or an attempt if `session` is null, has ended. */
    void ended(Link link, @Nullable Session session, CloseReason reason);
  }

  private final Fsm.Config config;
  private final Loop loop;
  private final RandomGenerator random;
  private final Host host;
  private final XmppListener listener;
  private final Map<Fsm.Timer, Loop.Timer> timers = new EnumMap<>(Fsm.Timer.class);
  private Fsm.State state = new Fsm.State.Idle();
  private @Nullable Connection<Message> connection;
  private @Nullable Session session;
  private final Pace pace;
  private boolean excused;

  Link(Fsm.Config config, Loop loop, RandomGenerator random, Host host, XmppListener listener) {
    this.config = config;
    this.loop = loop;
    this.random = random;
    this.host = host;
    this.listener = listener;
    this.pace = new Pace(config.holdTime());
  }

  /**
   * Detects failures within `hold`, in the present session as well; null for the usual hold time.
   */
  void fastHold(@Nullable Duration hold) {
    if (Objects.equals(hold, pace.wish())) {
      return;
    }
    pace.wish(hold, loop.nowNs());
    if (session != null) {
      arm(Fsm.Timer.HOLD, pace.hold());
      arm(Fsm.Timer.KEEP_ALIVE, Duration.ZERO);
    }
  }

  /** How long the peer may be silent at present. */
  Duration hold() {
    return pace.hold();
  }

  Fsm.State state() {
    return state;
  }

  @Nullable Session session() {
    return session;
  }

  @Nullable Connection<Message> connection() {
    return connection;
  }

  void start() {
    on(new Fsm.Event.Start());
  }

  /** A server's connection. */
  void accepted(Connection<Message> accepted) {
    connection = accepted;
    on(new Fsm.Event.Accepted());
    accepted.start();
  }

  /** A client's attempt has come through. */
  void connected(Connection<Message> dialled) {
    if (!(state instanceof Fsm.State.Connecting)) {
      dialled.close();
      return;
    }
    connection = dialled;
    dialled.start();
    on(new Fsm.Event.Connected());
  }

  /** A client's attempt has failed. */
  void notConnected(CloseReason reason) {
    if (state instanceof Fsm.State.Connecting) {
      on(new Fsm.Event.Lost(reason, random.nextDouble()));
    }
  }

  /** Ends the session; a client makes another. */
  void drop(CloseReason reason) {
    on(new Fsm.Event.Lost(reason, random.nextDouble()));
  }

  void stop(CloseReason reason) {
    on(new Fsm.Event.Stop(reason));
  }

  // ---- from the connection ----

  @Override
  public void received(Connection<Message> from, List<Message> messages) {
    for (Message message : messages) {
      if (from != connection) {
        return; // a message before this one has ended the connection
      }
      on(message);
    }
  }

  private void on(Message message) {
    switch (message) {
      case Message.StreamOpen open ->
          on(
              new Fsm.Event.Opened(
                  open,
                  state instanceof Fsm.State.Opening
                      ? host.admit(this, open)
                      : Fsm.Admission.REFUSE));
      case Message.Stanza stanza -> on(new Fsm.Event.StanzaReceived(stanza));
      case Message.KeepAlive _ -> {
        if (session != null) {
          session.countKeepAlive();
          if (pace.keptAlive(loop.nowNs())) {
            arm(Fsm.Timer.HOLD, pace.hold());
          }
        }
      }
      case Message.Malformed(String reason) -> on(new Fsm.Event.MalformedReceived(reason));
      case Message.Unusable(CloseReason reason) ->
          on(new Fsm.Event.Lost(reason, random.nextDouble()));
      case Message.StreamClose _ ->
          on(
              new Fsm.Event.Lost(
                  new CloseReason(CloseReason.Kind.PEER_CLOSED, "stream closed"),
                  random.nextDouble()));
    }
  }

  @Override
  public void writable(Connection<Message> from) {
    if (from == connection && session != null) {
      listener.writable(session);
    }
  }

  @Override
  public void lost(Connection<Message> from, Connection.End end) {
    if (from == connection) {
      on(new Fsm.Event.Lost(reason(end), random.nextDouble()));
    }
  }

  private static CloseReason reason(Connection.End end) {
    return switch (end) {
      case Connection.End.PeerClosed _ -> new CloseReason(CloseReason.Kind.PEER_CLOSED, "");
      case Connection.End.OwnerClosed _ -> new CloseReason(CloseReason.Kind.LOCAL_CLOSED, "");
      case Connection.End.Failed(String reason) ->
          new CloseReason(CloseReason.Kind.IO_ERROR, reason);
      case Connection.End.Overflow(long bytes) ->
          new CloseReason(CloseReason.Kind.QUEUE_OVERFLOW, bytes + " bytes wait");
    };
  }

  // ---- steps ----

  private void on(Fsm.Event event) {
    boolean timed = event instanceof Fsm.Event.Expired;
    Fsm.Step step = Fsm.step(timed ? config.withHoldTime(pace.hold()) : config, state, event);
    state = step.next();
    step.effects().forEach(this::perform);
  }

  private void perform(Fsm.Effect effect) {
    switch (effect) {
      case Fsm.Effect.Dial(int attempt) -> host.dial(this, attempt);
      case Fsm.Effect.Send(byte[] bytes) -> {
        if (connection != null) {
          connection.send(bytes);
        }
      }
      case Fsm.Effect.Arm(Fsm.Timer timer, Duration after) ->
          arm(timer, timer == Fsm.Timer.KEEP_ALIVE ? pace.interval(loop.nowNs()) : after);
      case Fsm.Effect.CancelAll _ -> {
        timers.values().forEach(Loop.Timer::cancel);
        timers.clear();
      }
      case Fsm.Effect.AnnounceOpened(String peer) -> open(peer);
      case Fsm.Effect.Deliver(Message.Stanza stanza) -> deliver(stanza.element());
      case Fsm.Effect.DeliverMalformed(String reason) -> {
        if (session != null) {
          session.countMalformed();
          listener.malformed(session, reason);
        }
      }
      case Fsm.Effect.AnnounceClosed(CloseReason reason) -> closed(reason);
      case Fsm.Effect.AnnounceFailed(CloseReason reason) -> host.ended(this, null, reason);
      case Fsm.Effect.Disconnect _ -> disconnect();
    }
  }

  private void arm(Fsm.Timer timer, Duration after) {
    Loop.Timer before = timers.put(timer, loop.schedule(after, () -> expired(timer)));
    if (before != null) {
      before.cancel();
    }
  }

  /**
   * The hold timer runs on from the last byte received, which may still wait to be handled. If it
   * is we who were held up, the peer's bytes may not even be read yet.
   */
  private void expired(Fsm.Timer timer) {
    if (timer == Fsm.Timer.HOLD && connection != null) {
      long holdNs = pace.hold().toNanos();
      long leftNs = holdNs - (loop.nowNs() - connection.lastReceivedNs());
      if (leftNs > 0) {
        excused = false;
        arm(timer, Duration.ofNanos(leftNs));
        return;
      }
      if (-leftNs > LATE.toNanos() && !excused) {
        excused = true;
        arm(timer, pace.hold().dividedBy(3));
        return;
      }
    }
    timers.remove(timer);
    on(new Fsm.Event.Expired(timer));
  }

  private void open(String peer) {
    if (connection != null) {
      Session opened = new Session(this, connection, loop, peer);
      session = opened;
      pace.restart();
      host.opened(this, opened);
      listener.opened(opened);
    }
  }

  private void deliver(XmlElement stanza) {
    if (session != null) {
      session.countStanza();
      listener.stanza(session, stanza);
    }
  }

  private void closed(CloseReason reason) {
    Session ended = session;
    session = null;
    host.ended(this, ended, reason);
    if (ended != null) {
      listener.closed(ended, reason);
    }
  }

  private void disconnect() {
    host.hangUp(this);
    if (connection != null) {
      connection.close();
      connection = null;
    }
  }
}
