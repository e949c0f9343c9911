package weft.routing;

import java.util.List;
import weft.net.IpAddress;

/** What a route of a multicast tree says beside its next hop. */
public sealed interface TreePart {
  /** The labels that an agent can be sent copies under, both ends included. */
  record Offer(int first, int last) implements TreePart {}

  /** Where the agents of one control node can be joined to those of others. */
  record Edges(List<Branch> edges) implements TreePart {
    public Edges {
      edges = List.copyOf(edges);
    }
  }

  /** How the agents of several control nodes are joined. */
  record Joints(List<Joint> joints) implements TreePart {
    public Joints {
      joints = List.copyOf(joints);
    }
  }

  /** An agent, and the label under which it takes copies. */
  record Branch(IpAddress address, int label) {}

  record Joint(Branch from, Branch to) {}
}
