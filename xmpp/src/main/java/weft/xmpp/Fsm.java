package weft.xmpp;

import java.time.Duration;
import java.util.List;

/**
 * The life of a stream, and on the client's side of the attempts to open one, as a pure step
 * function. Hold times are not negotiated: each side uses its own.
 */
final class Fsm {
  private Fsm() {}

  enum Role {
    SERVER,
    CLIENT
  }

  /** What happens to a stream whose name has one already. */
  enum Admission {
    ACCEPT,
    /** The old one has been closed in favour of this one. */
    REPLACE,
    REFUSE,
    /** Its certificate is of another name. */
    FOREIGN
  }

  enum Timer {
    RETRY,
    OPEN,
    HOLD,
    KEEP_ALIVE
  }

  /**
   * @param subCluster what a client names, what a server demands; empty = none
   */
  record Config(
      Role role,
      String name,
      String peer,
      String subCluster,
      Duration holdTime,
      Duration openTime,
      Duration maxBackOff) {
    static final Duration FIRST_RETRY = Duration.ofMillis(100);

    Config withHoldTime(Duration time) {
      return new Config(role, name, peer, subCluster, time, openTime, maxBackOff);
    }

    Duration keepAliveInterval() {
      return holdTime.dividedBy(3);
    }

    /** False for a stream of another sub-cluster. */
    boolean admits(Message.StreamOpen open) {
      return subCluster.isEmpty() || subCluster.equals(open.namespace());
    }

    /** The wait before attempt `attempts` + 1: doubled each time, give or take a tenth. */
    Duration backOff(int attempts, double jitter) {
      long wait = FIRST_RETRY.toNanos() << Math.min(Math.max(attempts - 1, 0), 20);
      long capped = Math.min(wait, maxBackOff.toNanos());
      return Duration.ofNanos((long) (capped * (0.9 + 0.2 * jitter)));
    }
  }

  /** `attempts` counts since a session last proved steady. */
  sealed interface State {
    record Idle() implements State {}

    record Waiting(int attempts) implements State {}

    record Connecting(int attempts) implements State {}

    record Opening(int attempts) implements State {}

    record Established(int attempts, String peer) implements State {}

    record Ended() implements State {}
  }

  sealed interface Event {
    /** Client: begin. */
    record Start() implements Event {}

    /** Server: a connection was accepted. */
    record Accepted() implements Event {}

    /** Client: the connection is there. */
    record Connected() implements Event {}

    record Opened(Message.StreamOpen open, Admission admission) implements Event {}

    record StanzaReceived(Message.Stanza stanza) implements Event {}

    record MalformedReceived(String reason) implements Event {}

    record Expired(Timer timer) implements Event {}

    /**
     * The connection is gone or of no use, or could not be made.
     *
     * @param jitter in 0..1
     */
    record Lost(CloseReason reason, double jitter) implements Event {}

    /** The owner ends it for good. */
    record Stop(CloseReason reason) implements Event {}
  }

  sealed interface Effect {
    record Dial(int attempt) implements Effect {}

    record Send(byte[] bytes) implements Effect {}

    record Arm(Timer timer, Duration after) implements Effect {}

    /** No timer runs any more. */
    record CancelAll() implements Effect {}

    record AnnounceOpened(String peer) implements Effect {}

    record Deliver(Message.Stanza stanza) implements Effect {}

    record DeliverMalformed(String reason) implements Effect {}

    /** The listener hears of a session's end. */
    record AnnounceClosed(CloseReason reason) implements Effect {}

    /** An attempt or a refused stream ended before there was a session. */
    record AnnounceFailed(CloseReason reason) implements Effect {}

    /** Closes the connection once what waits is written. */
    record Disconnect() implements Effect {}
  }

  record Step(State next, List<Effect> effects) {
    static Step to(State next, Effect... effects) {
      return new Step(next, List.of(effects));
    }
  }

  static Step step(Config config, State state, Event event) {
    return switch (state) {
      case State.Idle _ -> idle(config, state, event);
      case State.Waiting waiting -> waiting(config, waiting, event);
      case State.Connecting connecting -> connecting(config, connecting, event);
      case State.Opening opening -> opening(config, opening, event);
      case State.Established established -> established(config, established, event);
      case State.Ended _ -> Step.to(state);
    };
  }

