package weft.config;

import java.util.Comparator;

/**
 * A value of a pool that has one owner at most.
 *
 * <p>A pool is a path of its own, such as `route-target`, `virtual-network-id` or, for the
 * addresses of a subnet, `ip/<uuid of the network>/<uuid of the subnet>`, the value being the
 * address as text.
 *
 * @param value has no slash
 */
public record AllocationKey(String pool, String value) implements Comparable<AllocationKey> {
  private static final Comparator<AllocationKey> ORDER =
      Comparator.comparing(AllocationKey::pool).thenComparing(AllocationKey::value);

  public AllocationKey {
    if (pool.isEmpty() || value.isEmpty() || value.indexOf('/') >= 0) {
      throw new IllegalArgumentException("not an allocation: '" + value + "' of pool " + pool);
    }
  }

  @Override
  public int compareTo(AllocationKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return pool + "/" + value;
  }
}
