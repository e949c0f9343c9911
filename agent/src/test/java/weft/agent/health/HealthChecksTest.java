package weft.agent.health;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import weft.agent.core.AgentCore.Checked;
import weft.agent.core.Event;
import weft.agent.core.HealthCheck;
import weft.agent.core.HealthCheck.Kind;
import weft.agent.core.HealthCheck.Monitor;
import weft.agent.core.Wanted;
import weft.agent.core.Wanted.PortConfig;
import weft.agent.health.HealthChecks.State;
import weft.agent.local.Echo;
import weft.agent.local.TcpSegment;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.net.Ipv6Address;
import weft.net.MacAddress;
import weft.state.Loop;
import weft.testkit.TestLoop;
import weft.vrouter.OwnFlow;

class HealthChecksTest {
  private static final UUID PORT = new UUID(1, 1);
  private static final int VIF = 5;
  private static final Ipv6Address GUEST_V6 = Ipv6Address.parse("fd00::3");

  private final TestLoop loop = new TestLoop();
  private final List<Event> told = new ArrayList<>();
  private final List<OwnFlow> allowed = new ArrayList<>();
  private boolean answering = true;
  private HealthChecks checks;

  /** A guest that answers echoes, or not. */
  private final Way way =
      new Way() {
        @Override
        public Loop loop() {
          return loop.loop();
        }

        @Override
        public void transmit(int vif, byte[] frame) {
          byte[] echo = answering ? Echo.answer(frame) : null;
          List<byte[]> answers = echo == null ? served(frame) : List.of(echo);
          for (byte[] answer : answers) {
            loop.loop().execute(() -> checks.takes(vif, answer));
          }
        }

        @Override
        public void allow(OwnFlow flow) {
          allowed.add(flow);
        }

        @Override
        public void forget(OwnFlow flow) {
          allowed.removeIf(flow::equals);
        }
      };

  /** What a server of HTTP on port 80 of the guest says to a segment. */
  private List<byte[]> served(byte[] frame) {
    TcpSegment heard = TcpSegment.from(frame, GUEST_V6, Wanted.GATEWAY_ON_LINK);
    if (heard == null || heard.has(TcpSegment.RST)) {
      return List.of();
    }
    int next = heard.sequence() + Math.max(1, heard.content().length);
    if (heard.to() != 80) {
      return List.of(said(heard, 0, next, TcpSegment.RST | TcpSegment.ACK, ""));
    }
    if (heard.has(TcpSegment.SYN)) {
      return List.of(said(heard, 999, next, TcpSegment.SYN | TcpSegment.ACK, ""));
    }
    if (!answering || heard.content().length == 0) {
      return List.of();
    }
    String first = "HTTP/1.1 2";
    int second = 1000 + first.length();
    return List.of(
        said(heard, second, next, TcpSegment.ACK, "too early"),
        said(heard, 1000, next, TcpSegment.ACK, first),
        said(heard, second, next, TcpSegment.ACK | TcpSegment.FIN, "00 OK\r\n\r\n"));
  }

  private static byte[] said(TcpSegment to, int sequence, int next, int flags, String text) {
    byte[] content = text.getBytes(StandardCharsets.US_ASCII);
    return new TcpSegment(to.to(), to.from(), sequence, next, flags, content)
        .to(MacAddress.GATEWAY, GUEST_V6, Wanted.GATEWAY_ON_LINK);
  }

  @Test
  void connectionsOverIpv6AreMadeOfSegments() {
    follow(port(check(Kind.LINK_LOCAL, Monitor.TCP, "[fd00::3]:80")));
    loop.until(this::only, state -> state == State.GOOD);
    follow(port(check(Kind.LINK_LOCAL, Monitor.TCP, "[fd00::3]:81")));
    loop.until(this::only, state -> state == State.BAD);
    assertThat(loop.ask(() -> checks.statuses().getFirst().detail())).contains("refused");
    follow(port(check(Kind.LINK_LOCAL, Monitor.HTTP, "http://[fd00::3]/")));
    loop.until(this::only, state -> state == State.GOOD);
    assertThat(loop.ask(() -> checks.statuses().getFirst().detail())).isEqualTo("HTTP status 200");
    boolean _ = loop.ask(() -> answering = false);
    loop.until(this::only, state -> state == State.BAD);
    follow();
    assertThat(loop.ask(() -> List.copyOf(allowed))).isEmpty();
  }

  @AfterEach
  void end() throws Exception {
    loop.end();
  }

