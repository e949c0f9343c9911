package weft.store;

import java.time.Duration;

/** The right of entries to exist until its owner is silent for longer than `timeToLive`. */
public record Lease(long id, Duration timeToLive) {
  /** The lease of entries that stay until deleted. */
  public static final long NONE = 0;
}
