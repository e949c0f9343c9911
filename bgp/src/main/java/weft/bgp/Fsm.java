package weft.bgp;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import weft.net.Ipv4Address;

/**
 * The sessions of one neighbour (RFC 4271 section 8) as a pure step function.
 *
 * <p>The RFC runs one machine per connection and lets them meet in collision detection; here one
 * state holds all connections of the neighbour. `Connect` and `Active` are what the neighbour is in
 * while no connection is further on. The hold timer is restarted by the connection itself, which
 * knows when it last received.
 */
final class Fsm {
  private Fsm() {}

  private static final int FSM_ERROR = 5;
  private static final Message.Notification HOLD_EXPIRED = Message.Notification.of(4, 0);
  private static final Duration OPEN_HOLD = Duration.ofMinutes(4);

  // ---- state ----

  /** How far a connection has come. */
  sealed interface Phase {
    record OpenSent() implements Phase {}

    record OpenConfirm(Negotiated negotiated) implements Phase {}

    record Established(Negotiated negotiated) implements Phase {}
  }

  /**
   * @param id the shell's name for it
   * @param outgoing true if we dialled
   */
  record Conn(int id, boolean outgoing, Phase phase) {
    Conn with(Phase next) {
      return new Conn(id, outgoing, next);
    }
  }

  /**
   * @param dialing an attempt to connect is under way
   * @param failures in a row; reset when a session is established
   */
  record State(boolean running, boolean dialing, int failures, List<Conn> connections) {
    static final State IDLE = new State(false, false, 0, List.of());

    State {
      connections = List.copyOf(connections);
    }

    @Nullable Conn connection(int id) {
      return find(c -> c.id() == id);
    }

    @Nullable Conn find(Predicate<Conn> wanted) {
      return connections.stream().filter(wanted).findFirst().orElse(null);
    }

    @Nullable Conn established() {
      return find(c -> c.phase() instanceof Phase.Established);
    }

    State with(Conn changed) {
      List<Conn> all = new ArrayList<>(connections);
      all.removeIf(c -> c.id() == changed.id());
      all.add(changed);
      return new State(running, dialing, failures, all);
    }

    State without(int id) {
      return new State(
          running, dialing, failures, connections.stream().filter(c -> c.id() != id).toList());
    }

    State dialing(boolean now) {
      return new State(running, now, failures, connections);
    }

    State failures(int count) {
      return new State(running, dialing, count, connections);
    }

    /** The RFC's name of the furthest state. */
    String name() {
      if (!running) {
        return "Idle";
      }
      String name = dialing ? "Connect" : "Active";
      for (Conn connection : connections) {
        switch (connection.phase()) {
          case Phase.Established _ -> {
            return "Established";
          }
          case Phase.OpenConfirm _ -> name = "OpenConfirm";
          case Phase.OpenSent _ -> name = name.equals("OpenConfirm") ? name : "OpenSent";
        }
      }
      return name;
    }
  }

  // ---- events and effects; the numbers are those of RFC 4271 section 8.1 ----

  enum Timer {
    HOLD,
    KEEPALIVE
  }

  sealed interface Event {
    /** 1. */
    record Start() implements Event {}

    /**
     * 2.
     *
     * @param text for the other side's operator; may be empty
     */
    record Stop(Cease cease, String text) implements Event {}

    /** We go away and mean to come back: as {@link Stop}, but the peer may keep our routes. */
    record Leave(String text) implements Event {}

    /** 16. */
    record Dialled(int id) implements Event {}

    /** 18 of an attempt. */
    record DialFailed(String reason) implements Event {}

    /** 17. */
    record Accepted(int id) implements Event {}

    /** 19, 24 to 27. */
    record Received(int id, Message message) implements Event {}

    /** 21, 22, 28. */
    record Undecodable(int id, Message.Notification notification, String reason) implements Event {}

    /** 18 of a connection. */
    record Lost(int id, String reason) implements Event {}

    /** 9. */
    record RetryExpired() implements Event {}

    /** 10, 11. */
    record Expired(int id, Timer timer) implements Event {}

    /** The owner resets the session; it is made again. */
    record Reset(Cease cease) implements Event {}
  }

