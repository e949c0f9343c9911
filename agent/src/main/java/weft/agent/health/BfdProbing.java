package weft.agent.health;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import weft.agent.local.BfdFrame;
import weft.bfd.BfdPacket;
import weft.bfd.BfdPacket.State;
import weft.bfd.BfdSession;
import weft.state.Loop;

/** A BFD session with the guest; as long as it is up the guest is well. */
final class BfdProbing implements Probe {
  /** A session that is not up after this is a failure: its start goes at a packet a second. */
  private static final long GRACE_NS = Duration.ofSeconds(10).toNanos();

  private final Aim aim;
  private final Way way;
  private final Findings findings;
  private final BfdSession session;
  private State told = State.ADMIN_DOWN;
  private long startedNs;
  private Loop.@Nullable Timer timer;

  BfdProbing(Aim aim, Way way, Findings findings) {
    this.aim = aim;
    this.way = way;
    this.findings = findings;
    int mine = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
    long intervalUs = aim.check().delay().toNanos() / 1000;
    session = new BfdSession(mine, intervalUs, aim.check().retries());
  }

  @Override
  public void start() {
    startedNs = way.loop().nowNs();
    send();
  }

  private void send() {
    session.look(way.loop().nowNs());
    transmit(session.packet());
    tell();
    double jitter = ThreadLocalRandom.current().nextDouble(0.75, 0.9);
    timer =
        way.loop().schedule(Duration.ofNanos((long) (session.intervalNs() * jitter)), this::send);
  }

  private void transmit(BfdPacket packet) {
    way.transmit(aim.vif(), BfdFrame.to(aim.mac(), packet, aim.self(), aim.target()));
  }

  private void tell() {
    State now = session.state();
    boolean late = way.loop().nowNs() - startedNs > GRACE_NS;
    if (now == State.UP && told != State.UP) {
      told = State.UP;
      findings.good("BFD session with " + aim.target() + " is up");
    } else if (now != State.UP && (told == State.UP || (late && told != State.DOWN))) {
      told = State.DOWN;
      findings.bad("BFD session with " + aim.target() + " is down");
    }
  }

  @Override
  public boolean takes(byte[] frame) {
    BfdPacket packet = BfdFrame.from(frame, aim.self(), aim.target());
    if (packet == null) {
      return false;
    }
    State before = session.state();
    long interval = session.intervalNs();
    BfdPacket answer = session.heard(packet, way.loop().nowNs());
    if (answer != null) {
      transmit(answer);
    }
    boolean hurries = session.intervalNs() < interval;
    if (session.state() != before || hurries) {
      if (timer != null) {
        timer.cancel();
      }
      send();
    }
    return true;
  }

  @Override
  public void stop() {
    if (timer != null) {
      timer.cancel();
    }
  }
}
