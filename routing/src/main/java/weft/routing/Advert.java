package weft.routing;

import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.net.Tag;

/** The state of a route as it is told to peers. */
public sealed interface Advert {
  RouteKey key();

  /** Of the best path. */
  RouteAttributes attributes();

  /**
   * One of several equal next hops.
   *
   * @param network the name of the network the path was born in, null if unknown
   * @param tags of what is there
   */
  record Via(NextHop nextHop, @Nullable String network, List<Tag> tags) {
    public Via {
      tags = List.copyOf(tags);
    }

    public Via(NextHop nextHop, @Nullable String network) {
      this(nextHop, network, List.of());
    }
  }

  /** A route for every agent of the instance. */
  record Unicast(RouteKey key, RouteAttributes attributes, List<Via> vias) implements Advert {
    public Unicast {
      vias = List.copyOf(vias);
    }
  }

  /**
   * For one agent alone: where it sends a copy of each broadcast, or of what is for a group.
   *
   * @param key of its own route that asks for them: broadcast or selective
   * @param owner the agent
   * @param leaves for whom it copies, and whom nobody else sends copies
   */
  record Replication(
      RouteKey key, RouteAttributes attributes, String owner, List<Via> copies, List<Via> leaves)
      implements Advert {
    public Replication {
      copies = List.copyOf(copies);
      leaves = List.copyOf(leaves);
    }
  }

  /**
   * For one agent alone: its place in a multicast tree.
   *
   * @param owner the agent
   * @param label under which copies come to it
   * @param copies where it sends what it has from elsewhere
   */
  record Branching(
      RouteKey.Group key, RouteAttributes attributes, String owner, int label, List<Via> copies)
      implements Advert {
    public Branching {
      copies = List.copyOf(copies);
    }
  }

  /**
   * A backbone route for BGP peers.
   *
   * @param source who told it
   */
  record Backbone(RouteKey key, RouteAttributes attributes, Peer source) implements Advert {}
}
