package weft.compiler;

import java.util.SortedSet;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.state.Graph;

/**
 * What the compiler looks at: pieces of its inputs, each with its own name, so that a change
 * reaches only what looked at the piece.
 */
sealed interface Fact<V> extends Graph.Input<V> {
  Cause cause(boolean present);

  /** The object of a type and name. */
  record Named(String type, FqName name) implements Fact<ConfigObject> {
    @Override
    public Cause cause(boolean present) {
      return new Cause(type, name.toString(), present);
    }
  }

  /** The networks that a policy is attached to. */
  record NetworksWith(FqName policy) implements Fact<SortedSet<FqName>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("networks with policy", policy.toString(), present);
    }
  }

  /** The networks that a routing policy is attached to. */
  record NetworksUnder(FqName policy) implements Fact<SortedSet<FqName>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("networks with routing policy", policy.toString(), present);
    }
  }

  record NetworksIn(FqName project) implements Fact<SortedSet<FqName>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("networks of project", project.toString(), present);
    }
  }

  /** The addresses of a port that takes part in a BGP service. */
  record AddressesOf(FqName port) implements Fact<SortedSet<String>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("addresses of port", port.toString(), present);
    }
  }

  /** The BGP services that want a router: {@link BgpService.Clients} the other way round. */
  record ServicesOf(FqName router) implements Fact<SortedSet<FqName>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("BGP services of", router.toString(), present);
    }
  }

  /** The numbers of a pool that an object holds: one, unless something went wrong. */
  record Numbers(String pool, String owner) implements Fact<SortedSet<Long>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("allocation of " + pool, owner, present);
    }
  }

  /**
   * The networks whose policies name a network: {@link NetworkRules} the other way round, kept by
   * the compiler.
   */
  record NamedBy(FqName network) implements Fact<SortedSet<FqName>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("networks naming", network.toString(), present);
    }
  }

  /**
   * The logical routers that a network is attached to: {@link RouterNetworks} the other way round,
   * likewise.
   */
  record RoutersOf(FqName network) implements Fact<SortedSet<FqName>> {
    @Override
    public Cause cause(boolean present) {
      return new Cause("logical routers of", network.toString(), present);
    }
  }
}
