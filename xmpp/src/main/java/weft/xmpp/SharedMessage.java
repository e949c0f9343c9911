package weft.xmpp;

import java.nio.charset.StandardCharsets;

/**
 * A stanza encoded once for many agents: all of it but the value of `to`, which each session puts
 * in as it sends.
 */
public final class SharedMessage {
  private final byte[] head;
  private final String resource;
  private final byte[] tail;

  /**
   * @param head up to and including the opening quote of `to`
   * @param resource what follows the agent's name in `to`, such as `/bgp-peer`
   * @param tail from the closing quote on
   */
  SharedMessage(byte[] head, String resource, byte[] tail) {
    this.head = head;
    this.resource = resource;
    this.tail = tail;
  }

  /** The address of an agent, as text for `to`. */
  String addressOf(String agent) {
    return agent + resource;
  }

  /** The opening of the stanza for one agent. */
  byte[] headFor(String agent) {
    StringBuilder to = new StringBuilder();
    weft.net.XmlElement.escape(addressOf(agent), to);
    byte[] address = to.toString().getBytes(StandardCharsets.UTF_8);
    byte[] patched = java.util.Arrays.copyOf(head, head.length + address.length);
    System.arraycopy(address, 0, patched, head.length, address.length);
    return patched;
  }

  /** The part that all agents share; never written to. */
  byte[] tail() {
    return tail;
  }

  /** The length of what is shared. */
  public int length() {
    return head.length + tail.length;
  }

  /** The whole stanza for one agent. */
  public byte[] bytesFor(String agent) {
    byte[] first = headFor(agent);
    byte[] whole = java.util.Arrays.copyOf(first, first.length + tail.length);
    System.arraycopy(tail, 0, whole, first.length, tail.length);
    return whole;
  }
}
