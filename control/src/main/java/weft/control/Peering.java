package weft.control;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import weft.bfd.BfdPeers;
import weft.bgp.BgpServer;
import weft.bgp.Family;
import weft.net.Encapsulation;
import weft.net.IpAddress;

/**
 * A BGP router to have a session with, and on what terms.
 *
 * @param address where it is
 * @param asn its AS
 * @param localAsn ours towards it
 * @param passive never dial
 * @param holdTime seconds
 * @param protection of its connections
 * @param mapsPreference it is a control node of another system: MED and local preference stand for
 *     each other
 * @param families what to exchange; empty for the usual ones
 * @param rewriting what it is told differently than others
 * @param watch by BFD; null if it is not watched
 * @param paths how many paths of a route it is told at most, if it takes several
 */
record Peering(
    String name,
    IpAddress address,
    int port,
    long asn,
    long localAsn,
    boolean passive,
    int holdTime,
    BgpServer.Protection protection,
    boolean mapsPreference,
    Map<Family, Terms> families,
    Rewriting rewriting,
    BfdPeers.@Nullable Peer watch,
    int paths) {
  static final int USUAL_HOLD_TIME = 90;
  static final int USUAL_PATHS = 8;

  Peering {
    families = Map.copyOf(families);
  }

  /**
   * What holds for one family.
   *
   * @param loopCount how often our AS may be in the path of what it tells
   * @param prefixLimit how many routes it may tell; 0 = any number
   * @param idleSeconds how long it has to wait after more than that
   * @param encapsulations of what it tells without any
   */
  record Terms(
      int loopCount, int prefixLimit, int idleSeconds, List<Encapsulation> encapsulations) {
    static final Terms USUAL = new Terms(0, 0, 0, List.of());

    Terms {
      encapsulations = List.copyOf(encapsulations);
    }
  }

  /** What becomes of private AS numbers in paths (those of RFC 6996). */
  enum PrivateAs {
    KEEP,
    /** Removed up to the first public one. */
    REMOVE,
    REMOVE_ALL,
    /** Replaced by the public one before it; those before the first public one by ours. */
    REPLACE_ALL
  }

  /**
   * What peers of equal rewriting are told differently than others.
   *
   * @param overridden the AS to be replaced by ours in paths; 0 for none
   * @param keptAsn the peer's own AS, which is never removed as a private one; 0 if that makes no
   *     difference
   * @param origin how routes came into BGP, whatever they say; null for what they say
   */
  record Rewriting(
      long overridden,
      PrivateAs privateAs,
      long keptAsn,
      weft.routing.RouteAttributes.@Nullable Origin origin) {
    static final Rewriting NONE = new Rewriting(0, PrivateAs.KEEP, 0, null);
  }

  /** A peering with nothing unusual about it. */
  static Peering of(String name, IpAddress address, int port, long asn, long localAsn) {
    return new Peering(
        name,
        address,
        port,
        asn,
        localAsn,
        false,
        USUAL_HOLD_TIME,
        BgpServer.Protection.NONE,
        false,
        new TreeMap<>(),
        Rewriting.NONE,
        null,
        USUAL_PATHS);
  }

  Terms terms(Family family) {
    return families.getOrDefault(family, Terms.USUAL);
  }
}
