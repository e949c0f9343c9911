package weft.agent;

import java.io.IOException;

/** The vRouter agent of one host: from configuration and routes to forwarding tables. */
public final class Agent implements AutoCloseable {
  private final AgentOptions options;

  private Agent(AgentOptions options) {
    this.options = options;
  }

  /**
   * Starts the agent and returns once its HTTP ports listen and the datapath is attached. It runs
   * until it is closed.
   */
  public static Agent start(AgentOptions options) throws IOException {
    return new Agent(options);
  }

  public AgentOptions options() {
    return options;
  }

  /** Stops the agent. Forwarding goes on with what is programmed. */
  @Override
  public void close() {}
}
