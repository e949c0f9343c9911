package weft.bgp;

import java.util.List;

/** What became of reading a message. */
public sealed interface Decoded {
  /**
   * @param tolerated errors that were mended as RFC 7606 asks
   */
  record Ok(Message message, List<AttributeError> tolerated) implements Decoded {
    public Ok {
      tolerated = List.copyOf(tolerated);
    }
  }

  /** The session must be reset with this notification. */
  record Malformed(Message.Notification notification, String reason) implements Decoded {}

  /** An error in an UPDATE that does not cost the session (RFC 7606). */
  record AttributeError(int type, Severity severity, String reason) {}

  /** What an attribute error costs. */
  enum Severity {
    DISCARD_ATTRIBUTE,
    TREAT_AS_WITHDRAW
  }
}
