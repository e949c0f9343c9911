package weft.store;

/**
 * @param retainedRevisions how many of the last revisions a watch can start from, at least
 * @param cacheBytes for blocks read from disk
 * @param maxWaiting how many requests may wait for the writer before those who come must wait
 *     themselves
 * @param bufferBytes of one kind of record before they go from the log to a file of their own
 */
public record RocksOptions(
    long retainedRevisions, long cacheBytes, int maxWaiting, long bufferBytes) {
  public static final RocksOptions DEFAULT = new RocksOptions(100_000, 64L << 20, 4096, 32L << 20);

  public RocksOptions {
    if (retainedRevisions < 1 || cacheBytes < 1 || maxWaiting < 1 || bufferBytes < 1) {
      throw new IllegalArgumentException("options of the store have to be positive");
    }
  }

  public RocksOptions withRetainedRevisions(long revisions) {
    return new RocksOptions(revisions, cacheBytes, maxWaiting, bufferBytes);
  }

  public RocksOptions withBufferBytes(long bytes) {
    return new RocksOptions(retainedRevisions, cacheBytes, maxWaiting, bytes);
  }
}
