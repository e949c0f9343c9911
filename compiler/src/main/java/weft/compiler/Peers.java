package weft.compiler;

import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import weft.schema.FqName;
import weft.state.Graph;

/**
 * The networks that a network exchanges routes with: those that its policies name and that name it.
 *
 * <p>`any` stands for the networks of the same project and for those that name this one.
 */
record Peers(FqName name, CompilerOptions options) implements Graph.Computed<SortedSet<FqName>> {
  @Override
  public SortedSet<FqName> compute(Graph.Reads reads) {
    NetworkRules own = reads.value(new NetworkRules.Of(name, options));
    SortedSet<FqName> candidates = new TreeSet<>(own.peers());
    if (own.anyPeer()) {
      addAll(candidates, reads.input(new Fact.NetworksIn(name.parent())));
      addAll(candidates, reads.input(new Fact.NamedBy(name)));
    }
    SortedSet<FqName> peers = new TreeSet<>();
    for (FqName candidate : candidates) {
      Optional<Network> network = reads.value(new Network.Of(candidate));
      if (network.isPresent()
          && !candidate.equals(name)
          && !Network.internal(candidate)
          && names(reads, candidate, own)) {
        peers.add(candidate);
      }
    }
    return peers;
  }

  private static void addAll(
      SortedSet<FqName> into, @org.jspecify.annotations.Nullable SortedSet<FqName> more) {
    if (more != null) {
      into.addAll(more);
    }
  }

  private boolean names(Graph.Reads reads, FqName other, NetworkRules own) {
    NetworkRules theirs = reads.value(new NetworkRules.Of(other, options));
    return theirs.peers().contains(name)
        || (theirs.anyPeer()
            && (other.parent().equals(name.parent()) || own.peers().contains(other)));
  }
}
