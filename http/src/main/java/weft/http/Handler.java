package weft.http;

/** Answers one request; runs on a virtual thread of its own and may block. */
@FunctionalInterface
public interface Handler {
  /**
   * @throws HttpError to answer with its status and text
   * @throws Exception any other is answered with 500 and a short text, and logged with its cause
   */
  Response handle(Request request) throws Exception;
}
