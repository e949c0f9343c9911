package weft.routing;

/** What became of an event that a peer caused. */
public enum Verdict {
  DONE,
  /** It was so already. */
  REPEATED,
  /** The peer has no session. */
  NO_PEER,
  /** The peer has no subscription to the instance, or has not joined the table. */
  NOT_SUBSCRIBED
}
