package weft.bgp;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** An established session. Its methods are called on the owner's loop. */
public interface BgpSession {
  BgpServer.Peer peer();

  Negotiated negotiated();

  InetSocketAddress remoteAddress();

  InetSocketAddress localAddress();

  /** Counts up with each session of a process. */
  long serial();

  /** Queues an update, in as many messages as it takes. */
  void send(Update update);

  /** What of the negotiation changes the bytes of updates. */
  Codec.Context context();

  /**
   * Queues updates that were packed for this session's context. They may be shared with other
   * sessions and must not change any more.
   */
  void send(List<byte[]> messages);

  /** Asks the peer to send a family again. */
  void requestRefresh(Family family);

  /**
   * Marks that a family is told again from here on, or that all of it has been told; nothing if the
   * peer does not know such marks (RFC 7313).
   */
  void markRefresh(Family family, boolean begins);

  /** False while more waits to be written than the limit allows. */
  boolean writable();

  /** Ends the session as if its connection were lost: the peer is not there any more. */
  void lost(String reason);

  /** Ends the session, saying why; it is made again. */
  void close(Cease cease);

  /** Ends the session, saying why; it is not made again for so long. */
  void close(Cease cease, Duration idle);
}
