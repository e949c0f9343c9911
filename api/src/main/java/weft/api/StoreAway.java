package weft.api;

import java.util.concurrent.ExecutionException;
import weft.http.HttpError;
import weft.store.StoreException;

/** What clients are told while the store cannot do its work: 503, and why. */
final class StoreAway {
  private StoreAway() {}

  static HttpError of(StoreException cause) {
    return new HttpError(503, "The store is not available: " + cause.getMessage());
  }

  static HttpError of(ExecutionException failed) {
    if (failed.getCause() instanceof StoreException cause) {
      return of(cause);
    }
    throw new IllegalStateException("the store failed", failed.getCause());
  }
}
