package weft.xmpp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.net.XmlElement;

class FsmTest {
  private static final Fsm.Config CLIENT = config(Fsm.Role.CLIENT, "");
  private static final Fsm.Config SERVER = config(Fsm.Role.SERVER, "");
  private static final Message.StreamOpen FROM_AGENT =
      new Message.StreamOpen("compute1", "cn", "", "");
  private static final Message.StreamOpen FROM_CONTROL =
      new Message.StreamOpen("cn", "compute1", "++123", "jabber:client");
  private static final CloseReason GONE = new CloseReason(CloseReason.Kind.PEER_CLOSED, "");
  private static final Message.Stanza STANZA = new Message.Stanza(XmlElement.of("iq"));

  private static Fsm.Config config(Fsm.Role role, String subCluster) {
    return new Fsm.Config(
        role,
        role == Fsm.Role.CLIENT ? "compute1" : "cn",
        "cn",
        subCluster,
        Duration.ofSeconds(90),
        Duration.ofSeconds(15),
        Duration.ofSeconds(5));
  }

  /** Steps through events and gathers the effects of the last. */
  private static Fsm.Step run(Fsm.Config config, Fsm.Event... events) {
    Fsm.Step step = Fsm.Step.to(new Fsm.State.Idle());
    for (Fsm.Event event : events) {
      step = Fsm.step(config, step.next(), event);
    }
    return step;
  }

  private static List<String> names(Fsm.Step step) {
    List<String> names = new ArrayList<>();
    for (Fsm.Effect effect : step.effects()) {
      names.add(
          switch (effect) {
            case Fsm.Effect.Arm(Fsm.Timer timer, Duration _) -> "Arm " + timer;
            case Fsm.Effect.Send(byte[] bytes) ->
                bytes.length == 2
                    ? "Send keep-alive"
                    : "Send " + (bytes[1] == '/' ? "close" : "open");
            case Fsm.Effect other -> other.getClass().getSimpleName();
          });
    }
    return names;
  }

  private static Fsm.Event opened(Message.StreamOpen open, Fsm.Admission admission) {
    return new Fsm.Event.Opened(open, admission);
  }

  @Test
  void clientOpens() {
    Fsm.Step dial = run(CLIENT, new Fsm.Event.Start());
    assertThat(names(dial)).containsExactly("Dial", "Arm OPEN");
    Fsm.Step connected = run(CLIENT, new Fsm.Event.Start(), new Fsm.Event.Connected());
    assertThat(names(connected)).containsExactly("Arm OPEN", "Send open");
    Fsm.Step established =
        run(
            CLIENT,
            new Fsm.Event.Start(),
            new Fsm.Event.Connected(),
            opened(FROM_CONTROL, Fsm.Admission.ACCEPT));
    assertThat(names(established))
        .containsExactly("CancelAll", "Arm HOLD", "Arm KEEP_ALIVE", "AnnounceOpened");
    assertThat(established.next()).isEqualTo(new Fsm.State.Established(0, "cn"));
    assertThat(established.effects())
        .contains(new Fsm.Effect.Arm(Fsm.Timer.KEEP_ALIVE, Duration.ofSeconds(30)));
  }

  @Test
  void serverAnswersTheHeader() {
    Fsm.Step step = run(SERVER, new Fsm.Event.Accepted(), opened(FROM_AGENT, Fsm.Admission.ACCEPT));
    assertThat(names(step))
        .containsExactly("CancelAll", "Send open", "Arm HOLD", "Arm KEEP_ALIVE", "AnnounceOpened");
    assertThat(step.next()).isEqualTo(new Fsm.State.Established(0, "compute1"));
  }

  @Test
  void serverRefuses() {
    for (Fsm.Step step :
        List.of(
            run(SERVER, new Fsm.Event.Accepted(), opened(FROM_AGENT, Fsm.Admission.REFUSE)),
            run(
                config(Fsm.Role.SERVER, "edge"),
                new Fsm.Event.Accepted(),
                opened(FROM_AGENT, Fsm.Admission.ACCEPT)),
            run(
                SERVER,
                new Fsm.Event.Accepted(),
                opened(new Message.StreamOpen("", "cn", "", ""), Fsm.Admission.ACCEPT)),
            run(SERVER, new Fsm.Event.Accepted(), new Fsm.Event.StanzaReceived(STANZA)),
            run(SERVER, new Fsm.Event.Accepted(), new Fsm.Event.Lost(GONE, 0)))) {
      assertThat(names(step)).containsExactly("CancelAll", "Disconnect", "AnnounceFailed");
      assertThat(step.next()).isEqualTo(new Fsm.State.Ended());
    }
  }

