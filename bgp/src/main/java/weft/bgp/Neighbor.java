package weft.bgp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import weft.state.Loop;
import weft.state.io.Connection;

/** Performs the effects of one neighbour's {@link Fsm}. Everything runs on the loop. */
final class Neighbor implements Connection.Receiver<Decoded> {

  /** Starts an attempt to connect, which ends in `dialled` or `dialFailed`. */
  interface Dialer {
    void dial(Neighbor neighbor);

    void hangUp(Neighbor neighbor);
  }

  private BgpServer.Peer peer;
  private Terms config;
  private final Loop loop;
  private final RandomGenerator random;
  private final Dialer dialer;
  private final BgpListener listener;
  private final Map<Integer, Connection<Decoded>> connections = new HashMap<>();
  private final Map<Integer, Map<Fsm.Timer, Loop.Timer>> timers = new HashMap<>();
  private Fsm.State state = Fsm.State.IDLE;
  private Loop.@Nullable Timer retry;
  private Loop.@Nullable Timer rest;
  private @Nullable Session session;
  private BgpServer.History history;
  private String lastError = "";
  private long messagesIn;
  private long messagesOut;

  Neighbor(
      BgpServer.Peer peer,
      Terms config,
      Loop loop,
      RandomGenerator random,
      Dialer dialer,
      BgpListener listener) {
    this.peer = peer;
    this.config = config;
    this.loop = loop;
    this.random = random;
    this.dialer = dialer;
    this.listener = listener;
    this.history = new BgpServer.History(loop.nowNs(), 0, null, "");
  }

  BgpServer.Peer peer() {
    return peer;
  }

  @Nullable Session session() {
    return session;
  }

  BgpServer.PeerStatus status() {
    Session current = session;
    return new BgpServer.PeerStatus(
        peer,
        state.name(),
        history,
        lastError,
        current == null ? null : current.negotiated(),
        messagesIn,
        messagesOut,
        current == null ? 0 : current.queuedBytes());
  }

  void start() {
    on(new Fsm.Event.Start());
  }

  Terms terms() {
    return config;
  }

  /** Goes on, on other terms: those of the OPEN hold from the next session on. */
  void change(BgpServer.Peer toPeer, Terms toTerms) {
    peer = toPeer;
    config = toTerms;
    if (rest == null) {
      on(new Fsm.Event.RetryExpired());
    }
  }

  void stop(Cease cease, String text) {
    awake();
    on(new Fsm.Event.Stop(cease, text));
  }

  void leave(String text) {
    awake();
    on(new Fsm.Event.Leave(text));
  }

  void reset(Cease cease) {
    on(new Fsm.Event.Reset(cease));
  }

  /** Something else than the connection tells that the peer is gone. */
  void vanished(Connection<Decoded> connection, String reason) {
    on(new Fsm.Event.Lost(connection.serial(), reason));
  }

  /** Ends the session and starts again only after so long. */
  void rest(Cease cease, Duration idle) {
    stop(cease, "");
    rest =
        loop.schedule(
            idle,
            () -> {
              rest = null;
              start();
            });
  }

  private void awake() {
    Loop.Timer armed = rest;
    rest = null;
    if (armed != null) {
      armed.cancel();
    }
  }

  /** Its connections, to be protected. */
  Collection<Connection<Decoded>> connections() {
    return List.copyOf(connections.values());
  }

  void dialled(Connection<Decoded> connection) {
    begin(connection, new Fsm.Event.Dialled(connection.serial()));
  }

  void accepted(Connection<Decoded> connection) {
    begin(connection, new Fsm.Event.Accepted(connection.serial()));
  }

  private void begin(Connection<Decoded> connection, Fsm.Event event) {
    connections.put(connection.serial(), connection);
    connection.start();
    on(event);
  }

  void dialFailed(String reason) {
    on(new Fsm.Event.DialFailed(reason));
  }

  void countSent() {
    messagesOut++;
  }

  // ---- from connections ----

