package weft.vrouter;

/**
 * An entry of a bridge table.
 *
 * @param nextHop id of the next hop
 * @param label the label or VNI to send with if the next hop is a tunnel, else -1
 */
public record BridgeEntry(int nextHop, int label) implements TableValue {}
