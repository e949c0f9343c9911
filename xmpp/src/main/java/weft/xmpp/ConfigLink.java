package weft.xmpp;

/**
 * A link of the configuration graph.
 *
 * @param metadata the name of the relation, such as `virtual-machine-interface-virtual-network`
 */
public record ConfigLink(ConfigKey left, ConfigKey right, String metadata) {}