  @Override
  public void received(Connection<Decoded> from, List<Decoded> messages) {
    for (Decoded decoded : messages) {
      if (!connections.containsKey(from.serial())) {
        return; // a message before this one has ended the connection
      }
      messagesIn++;
      switch (decoded) {
        case Decoded.Malformed(Message.Notification notification, String reason) ->
            on(new Fsm.Event.Undecodable(from.serial(), notification, reason));
        case Decoded.Ok(Message message, List<Decoded.AttributeError> tolerated) -> {
          if (!tolerated.isEmpty() && session != null && session.isOver(from)) {
            listener.tolerated(session, tolerated);
          }
          on(new Fsm.Event.Received(from.serial(), message));
        }
      }
    }
  }

  @Override
  public void writable(Connection<Decoded> from) {
    if (session != null && session.isOver(from)) {
      listener.writable(session);
    }
  }

  @Override
  public void lost(Connection<Decoded> from, Connection.End end) {
    String reason =
        switch (end) {
          case Connection.End.PeerClosed _ -> "the peer closed the connection";
          case Connection.End.OwnerClosed _ -> "closed";
          case Connection.End.Failed(String why) -> why;
          case Connection.End.Overflow(long bytes) -> bytes + " bytes wait to be sent";
        };
    on(new Fsm.Event.Lost(from.serial(), reason));
  }

  // ---- steps ----

  private void on(Fsm.Event event) {
    Fsm.Step step = Fsm.step(config, state, event);
    state = step.next();
    step.effects().forEach(this::perform);
  }

  private void perform(Fsm.Effect effect) {
    switch (effect) {
      case Fsm.Effect.Dial _ -> dialer.dial(this);
      case Fsm.Effect.HangUp _ -> dialer.hangUp(this);
      case Fsm.Effect.Send(int id, Message message) -> send(id, message);
      case Fsm.Effect.Close(int id) -> close(id);
      case Fsm.Effect.ArmRetry(Duration after) -> armRetry(after);
      case Fsm.Effect.CancelRetry _ -> cancelRetry();
      case Fsm.Effect.Arm(int id, Fsm.Timer timer, Duration after) -> arm(id, timer, after, after);
      case Fsm.Effect.Up(int id, Negotiated negotiated) -> up(id, negotiated);
      case Fsm.Effect.Deliver(int _, Message message) -> deliver(message);
      case Fsm.Effect.Down(int _, Ending ending) -> down(ending);
      case Fsm.Effect.Failed(String reason) -> lastError = reason;
    }
  }

  private void send(int id, Message message) {
    Connection<Decoded> connection = connections.get(id);
    if (connection != null) {
      messagesOut++;
      connection.send(Codec.write(message, Codec.Context.INITIAL));
    }
  }

  private void close(int id) {
    Connection<Decoded> connection = connections.remove(id);
    if (connection != null) {
      connection.close();
    }
    Map<Fsm.Timer, Loop.Timer> armed = timers.remove(id);
    if (armed != null) {
      armed.values().forEach(Loop.Timer::cancel);
    }
  }

  private void armRetry(Duration after) {
    cancelRetry();
    long wait = (long) (after.toNanos() * (0.75 + 0.25 * random.nextDouble()));
    retry =
        loop.schedule(
            Duration.ofNanos(wait),
            () -> {
              retry = null;
              on(new Fsm.Event.RetryExpired());
            });
  }

  private void cancelRetry() {
    Loop.Timer armed = retry;
    retry = null;
    if (armed != null) {
      armed.cancel();
    }
  }

  /**
   * @param whole the timer's full time, from which the hold timer counts again
   */
  private void arm(int id, Fsm.Timer timer, Duration after, Duration whole) {
    Loop.Timer before =
        timers
            .computeIfAbsent(id, _ -> new EnumMap<>(Fsm.Timer.class))
            .put(timer, loop.schedule(after, () -> expired(id, timer, whole)));
    if (before != null) {
      before.cancel();
    }
  }

