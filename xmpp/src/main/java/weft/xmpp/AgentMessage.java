package weft.xmpp;

/** What an agent tells the control node in one IQ. */
public sealed interface AgentMessage {

  /**
   * Joins a routing instance.
   *
   * @param instanceId the agent's own index of it, used in route distinguishers; 0 if not given
   * @param noRibOut true if the agent wants no routes back
   */
  record Subscribe(String instance, int instanceId, boolean noRibOut) implements AgentMessage {}

  record Unsubscribe(String instance) implements AgentMessage {}

  /** First half of a route: what it is. */
  record Publish(String node, Item item) implements AgentMessage {}

  /** Second half of a route: whose it is, and whether it comes or goes. */
  record Collect(String instance, String node, boolean associate) implements AgentMessage {}

  /** The agent has sent all it had. */
  record EndOfRib() implements AgentMessage {}

  /** Asks for the configuration around a node: a virtual-router or a virtual-machine. */
  record SubscribeConfig(ConfigKey node) implements AgentMessage {}

  record UnsubscribeConfig(ConfigKey node) implements AgentMessage {}
}