  private static HealthCheck check(Kind kind, Monitor monitor, String target) {
    Duration soon = Duration.ofMillis(50);
    return new HealthCheck("d:p:check", kind, monitor, soon, soon, 2, target, "", "");
  }

  private static PortConfig port(HealthCheck... list) {
    IpAddress gateway = IpAddress.parse("10.1.1.1");
    Wanted.Subnet subnet =
        new Wanted.Subnet(
            IpPrefix.parse("10.1.1.0/24"),
            gateway,
            gateway,
            true,
            Wanted.AddressMode.STATEFUL,
            List.of(),
            new Wanted.Dns.None(),
            List.of(),
            List.of());
    return new PortConfig(
        PORT,
        "port",
        MacAddress.parse("02:00:00:00:00:01"),
        List.of(IpAddress.parse("10.1.1.3")),
        List.of(),
        List.of(),
        List.of(),
        new Wanted.Network(
            "net",
            "net:net",
            5,
            true,
            true,
            List.of(subnet),
            null,
            0,
            false,
            null,
            weft.agent.core.MacRules.NONE,
            false),
        new TreeMap<>(),
        true,
        Wanted.FlowTerms.DEFAULT,
        0,
        List.of(),
        null,
        List.of(),
        List.of(),
        List.of(list));
  }

  private State only() {
    return checks.statuses().getFirst().state();
  }

  private void follow(PortConfig... ports) {
    boolean _ =
        loop.ask(() -> {
          if (checks == null) {
            checks = new HealthChecks(way, told::add);
          }
          checks.follow(
              java.util.Arrays.stream(ports).map(each -> new Checked(VIF, each)).toList());
          return true;
        });
  }

  @Test
  void aGuestThatFallsSilentIsTakenOutOnceAndBroughtBackOnce() {
    follow(port(check(Kind.LINK_LOCAL, Monitor.PING, "")));
    loop.until(this::only, state -> state == State.GOOD);
    assertThat(loop.ask(() -> List.copyOf(told))).as("nothing has changed").isEmpty();
    boolean _ = loop.ask(() -> answering = false);
    loop.until(this::only, state -> state == State.BAD);
    boolean _ = loop.ask(() -> answering = true);
    loop.until(this::only, state -> state == State.GOOD);
    assertThat(loop.ask(() -> List.copyOf(told)))
        .containsExactly(new Event.HealthChanged(PORT, false), new Event.HealthChanged(PORT, true));
    follow();
    assertThat(loop.ask(() -> List.copyOf(allowed))).isEmpty();
  }

  @Test
  void aCheckThatIsTakenAwayHoldsNobodyBack() {
    boolean _ = loop.ask(() -> answering = false);
    follow(port(check(Kind.END_TO_END, Monitor.PING, "10.7.7.7")));
    loop.until(this::only, state -> state == State.BAD);
    assertThat(loop.ask(() -> checks.statuses().getFirst().detail())).contains("10.7.7.7");
    follow(port());
    assertThat(loop.ask(() -> List.copyOf(told)))
        .containsExactly(new Event.HealthChanged(PORT, false), new Event.HealthChanged(PORT, true));
  }

  @Test
  void whatCannotBeMadeIsSaidAndDoesNoHarm() {
    for (HealthCheck check :
        List.of(
            check(Kind.SEGMENT, Monitor.PING, ""),
            check(Kind.LINK_LOCAL, Monitor.TCP, "local-ip"),
            check(Kind.LINK_LOCAL, Monitor.HTTP, "http://name.example/"),
            check(Kind.LINK_LOCAL, Monitor.TCP, "[fd00::3]"))) {
      follow(port(check));
      assertThat(loop.ask(this::only)).as(check.toString()).isEqualTo(State.NOT_MADE);
      assertThat(loop.ask(() -> checks.statuses().getFirst().detail())).isNotEmpty();
    }
    assertThat(loop.ask(() -> List.copyOf(told))).isEmpty();
  }

  @Test
  void codesOfHttpAreNumbersAndRanges() {
    assertThat(HttpQuestion.expected("", 200)).isTrue();
    assertThat(HttpQuestion.expected("", 204)).isFalse();
    assertThat(HttpQuestion.expected("200, 300-399", 302)).isTrue();
    assertThat(HttpQuestion.expected("200,300-399", 400)).isFalse();
    assertThat(HttpQuestion.expected("any", 200)).isFalse();
  }
}
