package weft.control;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import weft.bgp.Attribute;
import weft.bgp.Nlri;
import weft.bgp.PathAttributes;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.RouteDistinguisher;
import weft.routing.RouteKey;
import weft.routing.TreePart;
import weft.routing.TreePart.Branch;
import weft.routing.TreePart.Joint;

/** Translates the routes of multicast trees between BGP and the backbone table. */
final class MulticastTrees {
  private MulticastTrees() {}

  static Nlri nlri(RouteDistinguisher rd, RouteKey.Tree key) {
    int type =
        switch (key.kind()) {
          case LOCAL -> Nlri.MulticastTree.LOCAL;
          case GLOBAL -> Nlri.MulticastTree.GLOBAL;
        };
    return new Nlri.MulticastTree(
        type, rd, new Ipv4Address(key.router()), v4(key.source()), v4(key.group()));
  }

  private static Ipv4Address v4(IpAddress address) {
    if (address instanceof Ipv4Address v4) {
      return v4;
    }
    throw new IllegalArgumentException("not of IPv4: " + address);
  }

  /** What a peer's route says of a tree; of the labels of an edge the first counts. */
  static @Nullable TreePart part(PathAttributes told) {
    Attribute.EdgeDiscovery discovery = told.get(Attribute.EdgeDiscovery.class);
    if (discovery != null) {
      List<Branch> edges = new ArrayList<>();
      for (Attribute.EdgeDiscovery.Edge edge : discovery.edges()) {
        edges.add(new Branch(edge.address(), (int) edge.labels().getFirst().first()));
      }
      return new TreePart.Edges(edges);
    }
    Attribute.EdgeForwarding forwarding = told.get(Attribute.EdgeForwarding.class);
    if (forwarding == null) {
      return null;
    }
    List<Joint> joints = new ArrayList<>();
    for (Attribute.EdgeForwarding.Joint joint : forwarding.joints()) {
      joints.add(
          new Joint(
              new Branch(joint.inbound(), (int) joint.inboundLabel()),
              new Branch(joint.outbound(), (int) joint.outboundLabel())));
    }
    return new TreePart.Joints(joints);
  }

  /** The attribute for a part of a tree, or null if BGP peers are told nothing of it. */
  static @Nullable Attribute attribute(TreePart part) {
    return switch (part) {
      case TreePart.Offer _ -> null;
      case TreePart.Edges(List<Branch> edges) ->
          new Attribute.EdgeDiscovery(
              edges.stream()
                  .map(edge -> {
                    Attribute.EdgeDiscovery.Range label =
                        new Attribute.EdgeDiscovery.Range(edge.label(), edge.label());
                    return new Attribute.EdgeDiscovery.Edge(v4(edge.address()), List.of(label));
                  })
                  .toList());
      case TreePart.Joints(List<Joint> joints) ->
          new Attribute.EdgeForwarding(
              joints.stream()
                  .map(joint ->
                      new Attribute.EdgeForwarding.Joint(
                          v4(joint.from().address()),
                          joint.from().label(),
                          v4(joint.to().address()),
                          joint.to().label()))
                  .toList());
    };
  }
}
