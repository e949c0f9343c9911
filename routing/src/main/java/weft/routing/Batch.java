package weft.routing;

import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What to send to a peer next, in any order of its parts. */
public final class Batch {
  private final List<Part> parts;
  private final int end;

  /**
   * @param end the place in the log after it
   */
  Batch(List<Part> parts, int end) {
    this.parts = List.copyOf(parts);
    this.end = end;
  }

  /** The place in the log after it. */
  int end() {
    return end;
  }

  public List<Part> parts() {
    return parts;
  }

  /** All updates of its parts. */
  public List<RibOut.Update> updates() {
    return parts.stream().flatMap(part -> part.updates.stream()).toList();
  }

  public boolean isEmpty() {
    return parts.isEmpty();
  }

  /** The same object if there is nothing of that peer in it. */
  Batch without(Peer peer) {
    if (parts.stream().noneMatch(part -> peer.equals(part.source))) {
      return this;
    }
    return new Batch(parts.stream().filter(part -> !peer.equals(part.source)).toList(), end);
  }

  /** Updates in the order to send them; the same object for every peer that gets the same. */
  public static final class Part {
    private final List<RibOut.Update> updates;
    private final @Nullable Peer source;
    private @Nullable Object encoded;

    /**
     * @param source the member that told all of it and is not told it back; null if there is none
     */
    Part(List<RibOut.Update> updates, @Nullable Peer source) {
      this.updates = Collections.unmodifiableList(updates);
      this.source = source;
    }

    public List<RibOut.Update> updates() {
      return updates;
    }

    /** What was kept by `keep`, or null. */
    public @Nullable Object encoded() {
      return encoded;
    }

    /** Keeps an encoding for the next peer that gets this part. */
    public void keep(Object encoding) {
      encoded = encoding;
    }
  }
}
