package weft.store;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Operations that happen together, at one revision, or not at all if a comparison fails.
 *
 * <p>No key is operated on twice. An engine may refuse a transaction that is too large for it: etcd
 * takes 128 comparisons and 128 operations, and 1.5 MiB in all, unless configured otherwise; the
 * embedded engines set no limit.
 */
public record Transaction(List<Compare> compares, List<Operation> operations) {
  public Transaction {
    compares = List.copyOf(compares);
    operations = List.copyOf(operations);
    Set<Key> seen = HashSet.newHashSet(operations.size());
    for (Operation operation : operations) {
      if (operation.key().equals(Key.EMPTY)) {
        throw new IllegalArgumentException("the empty key names no entry");
      }
      if (!seen.add(operation.key())) {
        throw new IllegalArgumentException("two operations on key " + operation.key());
      }
    }
  }

  public static Builder builder() {
    return new Builder();
  }

  /** Gathers comparisons and operations. */
  public static final class Builder {
    private final List<Compare> compares = new ArrayList<>();
    private final List<Operation> operations = new ArrayList<>();

    public Builder require(Compare compare) {
      compares.add(compare);
      return this;
    }

    public Builder put(Key key, byte[] value) {
      operations.add(new Operation.Put(key, value));
      return this;
    }

    public Builder put(Key key, String value) {
      return put(key, value.getBytes(StandardCharsets.UTF_8));
    }

    public Builder put(Key key, byte[] value, Lease lease) {
      operations.add(new Operation.Put(key, value, lease.id()));
      return this;
    }

    public Builder delete(Key key) {
      operations.add(new Operation.Delete(key));
      return this;
    }

    public Transaction build() {
      return new Transaction(compares, operations);
    }
  }
}
