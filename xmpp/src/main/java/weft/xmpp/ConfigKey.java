package weft.xmpp;

/**
 * A node of the configuration graph.
 *
 * @param type such as `virtual-network`
 * @param name fully qualified, such as `default-domain:demo:net1`
 */
public record ConfigKey(String type, String name) {
  @Override
  public String toString() {
    return type + ":" + name;
  }
}
