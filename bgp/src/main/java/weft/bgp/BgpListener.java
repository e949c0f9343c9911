package weft.bgp;

import java.util.List;
import weft.net.IpAddress;

/** The owner of sessions. All calls come on the owner's loop. */
public interface BgpListener {
  void established(BgpSession session);

  /** Routes, or an End-of-RIB marker. */
  void update(BgpSession session, Update update);

  /** An update had errors that were mended; `update` is called for what is left of it. */
  default void tolerated(BgpSession session, List<Decoded.AttributeError> errors) {}

  /** The peer wants this family again. */
  default void routeRefresh(BgpSession session, Family family) {}

  /** The session takes more again after it had turned not writable. */
  default void writable(BgpSession session) {}

  /** The peer begins to tell all of a family again: what it does not tell is gone (RFC 7313). */
  default void refreshBegins(BgpSession session, Family family) {}

  /** The peer has told all of a family again. */
  default void refreshEnds(BgpSession session, Family family) {}

  /** The last call for a session that was established. */
  void down(BgpSession session, Ending ending);

  /** A connection was refused: it came from an address that is no peer's. */
  default void refused(IpAddress address) {}

  /** The kernel refuses what shall protect the connections with a peer. */
  default void unprotected(IpAddress address, String reason) {}
}
