package weft.agent.health;

/** Asks one guest again and again. All is called on the loop. */
interface Probe {
  void start();

  void stop();

  /** True if the frame, which the guest has sent to the gateway, is an answer to this probe. */
  boolean takes(byte[] frame);
}
