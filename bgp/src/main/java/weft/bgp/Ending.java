package weft.bgp;

/**
 * How a session ended.
 *
 * @param graceful the peer may come back and find what it told still there, if it asked for that
 *     (RFC 4724, RFC 8538)
 */
public record Ending(String reason, boolean graceful) {}
