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

  /** The last call for a session that was established. */
  void down(BgpSession session, String reason);

  /** A connection was refused: it came from an address that is no peer's. */
  default void refused(IpAddress address) {}
}
