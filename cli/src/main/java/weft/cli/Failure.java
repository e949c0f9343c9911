package weft.cli;

/** What a command cannot do, in one line for its user. */
final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final String text;
  private final int status;

  /**
   * @param status that a server answered with; 0 if none did
   */
  Failure(String text, int status) {
    super(text, null, false, false);
    this.text = text.replaceAll("\\s*\\R\\s*", " ");
    this.status = status;
  }

  Failure(String text) {
    this(text, 0);
  }

  String text() {
    return text;
  }

  int status() {
    return status;
  }
}