  @Test
  void openTimerClosesTheStream() {
    Fsm.Step step = run(SERVER, new Fsm.Event.Accepted(), new Fsm.Event.Expired(Fsm.Timer.OPEN));
    assertThat(names(step))
        .containsExactly("Send close", "CancelAll", "Disconnect", "AnnounceFailed");
  }

  @Test
  void clientBacksOffAndTriesTheNext() {
    Fsm.State state = run(CLIENT, new Fsm.Event.Start()).next();
    List<Long> waits = new ArrayList<>();
    for (int i = 1; i <= 8; i++) {
      Fsm.Step lost = Fsm.step(CLIENT, state, new Fsm.Event.Lost(GONE, 0.5));
      assertThat(lost.next()).isEqualTo(new Fsm.State.Waiting(i));
      waits.add(((Fsm.Effect.Arm) lost.effects().getLast()).after().toMillis());
      Fsm.Step retry = Fsm.step(CLIENT, lost.next(), new Fsm.Event.Expired(Fsm.Timer.RETRY));
      assertThat(retry.effects()).contains(new Fsm.Effect.Dial(i));
      state = retry.next();
    }
    assertThat(waits).containsExactly(100L, 200L, 400L, 800L, 1600L, 3200L, 5000L, 5000L);
    assertThat(CLIENT.backOff(1, 0)).isEqualTo(Duration.ofMillis(90));
    assertThat(CLIENT.backOff(100, 1)).isEqualTo(Duration.ofMillis(5500));
  }

  @Test
  void steadySessionForgetsItsAttempts() {
    Fsm.State shaky = new Fsm.State.Established(5, "cn");
    assertThat(Fsm.step(CLIENT, shaky, new Fsm.Event.Lost(GONE, 0)).next())
        .isEqualTo(new Fsm.State.Waiting(6));
    Fsm.Step alive = Fsm.step(CLIENT, shaky, new Fsm.Event.Expired(Fsm.Timer.KEEP_ALIVE));
    assertThat(names(alive)).containsExactly("Send keep-alive", "Arm KEEP_ALIVE");
    assertThat(Fsm.step(CLIENT, alive.next(), new Fsm.Event.Lost(GONE, 0)).next())
        .isEqualTo(new Fsm.State.Waiting(1));
  }

  @Test
  void sessionEnds() {
    Fsm.State up = new Fsm.State.Established(0, "compute1");
    for (Fsm.Event event :
        List.of(
            new Fsm.Event.Lost(GONE, 0),
            new Fsm.Event.Expired(Fsm.Timer.HOLD),
            opened(FROM_AGENT, Fsm.Admission.REFUSE),
            new Fsm.Event.Stop(GONE))) {
      Fsm.Step step = Fsm.step(SERVER, up, event);
      assertThat(names(step)).containsExactly("CancelAll", "Disconnect", "AnnounceClosed");
      assertThat(step.next()).isEqualTo(new Fsm.State.Ended());
    }
    assertThat(names(Fsm.step(CLIENT, up, new Fsm.Event.Expired(Fsm.Timer.HOLD))))
        .containsExactly("CancelAll", "Disconnect", "Arm RETRY", "AnnounceClosed");
  }

  @Test
  void everyEventIsTakenInEveryState() {
    List<Fsm.Event> events =
        List.of(
            new Fsm.Event.Start(),
            new Fsm.Event.Accepted(),
            new Fsm.Event.Connected(),
            opened(FROM_AGENT, Fsm.Admission.ACCEPT),
            new Fsm.Event.StanzaReceived(STANZA),
            new Fsm.Event.MalformedReceived("x"),
            new Fsm.Event.Expired(Fsm.Timer.RETRY),
            new Fsm.Event.Expired(Fsm.Timer.OPEN),
            new Fsm.Event.Expired(Fsm.Timer.HOLD),
            new Fsm.Event.Expired(Fsm.Timer.KEEP_ALIVE),
            new Fsm.Event.Lost(GONE, 0),
            new Fsm.Event.Stop(GONE));
    for (Fsm.Event event : events) {
      assertThat(Fsm.step(CLIENT, new Fsm.State.Ended(), event).effects()).isEmpty();
      for (Fsm.State state :
          List.of(
              new Fsm.State.Idle(),
              new Fsm.State.Waiting(1),
              new Fsm.State.Connecting(1),
              new Fsm.State.Opening(1),
              new Fsm.State.Established(1, "a"))) {
        assertThat(Fsm.step(CLIENT, state, event).next()).isNotNull();
        assertThat(Fsm.step(SERVER, state, event).next()).isNotNull();
      }
    }
  }
}
