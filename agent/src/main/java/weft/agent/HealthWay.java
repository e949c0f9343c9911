package weft.agent;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import weft.agent.health.Way;
import weft.datapath.DatapathException;
import weft.state.Loop;
import weft.vrouter.OwnFlow;

/** Lets probes reach guests through the datapath; what it refuses, the probe misses. */
record HealthWay(Loop loop, Forwarding forwarding) implements Way {
  private static final Logger LOG = LoggerFactory.getLogger(HealthWay.class);

  @Override
  public void transmit(int vif, byte[] frame) {
    attempt(() -> forwarding.transmit(vif, frame));
  }

  @Override
  public void allow(OwnFlow flow) {
    attempt(() -> forwarding.allow(flow));
  }

  @Override
  public void forget(OwnFlow flow) {
    attempt(() -> {
      boolean _ = forwarding.deleteFlow(flow.fromGuest());
    });
  }

  private static void attempt(Runnable work) {
    try {
      work.run();
    } catch (DatapathException e) {
      LOG.warn("health check: {}", e.getMessage());
    }
  }
}