  sealed interface Effect {
    record Dial() implements Effect {}

    /** Gives up the attempt under way. */
    record HangUp() implements Effect {}

    record Send(int id, Message message) implements Effect {}

    /** Closes once what waits is written. */
    record Close(int id) implements Effect {}

    /** The shell shortens it by up to a quarter, at random. */
    record ArmRetry(Duration after) implements Effect {}

    record CancelRetry() implements Effect {}

    /** Timers of a connection end with it. */
    record Arm(int id, Timer timer, Duration after) implements Effect {}

    record Up(int id, Negotiated negotiated) implements Effect {}

    record Deliver(int id, Message message) implements Effect {}

    /** A session that was up is down. */
    record Down(int id, Ending ending) implements Effect {}

    /** An attempt or a connection failed before there was a session. */
    record Failed(String reason) implements Effect {}
  }

  record Step(State next, List<Effect> effects) {
    Step {
      effects = List.copyOf(effects);
    }
  }

  static Step step(Terms config, State state, Event event) {
    return new Run(config, state).on(event);
  }

  /** One step: the state as it changes, and the effects as they come up. */
  private static final class Run {
    private final Terms config;
    private State state;
    private final List<Effect> effects = new ArrayList<>();

    Run(Terms config, State state) {
      this.config = config;
      this.state = state;
    }

    Step on(Event event) {
      switch (event) {
        case Event.Start _ -> start();
        case Event.Stop(Cease cease, String text) ->
            stop(c -> sayable(c, cease, text), cease.isGraceful(), describe("stopped", cease));
        case Event.Leave(String text) -> stop(c -> farewell(c, text), true, "stopped to restart");
        case Event.Dialled(int id) -> dialled(id);
        case Event.DialFailed(String reason) -> dialFailed(reason);
        case Event.Accepted(int id) -> accepted(id);
        case Event.Received(int id, Message message) -> {
          Conn connection = state.connection(id);
          if (connection != null) {
            received(connection, message);
          }
        }
        case Event.Undecodable(int id, Message.Notification notification, String reason) ->
            end(id, notification, true, reason);
        case Event.Lost(int id, String reason) -> end(id, null, true, reason);
        case Event.RetryExpired _ -> retry();
        case Event.Expired(int id, Timer timer) -> expired(id, timer);
        case Event.Reset(Cease cease) -> reset(cease);
      }
      return new Step(state, effects);
    }

    private void start() {
      if (!state.running()) {
        state = new State(true, false, 0, List.of());
        retry();
      }
    }

    private void stop(
        Function<Conn, Message.@Nullable Notification> saying, boolean graceful, String reason) {
      boolean running = state.running();
      if (state.dialing()) {
        effects.add(new Effect.HangUp());
      }
      for (Conn connection : state.connections()) {
        end(connection.id(), saying.apply(connection), graceful, reason);
      }
      if (running) {
        effects.add(new Effect.CancelRetry());
      }
      state = State.IDLE;
    }

    private void reset(Cease cease) {
      for (Conn connection : state.connections()) {
        end(
            connection.id(),
            sayable(connection, cease, ""),
            cease.isGraceful(),
            describe("reset", cease));
      }
    }

    private static String describe(String what, Cease cease) {
      return what + ", " + Cease.describe(cease.notification());
    }

    /** As a hard reset where the peer would keep our routes otherwise. */
    private static Message.Notification sayable(Conn connection, Cease cease, String text) {
      Message.Notification plain = cease.notification(text);
      return cease.isGraceful() || !notificationRestart(connection) ? plain : Cease.hard(plain);
    }

    /**
     * To a peer that would drop our routes at a notification, none is sent (RFC 4724 section 4).
     */
    private Message.@Nullable Notification farewell(Conn connection, String text) {
      boolean kept = config.restart().time() > 0 && isEstablished(connection);
      return kept && !notificationRestart(connection) ? null : Cease.SHUTDOWN.notification(text);
    }

    private static boolean isEstablished(Conn connection) {
      return connection.phase() instanceof Phase.Established;
    }