  /** The hold timer runs on from the last byte received, which may still wait to be handled. */
  private void expired(int id, Fsm.Timer timer, Duration whole) {
    Connection<Decoded> connection = connections.get(id);
    if (connection == null) {
      return;
    }
    if (timer == Fsm.Timer.HOLD) {
      long leftNs = whole.toNanos() - (loop.nowNs() - connection.lastReceivedNs());
      if (leftNs > 0) {
        arm(id, timer, Duration.ofNanos(leftNs), whole);
        return;
      }
    }
    on(new Fsm.Event.Expired(id, timer));
  }

  // ---- the session ----

  private void up(int id, Negotiated negotiated) {
    Connection<Decoded> connection = connections.get(id);
    if (connection != null) {
      Session established = new Session(this, connection, loop, negotiated);
      session = established;
      history = history.up(loop.nowNs());
      listener.established(established);
    }
  }

  private void down(Ending ending) {
    Session ended = session;
    session = null;
    history = history.down(loop.nowNs(), ending.reason());
    lastError = ending.reason();
    if (ended != null) {
      listener.down(ended, ending);
    }
  }

  private void deliver(Message message) {
    Session current = session;
    if (current == null) {
      return;
    }
    switch (message) {
      case Update update -> {
        Update admissible = admissible(update, current.negotiated());
        if (!admissible.unreach().isEmpty() || !admissible.reach().isEmpty()) {
          listener.update(current, admissible);
        }
      }
      case Message.RouteRefresh(Family family, int subtype) -> {
        if (current.negotiated().families().contains(family)) {
          refresh(current, family, subtype);
        }
      }
      case Message.Open _, Message.Keepalive _, Message.Notification _ -> {}
    }
  }

  /** Other subtypes mean nothing (RFC 7313 section 5). */
  private void refresh(Session current, Family family, int subtype) {
    switch (subtype) {
      case 0 -> listener.routeRefresh(current, family);
      case 1 -> listener.refreshBegins(current, family);
      case 2 -> listener.refreshEnds(current, family);
      default -> {}
    }
  }

  /**
   * Without families that were not agreed on and, from a neighbour of another AS, without the
   * attributes that mean something only within ours (RFC 7606 sections 7.5, 7.9, 7.10).
   */
  private Update admissible(Update update, Negotiated negotiated) {
    PathAttributes attributes = update.attributes();
    boolean hasForeign = !config.internal() && hasInternal(attributes);
    if (!hasForeign && isAgreed(update, negotiated)) {
      return update;
    }
    if (hasForeign) {
      attributes =
          new PathAttributes(
              attributes.attributes().stream().filter(a -> !isInternal(a)).toList(),
              attributes.partial());
    }
    List<Update.Unreach> unreach = new ArrayList<>(update.unreach());
    unreach.removeIf(gone -> !negotiated.families().contains(gone.family()));
    List<Update.Reach> reach = new ArrayList<>(update.reach());
    reach.removeIf(come -> !negotiated.families().contains(come.family()));
    return new Update(unreach, attributes, reach);
  }

  private static boolean isAgreed(Update update, Negotiated negotiated) {
    for (Update.Unreach gone : update.unreach()) {
      if (!negotiated.families().contains(gone.family())) {
        return false;
      }
    }
    for (Update.Reach come : update.reach()) {
      if (!negotiated.families().contains(come.family())) {
        return false;
      }
    }
    return true;
  }

  private static boolean hasInternal(PathAttributes attributes) {
    for (Attribute attribute : attributes.attributes()) {
      if (isInternal(attribute)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isInternal(Attribute attribute) {
    return switch (attribute) {
      case Attribute.LocalPreference _, Attribute.OriginatorId _, Attribute.ClusterList _ -> true;
      case Attribute.Origin _,
          Attribute.AsPath _,
          Attribute.MultiExitDiscriminator _,
          Attribute.AtomicAggregate _,
          Attribute.Aggregator _,
          Attribute.Communities _,
          Attribute.ExtendedCommunities _,
          Attribute.PmsiTunnel _,
          Attribute.LargeCommunities _,
          Attribute.EdgeDiscovery _,
          Attribute.EdgeForwarding _,
          Attribute.OriginVnPath _,
          Attribute.Unknown _ ->
          false;
    };
  }
}
