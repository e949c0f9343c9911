package weft.agent.health;

import org.jspecify.annotations.Nullable;
import weft.agent.local.EchoProbe;
import weft.state.Loop;
import weft.vrouter.OwnFlow;

/** Ping: one echo request after the other. */
final class EchoProbing implements Probe {
  private static final int ICMP = 1;
  private static final int ICMP_V6 = 58;

  private final Aim aim;
  private final Way way;
  private final Findings findings;
  private final EchoProbe echo;
  private final OwnFlow flow;
  private int sequence;
  private boolean waiting;
  private long sentNs;
  private Loop.@Nullable Timer timer;

  /**
   * @param id of the echo, of which the guest sees several
   */
  EchoProbing(Aim aim, Way way, Findings findings, int id) {
    this.aim = aim;
    this.way = way;
    this.findings = findings;
    this.echo = new EchoProbe(aim.mac(), aim.self(), aim.target(), id);
    int protocol = aim.target().isV4() ? ICMP : ICMP_V6;
    this.flow = new OwnFlow(aim.vif(), aim.target(), 0, aim.self(), id, protocol, false);
  }

  @Override
  public void start() {
    ask();
  }

  private void ask() {
    sequence = sequence + 1 & 0xffff;
    waiting = true;
    sentNs = way.loop().nowNs();
    way.allow(flow);
    way.transmit(aim.vif(), echo.request(sequence));
    timer = way.loop().schedule(aim.check().timeout(), this::expired);
  }

  private void expired() {
    if (waiting) {
      waiting = false;
      findings.bad(
          "no echo from " + aim.target() + " within " + aim.check().timeout().toMillis() + " ms");
    }
    timer = way.loop().schedule(aim.check().delay(), this::ask);
  }

  @Override
  public boolean takes(byte[] frame) {
    int answered = echo.answered(frame);
    if (waiting && answered == sequence) {
      waiting = false;
      long tookUs = (way.loop().nowNs() - sentNs) / 1000;
      findings.good("echo from " + aim.target() + " after " + tookUs + " us");
    }
    return answered >= 0;
  }

  @Override
  public void stop() {
    if (timer != null) {
      timer.cancel();
    }
    way.forget(flow);
  }
}
