package weft.controller.ledger;

import weft.http.HttpCalls;

/** Where writers find a server. */
public interface Site {
  /** The server for a writer; waits while there is none. */
  HttpCalls server(int writer) throws InterruptedException;
}
