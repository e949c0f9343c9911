package weft.xmpp;

import weft.net.XmlElement;

/** What passes on a stream, above bytes and below the meaning of stanzas. */
sealed interface Message {

  /**
   * The stream header.
   *
   * @param id the control node's stream id; empty from an agent
   * @param namespace from an agent its sub-cluster, from the control node `jabber:client`
   */
  record StreamOpen(String from, String to, String id, String namespace) implements Message {}

  record StreamClose() implements Message {}

  /** A run of white space and of U+0200, which is what Tungsten Fabric sends. */
  record KeepAlive() implements Message {}

  record Stanza(XmlElement element) implements Message {}

  /** Received only: something was dropped; what follows can be read again. */
  record Malformed(String reason) implements Message {}

  /** Received only, and the last: nothing that follows could be understood. */
  record Unusable(CloseReason reason) implements Message {}
}