  private static Step idle(Config config, State state, Event event) {
    return switch (event) {
      case Event.Start _ -> dial(config, 0);
      case Event.Accepted _ ->
          Step.to(new State.Opening(0), new Effect.Arm(Timer.OPEN, config.openTime()));
      case Event.Stop _ -> Step.to(new State.Ended());
      case Event.Connected _,
          Event.Opened _,
          Event.StanzaReceived _,
          Event.MalformedReceived _,
          Event.Expired _,
          Event.Lost _ ->
          Step.to(state);
    };
  }

  private static Step dial(Config config, int attempts) {
    return Step.to(
        new State.Connecting(attempts),
        new Effect.Dial(attempts),
        new Effect.Arm(Timer.OPEN, config.openTime()));
  }

  private static Step waiting(Config config, State.Waiting state, Event event) {
    return switch (event) {
      case Event.Expired(Timer timer) ->
          timer == Timer.RETRY ? dial(config, state.attempts()) : Step.to(state);
      case Event.Stop _ -> Step.to(new State.Ended(), new Effect.CancelAll());
      case Event.Start _,
          Event.Accepted _,
          Event.Connected _,
          Event.Opened _,
          Event.StanzaReceived _,
          Event.MalformedReceived _,
          Event.Lost _ ->
          Step.to(state);
    };
  }

  private static Step connecting(Config config, State.Connecting state, Event event) {
    return switch (event) {
      case Event.Connected _ ->
          Step.to(
              new State.Opening(state.attempts()),
              new Effect.Arm(Timer.OPEN, config.openTime()),
              new Effect.Send(
                  StreamCodec.open(
                      new Message.StreamOpen(
                          config.name(), config.peer(), "", config.subCluster()))));
      case Event.Lost(CloseReason reason, double jitter) ->
          fail(config, state.attempts(), reason, jitter);
      case Event.Expired(Timer timer) ->
          timer == Timer.OPEN
              ? fail(config, state.attempts(), openExpired("no connection"), 0.5)
              : Step.to(state);
      case Event.Stop _ ->
          Step.to(new State.Ended(), new Effect.CancelAll(), new Effect.Disconnect());
      case Event.Start _,
          Event.Accepted _,
          Event.Opened _,
          Event.StanzaReceived _,
          Event.MalformedReceived _ ->
          Step.to(state);
    };
  }

  private static CloseReason openExpired(String detail) {
    return new CloseReason(CloseReason.Kind.OPEN_EXPIRED, detail);
  }

  /** The end of an attempt: a server's connection is over, a client waits and tries again. */
  private static Step fail(Config config, int attempts, CloseReason reason, double jitter) {
    return switch (config.role()) {
      case SERVER ->
          Step.to(
              new State.Ended(),
              new Effect.CancelAll(),
              new Effect.Disconnect(),
              new Effect.AnnounceFailed(reason));
      case CLIENT ->
          Step.to(
              new State.Waiting(attempts + 1),
              new Effect.CancelAll(),
              new Effect.Disconnect(),
              new Effect.AnnounceFailed(reason),
              new Effect.Arm(Timer.RETRY, config.backOff(attempts + 1, jitter)));
    };
  }

  private static Step opening(Config config, State.Opening state, Event event) {
    return switch (event) {
      case Event.Opened(Message.StreamOpen open, Admission admission) ->
          opened(config, state, open, admission);
      case Event.Expired(Timer timer) ->
          timer == Timer.OPEN ? openTimeOut(config, state) : Step.to(state);
      case Event.StanzaReceived _, Event.MalformedReceived _ ->
          fail(
              config,
              state.attempts(),
              new CloseReason(CloseReason.Kind.NOT_XMPP, "stanza before the stream header"),
              0.5);
      case Event.Lost(CloseReason reason, double jitter) ->
          fail(config, state.attempts(), reason, jitter);
      case Event.Stop _ ->
          Step.to(new State.Ended(), new Effect.CancelAll(), new Effect.Disconnect());
      case Event.Start _, Event.Accepted _, Event.Connected _ -> Step.to(state);
    };
  }