    private static boolean notificationRestart(Conn connection) {
      return connection.phase() instanceof Phase.Established(Negotiated negotiated)
          && negotiated.notificationRestart();
    }

    private void retry() {
      if (state.running()
          && !config.passive()
          && !state.dialing()
          && state.connections().isEmpty()) {
        state = state.dialing(true);
        effects.add(new Effect.Dial());
      }
    }

    private void dialFailed(String reason) {
      if (state.dialing()) {
        state = state.dialing(false).failures(state.failures() + 1);
        effects.add(new Effect.Failed(reason));
        armRetry();
      }
    }

    private void armRetry() {
      if (state.running() && !config.passive() && state.connections().isEmpty()) {
        effects.add(new Effect.ArmRetry(config.backOff(state.failures())));
      }
    }

    // ---- connections ----

    private void dialled(int id) {
      boolean wanted = state.dialing() && state.established() == null;
      state = state.dialing(false);
      if (wanted) {
        begin(new Conn(id, true, new Phase.OpenSent()));
      } else {
        effects.add(new Effect.Close(id));
      }
    }

    /** One connection of theirs may be on its way beside one of ours and one established. */
    private void accepted(int id) {
      boolean another =
          state.find(c -> !c.outgoing() && !(c.phase() instanceof Phase.Established)) != null;
      if (state.running() && !another) {
        begin(new Conn(id, false, new Phase.OpenSent()));
      } else {
        effects.add(new Effect.Send(id, Cease.REJECTED.notification()));
        effects.add(new Effect.Close(id));
      }
    }

    private void begin(Conn connection) {
      state = state.with(connection);
      effects.add(new Effect.CancelRetry());
      effects.add(new Effect.Send(connection.id(), config.open()));
      effects.add(new Effect.Arm(connection.id(), Timer.HOLD, OPEN_HOLD));
    }

    /**
     * Ends a connection, saying why if there is something to say.
     *
     * @param graceful whether this is an end after which routes are kept, if the peer knows that of
     *     ends with a notification (RFC 8538)
     */
    private void end(
        int id, Message.@Nullable Notification notification, boolean graceful, String reason) {
      Conn connection = state.connection(id);
      if (connection == null) {
        return;
      }
      if (notification != null) {
        effects.add(new Effect.Send(id, notification));
      }
      effects.add(new Effect.Close(id));
      state = state.without(id);
      switch (connection.phase()) {
        case Phase.Established(Negotiated negotiated) -> {
          boolean kept = notification == null || negotiated.notificationRestart();
          effects.add(new Effect.Down(id, new Ending(reason, graceful && kept)));
        }
        case Phase.OpenSent _, Phase.OpenConfirm _ -> effects.add(new Effect.Failed(reason));
      }
      if (state.connections().isEmpty()) {
        state = state.failures(state.failures() + 1);
        if (!state.dialing()) {
          armRetry();
        }
      }
    }

    private void expired(int id, Timer timer) {
      Conn connection = state.connection(id);
      if (connection == null) {
        return;
      }
      switch (timer) {
        case HOLD -> end(id, HOLD_EXPIRED, true, "hold timer expired");
        case KEEPALIVE -> {
          Negotiated negotiated =
              switch (connection.phase()) {
                case Phase.OpenSent _ -> null;
                case Phase.OpenConfirm(Negotiated n) -> n;
                case Phase.Established(Negotiated n) -> n;
              };
          if (negotiated != null) {
            keepAlive(id, negotiated);
          }
        }
      }
    }

    private void keepAlive(int id, Negotiated negotiated) {
      effects.add(new Effect.Send(id, new Message.Keepalive()));
      if (negotiated.holdTime() > 0) {
        Duration interval = Duration.ofMillis(negotiated.holdTime() * 1000L / 3);
        effects.add(new Effect.Arm(id, Timer.KEEPALIVE, interval));
      }
    }

    // ---- messages ----

