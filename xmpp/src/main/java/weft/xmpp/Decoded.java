package weft.xmpp;

/** What became of reading something a peer sent: its value, or why it has none. */
public sealed interface Decoded<T> {
  record Ok<T>(T value) implements Decoded<T> {}

  record Malformed<T>(String reason) implements Decoded<T> {}
}
