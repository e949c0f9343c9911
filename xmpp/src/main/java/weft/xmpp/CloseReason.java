package weft.xmpp;

/** Why a stream ended or was refused. */
public record CloseReason(Kind kind, String detail) {
  /** The reasons, each of which has a counter. */
  public enum Kind {
    PEER_CLOSED,
    LOCAL_CLOSED,
    HOLD_EXPIRED,
    OPEN_EXPIRED,
    CONNECT_FAILED,
    IO_ERROR,
    NOT_XMPP,
    STANZA_TOO_LONG,
    SUB_CLUSTER,
    DUPLICATE,
    /** TLS was not asked for, or its handshake failed. */
    TLS_FAILED,
    /** The certificate is good, but another's. */
    WRONG_CERTIFICATE,
    REPLACED,
    QUEUE_OVERFLOW
  }

  @Override
  public String toString() {
    return detail.isEmpty() ? kind.toString() : kind + ": " + detail;
  }
}
