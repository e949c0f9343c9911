package weft.store;

import org.jspecify.annotations.Nullable;

/** The store cannot do its work: the disk failed, the store is closed, the files are damaged. */
public final class StoreException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StoreException(String message) {
    super(message);
  }

  public StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
