package weft.api;

import weft.api.access.Caller;
import weft.http.HttpError;
import weft.http.Request;
import weft.http.Response;

/** Asks again whether the sender of a request may come in, for answers that go on after it. */
@FunctionalInterface
interface Admission {
  /** Answers a request for as long as its sender is let in. */
  @FunctionalInterface
  interface Handler {
    Response handle(Request request, Caller caller, Admission admission) throws Exception;
  }

  /**
   * Who sent the request, as far as is known now.
   *
   * @throws HttpError as for a request that came now
   */
  Caller again() throws InterruptedException;
}
