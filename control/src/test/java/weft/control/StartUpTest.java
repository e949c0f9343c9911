package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.Test;
import weft.net.Ipv4Address;
import weft.xmpp.AgentMessage;

/** For whom End-of-RIB to agents waits after a start, on a clock that is moved. */
class StartUpTest {
  private final SimulatedNode node = new SimulatedNode(1, 1, Duration.ZERO);

  private SimulatedStream agent(int number) {
    Ipv4Address address = new Ipv4Address(0xac1f_0000 + number);
    SimulatedStream stream = new SimulatedStream(node, "host" + number, address);
    stream.tell(new AgentMessage.Subscribe("red", number, false));
    pass(stream, 0);
    return stream;
  }

  private void pass(SimulatedStream stream, int seconds) {
    for (int i = 0; i <= seconds; i++) {
      while (!stream.isIdle()) {
        stream.deliver();
        stream.hear();
      }
      node.loop.advance(Duration.ofSeconds(i == 0 ? 0 : 1));
    }
  }

  @Test
  void aHostThatIsDeadIsWaitedForUntilItWouldHaveCome() {
    node.startUp.expect(Set.of("host1", "dead"));
    SimulatedStream one = agent(1);
    pass(one, 30);
    assertThat(one.endsOfRib).as("it may still come").isZero();
    pass(one, 8);
    assertThat(one.endsOfRib).as("long before %s", SimulatedNode.RESTART).isPositive();
  }

  @Test
  void aHostThatComesAndIsLostAgainIsNotWaitedFor() {
    node.startUp.expect(Set.of("host1", "host2"));
    SimulatedStream one = agent(1);
    SimulatedStream two = agent(2);
    two.lostAtAgent();
    two.lostAtNode();
    pass(one, 5);
    assertThat(one.endsOfRib).isPositive();
  }

  @Test
  void aHostThatIsStillComingIsWaitedFor() {
    node.startUp.expect(Set.of("host1", "host2"));
    SimulatedStream one = agent(1);
    pass(one, 20);
    assertThat(one.endsOfRib).isZero();
    SimulatedStream two = agent(2);
    pass(one, 5);
    pass(two, 0);
    assertThat(one.endsOfRib).isPositive();
    assertThat(two.endsOfRib).isPositive();
  }

  /** Once it is over, who comes and goes delays nobody. */
  @Test
  void afterTheStartNobodyIsWaitedFor() {
    node.startUp.expect(Set.of("host1"));
    SimulatedStream one = agent(1);
    pass(one, 5);
    assertThat(one.endsOfRib).isPositive();
    node.startUp.expect(Set.of("host1", "host2", "dead"));
    SimulatedStream two = agent(2);
    pass(two, 5);
    assertThat(two.endsOfRib).isPositive();
  }
}
