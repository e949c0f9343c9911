package weft.agent.core;

/**
 * Names a route that this agent publishes.
 *
 * @param instance the routing instance
 * @param node the publish node, such as `1/1/default-domain:demo:net:net/10.1.1.3/32`
 */
public record RouteKey(String instance, String node) {}
