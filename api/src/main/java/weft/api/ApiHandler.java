package weft.api;

import weft.api.access.Caller;
import weft.http.HttpError;
import weft.http.Request;
import weft.http.Response;

/** Answers one request of somebody known. */
@FunctionalInterface
public interface ApiHandler {
  /**
   * @throws HttpError to answer with its status and text
   * @throws Exception any other is answered with 500 and a short text, and logged with its cause
   */
  Response handle(Request request, Caller caller) throws Exception;
}
