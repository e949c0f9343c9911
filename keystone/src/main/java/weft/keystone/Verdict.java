package weft.keystone;

/** What is known of a token. */
public sealed interface Verdict {
  record Valid(Token token) implements Verdict {}

  record Invalid(String reason) implements Verdict {}

  /** Keystone did not tell. */
  record Unknown(String reason) implements Verdict {}
}
