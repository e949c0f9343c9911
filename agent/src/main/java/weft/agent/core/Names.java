package weft.agent.core;

import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.net.Encapsulation;
import weft.net.IpPrefix;
import weft.net.Ipv4Address;
import weft.net.MacAddress;

/** The stable names under which numbers are given. */
public final class Names {
  static final String FABRIC = "fabric";
  static final String RECEIVE = "receive";
  static final String UNDERLAY = "underlay";
  private static final String L3 = "l3/";
  private static final String L2 = "l2/";

  private Names() {}

  public static String port(UUID port) {
    return port.toString();
  }

  static String l3(UUID port) {
    return L3 + port;
  }

  static String l2(UUID port) {
    return L2 + port;
  }

  static @Nullable UUID portOfL3(String name) {
    return name.startsWith(L3) ? UUID.fromString(name.substring(L3.length())) : null;
  }

  static String bridge(String vrf) {
    return "bridge/" + vrf;
  }

  static String flood(String vrf) {
    return "flood/" + vrf;
  }

  static String tree(String vrf) {
    return "tree/" + vrf;
  }

  static String branch(String vrf, Ipv4Address destination, Encapsulation encapsulation) {
    return "branch/" + vrf + "/" + destination + "/" + encapsulation.word();
  }

  static String broadcast(String vrf) {
    return "broadcast/" + vrf;
  }

  static String ecmp(String vrf, IpPrefix prefix) {
    return "ecmp/" + vrf + "/" + prefix;
  }

  /**
   * @param router the MAC there to which packets go, if it has told one
   */
  static String tunnel(
      Ipv4Address destination, Encapsulation encapsulation, @Nullable MacAddress router) {
    String name = "tunnel/" + destination + "/" + encapsulation.word();
    return router == null ? name : name + "/" + router;
  }

  static String networkAcl(String network) {
    return "network/" + network;
  }

  static String groupAcl(String groups, boolean ingress) {
    return (ingress ? "ingress/" : "egress/") + groups;
  }
}