    private void received(Conn connection, Message message) {
      switch (message) {
        case Message.Notification told -> {
          boolean hard = told.code() == Cease.CODE && told.subcode() == Cease.HARD_RESET.subcode();
          end(
              connection.id(),
              null,
              notificationRestart(connection) && !hard,
              Cease.describe(told) + " received");
        }
        case Message.Open open -> {
          if (connection.phase() instanceof Phase.OpenSent) {
            opened(connection, open);
          } else {
            unexpected(connection, message);
          }
        }
        case Message.Keepalive _ -> kept(connection);
        case Update _, Message.RouteRefresh _ -> {
          if (connection.phase() instanceof Phase.Established) {
            effects.add(new Effect.Deliver(connection.id(), message));
          } else {
            unexpected(connection, message);
          }
        }
      }
    }

    /** The subcode names the state (RFC 6608). */
    private void unexpected(Conn connection, Message message) {
      int subcode =
          switch (connection.phase()) {
            case Phase.OpenSent _ -> 1;
            case Phase.OpenConfirm _ -> 2;
            case Phase.Established _ -> 3;
          };
      end(
          connection.id(),
          Message.Notification.of(FSM_ERROR, subcode),
          true,
          "unexpected " + message.getClass().getSimpleName());
    }

    private void kept(Conn connection) {
      switch (connection.phase()) {
        case Phase.OpenSent _ -> unexpected(connection, new Message.Keepalive());
        case Phase.OpenConfirm(Negotiated negotiated) -> establish(connection, negotiated);
        case Phase.Established _ -> {}
      }
    }

    private void establish(Conn connection, Negotiated negotiated) {
      state = state.with(connection.with(new Phase.Established(negotiated))).failures(0);
      if (state.dialing()) {
        state = state.dialing(false);
        effects.add(new Effect.HangUp());
      }
      effects.add(new Effect.Up(connection.id(), negotiated));
    }

    private void opened(Conn connection, Message.Open open) {
      Message.Notification refusal = refusal(open);
      if (refusal != null) {
        end(
            connection.id(),
            refusal,
            false,
            "OPEN refused, " + refusal.code() + "/" + refusal.subcode());
        return;
      }
      Negotiated negotiated = Negotiated.of(config, open);
      if (negotiated.families().isEmpty() && !config.families().isEmpty()) {
        end(connection.id(), Message.Notification.of(2, 7), false, "no address family in common");
        return;
      }
      if (!survivesCollision(connection, open.identifier())) {
        return;
      }
      state = state.with(connection.with(new Phase.OpenConfirm(negotiated)));
      keepAlive(connection.id(), negotiated);
      if (negotiated.holdTime() > 0) {
        effects.add(
            new Effect.Arm(connection.id(), Timer.HOLD, Duration.ofSeconds(negotiated.holdTime())));
      }
    }

    private Message.@Nullable Notification refusal(Message.Open open) {
      if (open.effectiveAsn() != config.peerAsn()) {
        return Message.Notification.of(2, 2);
      }
      boolean ownIdentifier = config.internal() && open.identifier().equals(config.identifier());
      return ownIdentifier ? Message.Notification.of(2, 3) : null;
    }

    /**
     * RFC 4271 section 6.8: of two connections that have come as far, that of the speaker with the
     * higher identifier stays. An established one stays, unless the peer restarts gracefully, when
     * its new connection means that the old one is dead (RFC 4724 section 5).
     */
    private boolean survivesCollision(Conn connection, Ipv4Address theirs) {
      Message.Notification collision = Cease.COLLISION.notification();
      boolean ours = Integer.compareUnsigned(config.identifier().bits(), theirs.bits()) > 0;
      for (Conn other : state.connections()) {
        if (other.id() == connection.id()) {
          continue;
        }
        boolean otherGoes =
            switch (other.phase()) {
              case Phase.OpenSent _ -> false;
              case Phase.OpenConfirm _ -> connection.outgoing() == ours;
              case Phase.Established(Negotiated negotiated) ->
                  negotiated.peerRestart() != null
                      && !negotiated.peerRestart().families().isEmpty();
            };
        if (otherGoes) {
          boolean isDead = other.phase() instanceof Phase.Established; // nobody would read it
          end(other.id(), isDead ? null : collision, true, "connection collision");
        } else if (!(other.phase() instanceof Phase.OpenSent)) {
          end(connection.id(), collision, true, "connection collision");
          return false;
        }
      }
      return true;
    }
  }
}
