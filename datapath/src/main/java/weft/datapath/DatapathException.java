package weft.datapath;

/** The kernel refused something; the message says what, and carries the verifier's log if any. */
public final class DatapathException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public DatapathException(String message) {
    super(message);
  }

  DatapathException(String message, Throwable cause) {
    super(message, cause);
  }
}
