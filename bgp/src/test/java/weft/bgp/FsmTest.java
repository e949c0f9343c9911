package weft.bgp;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;

class FsmTest {
  private static final Ipv4Address LOW = Ipv4Address.parse("10.0.0.1");
  private static final Ipv4Address HIGH = Ipv4Address.parse("10.0.0.9");

  private static Terms config(Ipv4Address identifier, boolean passive) {
    return new Terms(
        64512,
        identifier,
        64512,
        passive,
        90,
        Duration.ofSeconds(30),
        Set.of(Family.INET_VPN, Family.EVPN),
        false,
        BgpServer.Restart.NONE,
        false);
  }

  private static Message.Open open(Ipv4Address identifier, Capability... capabilities) {
    return new Message.Open(64512, 30, identifier, List.of(capabilities));
  }

  private static final Capability VPN = new Capability.MultiProtocol(Family.INET_VPN);

  /** A neighbour's machine with what it did in its last step. */
  private static final class Machine {
    private final Terms config;
    private Fsm.State state = Fsm.State.IDLE;
    private List<Fsm.Effect> effects = List.of();

    Machine(Terms config) {
      this.config = config;
    }

    Machine on(Fsm.Event event) {
      Fsm.Step step = Fsm.step(config, state, event);
      state = step.next();
      effects = step.effects();
      return this;
    }

    Machine receives(int id, Message message) {
      return on(new Fsm.Event.Received(id, message));
    }

    List<String> names() {
      List<String> names = new ArrayList<>();
      for (Fsm.Effect effect : effects) {
        names.add(
            switch (effect) {
              case Fsm.Effect.Send(int id, Message.Notification n) ->
                  "Notify " + id + " " + n.code() + "/" + n.subcode();
              case Fsm.Effect.Send(int id, Message message) ->
                  "Send " + id + " " + message.getClass().getSimpleName();
              case Fsm.Effect.Close(int id) -> "Close " + id;
              case Fsm.Effect.Arm(int id, Fsm.Timer timer, Duration after) ->
                  "Arm " + id + " " + timer + " " + after.toSeconds();
              case Fsm.Effect.ArmRetry(Duration after) -> "ArmRetry " + after.toSeconds();
              case Fsm.Effect other -> other.getClass().getSimpleName();
            });
      }
      return names;
    }
  }

  private static Machine dialled(Ipv4Address identifier) {
    return new Machine(config(identifier, false))
        .on(new Fsm.Event.Start())
        .on(new Fsm.Event.Dialled(1));
  }

  private static Machine established() {
    return dialled(LOW).receives(1, open(HIGH, VPN)).receives(1, new Message.Keepalive());
  }

  @Test
  void sessionComesUp() {
    Machine machine = new Machine(config(LOW, false));
    assertThat(machine.state.name()).isEqualTo("Idle");
    assertThat(machine.on(new Fsm.Event.Start()).names()).containsExactly("Dial");
    assertThat(machine.state.name()).isEqualTo("Connect");
    assertThat(machine.on(new Fsm.Event.Dialled(1)).names())
        .containsExactly("CancelRetry", "Send 1 Open", "Arm 1 HOLD 240");
    assertThat(machine.state.name()).isEqualTo("OpenSent");
    assertThat(
            machine
                .receives(
                    1,
                    open(
                        HIGH,
                        VPN,
                        new Capability.RouteRefresh(),
                        new Capability.ExtendedNextHop(List.of(Family.INET_VPN))))
                .names())
        .containsExactly("Send 1 Keepalive", "Arm 1 KEEPALIVE 10", "Arm 1 HOLD 30");
    assertThat(machine.state.name()).isEqualTo("OpenConfirm");
    assertThat(machine.receives(1, new Message.Keepalive()).names()).containsExactly("Up");
    assertThat(machine.state.name()).isEqualTo("Established");
    assertThat(((Fsm.Effect.Up) machine.effects.getFirst()).negotiated())
        .isEqualTo(
            new Negotiated(
                64512,
                HIGH,
                30,
                Set.of(Family.INET_VPN),
                false,
                true,
                false,
                false,
                Set.of(Family.INET_VPN),
                Set.of(),
                null,
                null));
  }

