package weft.compiler;

import weft.schema.FqName;

/**
 * A number that an object holds out of a pool.
 *
 * @param owner the object's name, as text
 */
public record Allocation(String pool, long value, String owner) {
  private static final String ROUTE_TARGETS = "route-target/";

  /** The pool of the route target numbers of an autonomous system. */
  public static String routeTargetPool(long autonomousSystem) {
    return ROUTE_TARGETS + autonomousSystem;
  }

  /** The pool of the source ports by which guests that speak BGP are known. */
  public static final String BGP_PORTS = "bgpaas-port";

  /** Whether the compiler asks for numbers of the pool. */
  public static boolean isOurs(String pool) {
    return pool.startsWith(ROUTE_TARGETS) || pool.equals(BGP_PORTS);
  }

  /** Names an allocation record. */
  public record Key(String pool, long value) {}

  /** Says that `owner` needs a number of `pool`, whichever is free. */
  public record Request(String pool, String owner) implements Comparable<Request> {
    static Request of(String pool, FqName owner) {
      return new Request(pool, owner.toString());
    }

    @Override
    public int compareTo(Request other) {
      int byPool = pool.compareTo(other.pool);
      return byPool != 0 ? byPool : owner.compareTo(other.owner);
    }
  }
}
