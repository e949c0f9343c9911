package weft.agent.health;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import weft.agent.core.HealthCheck.Monitor;
import weft.agent.local.TcpSegment;
import weft.net.Ipv6Address;
import weft.state.Loop;
import weft.vrouter.OwnFlow;

/**
 * TCP and HTTP over IPv6: a connection each time, made of segments of our own, as the sockets of
 * this host reach guests by IPv4 alone. It ends with a reset as soon as it has said enough.
 */
final class SegmentProbing implements Probe {
  private static final int TCP = 6;
  private static final int FIRST_SOURCE = 49152;
  private static final Duration AGAIN = Duration.ofMillis(200);
  private static final byte[] NOTHING = {};

  private final Aim aim;
  private final Way way;
  private final Findings findings;
  private final Ipv6Address self;
  private final Ipv6Address target;
  private @Nullable Attempt attempt;
  private Loop.@Nullable Timer next;

  SegmentProbing(Aim aim, Way way, Findings findings) {
    this.aim = aim;
    this.way = way;
    this.findings = findings;
    if (!(aim.self() instanceof Ipv6Address from && aim.target() instanceof Ipv6Address to)) {
      throw new IllegalArgumentException("segments are of IPv6");
    }
    self = from;
    target = to;
  }

  @Override
  public void start() {
    ask();
  }

  private void ask() {
    Attempt fresh = new Attempt();
    attempt = fresh;
    fresh.begin();
  }

  @Override
  public boolean takes(byte[] frame) {
    TcpSegment segment = TcpSegment.from(frame, self, target);
    Attempt now = attempt;
    // Of several checks of one server each has its connection.
    if (segment == null || now == null || !now.isOf(segment)) {
      return false;
    }
    now.heard(segment);
    return true;
  }

  @Override
  public void stop() {
    if (next != null) {
      next.cancel();
    }
    if (attempt != null) {
      attempt.end();
    }
  }

  /** One connection. */
  private final class Attempt {
    private final int port = ThreadLocalRandom.current().nextInt(FIRST_SOURCE, 1 << 16);
    private final int first = ThreadLocalRandom.current().nextInt();
    private final OwnFlow flow = new OwnFlow(aim.vif(), target, aim.port(), self, port, TCP, false);
    private final long endNs = way.loop().nowNs() + aim.check().timeout().toNanos();
    private final StringBuilder answer = new StringBuilder();
    private Loop.@Nullable Timer again;
    private boolean connected;
    private int theirs;

    boolean isOf(TcpSegment segment) {
      return segment.from() == aim.port() && segment.to() == port;
    }

    void begin() {
      way.allow(flow);
      speak();
    }

    /** Says, again and again, what the guest is to answer next. */
    private void speak() {
      if (way.loop().nowNs() - endNs >= 0) {
        finished(null, connected ? "no answer of HTTP" : "no connection");
        return;
      }
      if (connected) {
        send(first + 1, TcpSegment.PSH | TcpSegment.ACK, HttpQuestion.request(aim));
      } else {
        send(first, TcpSegment.SYN, NOTHING);
      }
      again = way.loop().schedule(AGAIN, this::speak);
    }

    private void send(int sequence, int flags, byte[] content) {
      int acknowledged = connected ? theirs : 0;
      TcpSegment segment = new TcpSegment(port, aim.port(), sequence, acknowledged, flags, content);
      way.transmit(aim.vif(), segment.to(aim.mac(), self, target));
    }

    void heard(TcpSegment segment) {
      if (segment.has(TcpSegment.RST)) {
        finished(null, "refused");
      } else if (connected) {
        answered(segment);
      } else if (segment.has(TcpSegment.SYN) && segment.acknowledged() == first + 1) {
        connected = true;
        theirs = segment.sequence() + 1;
        if (aim.check().monitor() == Monitor.TCP) {
          finished("connected to " + aim.target() + " port " + aim.port(), null);
        } else {
          stopSpeaking();
          speak();
        }
      }
    }

    private void answered(TcpSegment segment) {
      int length = segment.content().length;
      boolean last = segment.has(TcpSegment.FIN);
      if (segment.sequence() != theirs || (length == 0 && !last)) {
        return;
      }
      theirs += length;
      answer.append(new String(segment.content(), StandardCharsets.ISO_8859_1));
      int line = answer.indexOf("\n");
      if (line < 0 && !last && answer.length() < HttpQuestion.LONGEST_LINE) {
        send(first + 1 + HttpQuestion.request(aim).length, TcpSegment.ACK, NOTHING);
        return;
      }
      int status = HttpQuestion.status(line < 0 ? answer.toString() : answer.substring(0, line));
      if (status < 0) {
        finished(null, "no answer of HTTP");
      } else if (HttpQuestion.expected(aim.check().expected(), status)) {
        finished("HTTP status " + status, null);
      } else {
        finished(null, "HTTP status " + status);
      }
    }

    private void finished(@Nullable String good, @Nullable String bad) {
      end();
      if (good != null) {
        findings.good(good);
      } else {
        findings.bad(aim.target() + " port " + aim.port() + ": " + bad);
      }
      next = way.loop().schedule(aim.check().delay(), SegmentProbing.this::ask);
    }

    private void stopSpeaking() {
      if (again != null) {
        again.cancel();
      }
    }

    void end() {
      stopSpeaking();
      if (connected) {
        int sent = aim.check().monitor() == Monitor.TCP ? 0 : HttpQuestion.request(aim).length;
        send(first + 1 + sent, TcpSegment.RST | TcpSegment.ACK, NOTHING);
      }
      connected = false;
      attempt = null;
      way.forget(flow);
    }
  }
}