  private static Step openTimeOut(Config config, State.Opening state) {
    Step failed = fail(config, state.attempts(), openExpired("no stream header"), 0.5);
    List<Effect> effects = new java.util.ArrayList<>(failed.effects());
    effects.addFirst(new Effect.Send(StreamCodec.close()));
    return new Step(failed.next(), effects);
  }

  private static Step opened(
      Config config, State.Opening state, Message.StreamOpen open, Admission admission) {
    if (open.from().isEmpty()) {
      return fail(
          config,
          state.attempts(),
          new CloseReason(CloseReason.Kind.NOT_XMPP, "stream header without a name"),
          0.5);
    }
    if (config.role() == Role.SERVER) {
      if (!config.admits(open)) {
        return fail(
            config,
            0,
            new CloseReason(
                CloseReason.Kind.SUB_CLUSTER, open.from() + " is of '" + open.namespace() + "'"),
            0.5);
      }
      if (admission == Admission.FOREIGN) {
        return fail(
            config,
            0,
            new CloseReason(
                CloseReason.Kind.WRONG_CERTIFICATE, "the certificate is not of " + open.from()),
            0.5);
      }
      if (admission == Admission.REFUSE) {
        return fail(
            config, 0, new CloseReason(CloseReason.Kind.DUPLICATE, "second " + open.from()), 0.5);
      }
    }
    List<Effect> effects = new java.util.ArrayList<>();
    effects.add(new Effect.CancelAll());
    if (config.role() == Role.SERVER) {
      effects.add(
          new Effect.Send(
              StreamCodec.open(
                  new Message.StreamOpen(config.name(), open.from(), "++123", "jabber:client"))));
    }
    effects.add(new Effect.Arm(Timer.HOLD, config.holdTime()));
    effects.add(new Effect.Arm(Timer.KEEP_ALIVE, config.keepAliveInterval()));
    effects.add(new Effect.AnnounceOpened(open.from()));
    return new Step(new State.Established(state.attempts(), open.from()), effects);
  }

  private static Step established(Config config, State.Established state, Event event) {
    return switch (event) {
      case Event.StanzaReceived(Message.Stanza stanza) ->
          Step.to(state, new Effect.Deliver(stanza));
      case Event.MalformedReceived(String reason) ->
          Step.to(state, new Effect.DeliverMalformed(reason));
      case Event.Expired(Timer timer) -> establishedExpired(config, state, timer);
      case Event.Opened _ ->
          end(config, state, new CloseReason(CloseReason.Kind.NOT_XMPP, "second header"), 0.5);
      case Event.Lost(CloseReason reason, double jitter) -> end(config, state, reason, jitter);
      case Event.Stop(CloseReason reason) ->
          Step.to(
              new State.Ended(),
              new Effect.CancelAll(),
              new Effect.Disconnect(),
              new Effect.AnnounceClosed(reason));
      case Event.Start _, Event.Accepted _, Event.Connected _ -> Step.to(state);
    };
  }

  /** A session that lives to its first keep-alive is steady: its attempts are forgotten. */
  private static Step establishedExpired(Config config, State.Established state, Timer timer) {
    return switch (timer) {
      case KEEP_ALIVE ->
          Step.to(
              new State.Established(0, state.peer()),
              new Effect.Send(StreamCodec.keepAlive()),
              new Effect.Arm(Timer.KEEP_ALIVE, config.keepAliveInterval()));
      case HOLD ->
          end(
              config,
              state,
              new CloseReason(
                  CloseReason.Kind.HOLD_EXPIRED,
                  "silent for " + config.holdTime().toMillis() + " ms"),
              0.5);
      case RETRY, OPEN -> Step.to(state);
    };
  }

  private static Step end(
      Config config, State.Established state, CloseReason reason, double jitter) {
    return switch (config.role()) {
      case SERVER ->
          Step.to(
              new State.Ended(),
              new Effect.CancelAll(),
              new Effect.Disconnect(),
              new Effect.AnnounceClosed(reason));
      case CLIENT ->
          Step.to(
              new State.Waiting(state.attempts() + 1),
              new Effect.CancelAll(),
              new Effect.Disconnect(),
              new Effect.Arm(Timer.RETRY, config.backOff(state.attempts() + 1, jitter)),
              new Effect.AnnounceClosed(reason));
    };
  }
}
