package weft.http;

/** A refusal with an HTTP status and a one-line text for the caller; carries no stack trace. */
public final class HttpError extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String text;

  public HttpError(int status, String text) {
    super(text, null, false, false);
    this.status = status;
    this.text = text;
  }

  public static HttpError badRequest(String text) {
    return new HttpError(400, text);
  }

  public static HttpError notFound(String text) {
    return new HttpError(404, text);
  }

  public static HttpError conflict(String text) {
    return new HttpError(409, text);
  }

  public int status() {
    return status;
  }

  public String text() {
    return text;
  }
}
