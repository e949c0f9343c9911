package weft.bgp;

import java.net.InetSocketAddress;
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

  /** False while more waits to be written than the limit allows. */
  boolean writable();

  /** Ends the session with a Cease of this subcode (RFC 4486). */
  void close(int ceaseSubcode);
}
