package weft.xmpp;

import weft.net.XmlElement;

/** The owner of sessions. All calls come on the owner's loop. */
public interface XmppListener {
  void opened(XmppSession session);

  void stanza(XmppSession session, XmlElement stanza);

  /** A stanza could not be read; it was dropped and counted, the session stays. */
  default void malformed(XmppSession session, String reason) {}

  /** The session takes more again after it had turned not writable. */
  default void writable(XmppSession session) {}

  /** A peer was not let in, or went before it had a session. */
  default void refused(String from, CloseReason reason) {}

  /** The last call for a session that was opened. */
  void closed(XmppSession session, CloseReason reason);
}
