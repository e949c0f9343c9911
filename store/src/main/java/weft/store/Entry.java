package weft.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

/**
 * What the store holds under a key.
 *
 * @param value not to be changed by anyone
 * @param createRevision of the transaction that made the key; stays the same over later puts
 * @param modRevision of the transaction that put the value
 * @param lease the lease that the entry goes with, or {@link Lease#NONE}
 */
public record Entry(Key key, byte[] value, long createRevision, long modRevision, long lease) {
  public String text() {
    return new String(value, StandardCharsets.UTF_8);
  }

  Version version() {
    return new Version(createRevision, modRevision, lease);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Entry other
        && key.equals(other.key)
        && createRevision == other.createRevision
        && modRevision == other.modRevision
        && lease == other.lease
        && Arrays.equals(value, other.value);
  }

  @Override
  public int hashCode() {
    return Objects.hash(key, modRevision, Arrays.hashCode(value));
  }

  @Override
  public String toString() {
    return key + "@" + createRevision + "/" + modRevision + "=" + text();
  }
}
