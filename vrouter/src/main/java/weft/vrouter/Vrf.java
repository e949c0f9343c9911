package weft.vrouter;

/**
 * A routing and bridging domain of one network.
 *
 * @param name the routing instance, such as `default-domain:demo:net1:net1`
 * @param virtualNetwork the network's id, by which ACL rules name it; 0 if it has none
 */
public record Vrf(String name, int virtualNetwork) implements TableValue {}
