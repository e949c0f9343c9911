package weft.api;

import weft.api.access.Caller;
import weft.http.HttpError;
import weft.http.Request;

/** Finds out who sent a request. */
interface Authentication {
  /**
   * @throws HttpError 401 if nobody can be told, 503 if it cannot be told now
   */
  Caller caller(Request request) throws InterruptedException;

  /** How to ask a client for its proof: the value of `WWW-Authenticate`. */
  String challenge();
}
