package weft.xmpp;

import java.net.InetSocketAddress;

/** An established stream with one peer. Its methods are called on the owner's loop. */
public interface XmppSession {
  /** The peer's name: for an agent its host name, for a control node its JID without resource. */
  String name();

  InetSocketAddress remoteAddress();

  InetSocketAddress localAddress();

  /** Counts up with each session of a process; tells two sessions of one peer apart. */
  long serial();

  /**
   * Queues whole stanzas. Nothing is ever dropped; after it has turned {@link #writable} false the
   * caller should hold back until {@link XmppListener#writable} is called.
   */
  void send(byte[] stanzas);

  /** Queues a shared stanza with `name()` and the message's resource as its address. */
  default void send(SharedMessage message) {
    send(message, name());
  }

  /** Queues a shared stanza for another name of this peer, such as that of its virtual-router. */
  void send(SharedMessage message, String to);

  /** False while more waits to be written than the limit allows. */
  boolean writable();

  /** Ends the session; `closed` is called in a later task of the loop. */
  void close(String reason);

  Statistics statistics();

  /** Counts since the session was opened, and what waits to be written. */
  record Statistics(
      long stanzasIn,
      long stanzasOut,
      long bytesIn,
      long bytesOut,
      long keepAlivesIn,
      long malformedIn,
      long queuedBytes) {}
}
