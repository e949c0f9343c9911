package weft.agent.health;

import weft.state.Loop;
import weft.vrouter.OwnFlow;

/** How probes reach guests. All is called on the loop. */
public interface Way {
  Loop loop();

  /** Sends a frame to the guest of a vif; what cannot be sent is lost. */
  void transmit(int vif, byte[] frame);

  /** Lets a guest answer, whatever policy says. */
  void allow(OwnFlow flow);

  void forget(OwnFlow flow);
}