  @Test
  void passivePeerWaits() {
    Machine machine = new Machine(config(LOW, true)).on(new Fsm.Event.Start());
    assertThat(machine.names()).isEmpty();
    assertThat(machine.state.name()).isEqualTo("Active");
    assertThat(machine.on(new Fsm.Event.Accepted(4)).names())
        .containsExactly("CancelRetry", "Send 4 Open", "Arm 4 HOLD 240");
  }

  @Test
  void attemptsBackOff() {
    Machine machine = new Machine(config(LOW, false)).on(new Fsm.Event.Start());
    List<String> waits = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      waits.add(machine.on(new Fsm.Event.DialFailed("refused")).names().getLast());
      assertThat(machine.state.name()).isEqualTo("Active");
      assertThat(machine.on(new Fsm.Event.RetryExpired()).names()).containsExactly("Dial");
    }
    assertThat(waits)
        .containsExactly(
            "ArmRetry 1",
            "ArmRetry 2",
            "ArmRetry 4",
            "ArmRetry 8",
            "ArmRetry 16",
            "ArmRetry 30",
            "ArmRetry 30");
  }

  @Test
  void wrongOpensAreRefused() {
    assertThat(dialled(LOW).receives(1, new Message.Open(65000, 90, HIGH, List.of(VPN))).names())
        .containsExactly("Notify 1 2/2", "Close 1", "Failed", "ArmRetry 1");
    assertThat(dialled(LOW).receives(1, open(LOW, VPN)).names()).startsWith("Notify 1 2/3");
    assertThat(dialled(LOW).receives(1, open(HIGH)).names()).startsWith("Notify 1 2/7");
    assertThat(
            dialled(LOW)
                .receives(
                    1, new Message.Open(23456, 90, HIGH, List.of(new Capability.FourOctetAs(1))))
                .names())
        .startsWith("Notify 1 2/2");
  }

  @Test
  void messagesOutOfTurnAreErrors() {
    Update update = Update.withdraw(Family.INET, List.of(new Nlri.Ip(IpPrefix.parse("::/0"))));
    assertThat(dialled(LOW).receives(1, update).names()).startsWith("Notify 1 5/1");
    assertThat(dialled(LOW).receives(1, new Message.Keepalive()).names())
        .startsWith("Notify 1 5/1");
    assertThat(dialled(LOW).receives(1, open(HIGH, VPN)).receives(1, update).names())
        .startsWith("Notify 1 5/2");
    assertThat(established().receives(1, open(HIGH, VPN)).names())
        .containsExactly("Notify 1 5/3", "Close 1", "Down", "ArmRetry 1");
  }

  @Test
  void establishedSession() {
    Machine machine = established();
    assertThat(machine.receives(1, Update.endOfRib(Family.INET_VPN)).names())
        .containsExactly("Deliver");
    assertThat(machine.receives(1, Message.RouteRefresh.request(Family.INET_VPN)).names())
        .containsExactly("Deliver");
    assertThat(machine.on(new Fsm.Event.Expired(1, Fsm.Timer.KEEPALIVE)).names())
        .containsExactly("Send 1 Keepalive", "Arm 1 KEEPALIVE 10");
    assertThat(machine.on(new Fsm.Event.Expired(1, Fsm.Timer.HOLD)).names())
        .containsExactly("Notify 1 4/0", "Close 1", "Down", "ArmRetry 1");
  }

  @Test
  void sessionEnds() {
    assertThat(established().receives(1, Message.Notification.of(6, 2)).names())
        .containsExactly("Close 1", "Down", "ArmRetry 1");
    assertThat(established().on(new Fsm.Event.Lost(1, "reset")).names())
        .containsExactly("Close 1", "Down", "ArmRetry 1");
    assertThat(
            established()
                .on(new Fsm.Event.Undecodable(1, Message.Notification.of(3, 9), "bad"))
                .names())
        .containsExactly("Notify 1 3/9", "Close 1", "Down", "ArmRetry 1");
    assertThat(established().on(new Fsm.Event.Reset(Cease.RESET)).names())
        .containsExactly("Notify 1 6/4", "Close 1", "Down", "ArmRetry 1");
    Machine stopped = established().on(new Fsm.Event.Stop(Cease.SHUTDOWN, ""));
    assertThat(stopped.names())
        .startsWith("Notify 1 6/2", "Close 1", "Down")
        .endsWith("CancelRetry");
    assertThat(stopped.state).isEqualTo(Fsm.State.IDLE);
  }

  @Test
  void zeroHoldTimeMeansNoTimers() {
    Machine machine = dialled(LOW).receives(1, new Message.Open(64512, 0, HIGH, List.of(VPN)));
    assertThat(machine.names()).containsExactly("Send 1 Keepalive");
  }

  /** Both sides have dialled; the second OPEN comes while the first connection is confirmed. */
  private static Machine collision(Ipv4Address ours, Ipv4Address theirs, boolean ourOwnFirst) {
    int first = ourOwnFirst ? 1 : 2;
    return dialled(ours)
        .on(new Fsm.Event.Accepted(2))
        .receives(first, open(theirs, VPN))
        .receives(3 - first, open(theirs, VPN));
  }

  @Test
  void collisionKeepsTheConnectionOfTheHigherIdentifier() {
    for (boolean ourOwnFirst : List.of(true, false)) {
      Machine higher = collision(HIGH, LOW, ourOwnFirst);
      assertThat(higher.names()).contains("Notify 2 6/7", "Close 2");
      assertThat(higher.state.connections()).extracting(Fsm.Conn::id).containsExactly(1);
      Machine lower = collision(LOW, HIGH, ourOwnFirst);
      assertThat(lower.names()).contains("Notify 1 6/7", "Close 1");
      assertThat(lower.state.connections()).extracting(Fsm.Conn::id).containsExactly(2);
      assertThat(lower.state.name()).isEqualTo("OpenConfirm");
    }
  }

  @Test
  void establishedConnectionOutlivesANewOne() {
    Machine machine = established().on(new Fsm.Event.Accepted(2)).receives(2, open(HIGH, VPN));
    assertThat(machine.names()).contains("Notify 2 6/7", "Close 2");
    assertThat(machine.state.name()).isEqualTo("Established");
  }

  @Test
  void restartedPeerReplacesItsOldConnection() {
    Capability restart =
        new Capability.GracefulRestart(
            true,
            false,
            120,
            List.of(new Capability.GracefulRestart.Preserved(Family.INET_VPN, true)));
    Machine machine =
        dialled(LOW)
            .receives(1, open(HIGH, VPN, restart))
            .receives(1, new Message.Keepalive())
            .on(new Fsm.Event.Accepted(2))
            .receives(2, open(HIGH, VPN, restart));
    assertThat(machine.names()).startsWith("Close 1", "Down");
    assertThat(machine.receives(2, new Message.Keepalive()).names()).containsExactly("Up");
  }

  @Test
  void secondConnectionOfTheirsIsRefused() {
    Machine machine =
        new Machine(config(LOW, true))
            .on(new Fsm.Event.Start())
            .on(new Fsm.Event.Accepted(1))
            .on(new Fsm.Event.Accepted(2));
    assertThat(machine.names()).containsExactly("Notify 2 6/5", "Close 2");
  }

  @Test
  void attemptIsGivenUpOnceThereIsASession() {
    Machine machine =
        new Machine(config(LOW, false))
            .on(new Fsm.Event.Start())
            .on(new Fsm.Event.Accepted(2))
            .receives(2, open(HIGH, VPN))
            .receives(2, new Message.Keepalive());
    assertThat(machine.names()).containsExactly("HangUp", "Up");
    assertThat(machine.on(new Fsm.Event.Dialled(3)).names()).containsExactly("Close 3");
    assertThat(machine.on(new Fsm.Event.RetryExpired()).names()).isEmpty();
  }

  @Test
  void offerOfAWideAs() {
    Terms wide =
        new Terms(
            400000,
            LOW,
            64512,
            false,
            90,
            Duration.ofSeconds(30),
            Set.of(Family.INET_VPN),
            false,
            BgpServer.Restart.NONE,
            false);
    assertThat(wide.open().asn()).isEqualTo(Codec.AS_TRANS);
    assertThat(wide.open().effectiveAsn()).isEqualTo(400000);
    assertThat(wide.internal()).isFalse();
  }
}
