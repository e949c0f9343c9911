package weft.control;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.MissingNode;
import weft.bfd.BfdPeers;
import weft.bgp.BgpServer;
import weft.bgp.Family;
import weft.config.ConfigImage;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.routing.RouteAttributes;
import weft.schema.ConfigObject;
import weft.schema.Ref;

/**
 * Reads from the config with which BGP routers we have sessions, and on what terms.
 *
 * <p>The reference between two BGP routers says so, whichever of them has it. Routers of our AS
 * need none unless `ibgp_auto_mesh` is off. If we are no BGP router of the config ourselves, all of
 * them are peers.
 */
final class Peerings {
  private static final Logger LOG = LoggerFactory.getLogger(Peerings.class);
  private static final JsonNode NOTHING = MissingNode.getInstance();
  private static final Duration USUAL_BFD_INTERVAL = Duration.ofMillis(300);
  private static final int USUAL_BFD_MULTIPLIER = 3;
  private static final int LEAST_BFD_MS = 20;
  private static final int MOST_BFD_MS = 60_000;

  static final Map<String, Family> FAMILIES =
      Map.of(
          "inet", Family.INET,
          "inet6", Family.INET6,
          "inet-labeled", Family.INET_LABELED,
          "inet-vpn", Family.INET_VPN,
          "inet6-vpn", Family.INET6_VPN,
          "e-vpn", Family.EVPN,
          "route-target", Family.ROUTE_TARGET,
          "erm-vpn", Family.ERMVPN);

  private final ConfigImage image;
  private final long asn;
  private final @Nullable ConfigObject own;
  private final String ownName;
  private final Ipv4Address routerId;
  private final boolean mesh;

  /**
   * @param asn of the whole system
   */
  Peerings(ConfigImage image, String ownName, Ipv4Address routerId, long asn) {
    this.image = image;
    this.asn = asn;
    this.ownName = ownName;
    this.routerId = routerId;
    own = own();
    boolean automatic = true;
    for (ConfigObject object : image.objects("global-system-config")) {
      JsonNode wanted = object.property("ibgp_auto_mesh");
      automatic = wanted == null || wanted.asBoolean(true);
    }
    mesh = automatic;
  }

  private @Nullable ConfigObject own() {
    for (ConfigObject object : image.objects("bgp-router")) {
      if (object.name().equals(ownName)) {
        return object;
      }
    }
    return null;
  }

  /** Our cluster as a route reflector, or 0 if we are none. */
  int clusterId() {
    return (int) number(parameters(own), "cluster_id", 0);
  }

  private static JsonNode parameters(@Nullable ConfigObject router) {
    JsonNode found = router == null ? null : router.property("bgp_router_parameters");
    return found == null ? NOTHING : found;
  }

  /** Our AS towards peers for which nothing else is said. */
  private long localAsn() {
    long configured = number(parameters(own), "local_autonomous_system", 0);
    return configured == 0 ? asn : configured;
  }

  Map<String, Peering> read() {
    Map<String, Peering> found = new TreeMap<>();
    if (isDown(parameters(own))) {
      return found;
    }
    for (ConfigObject router : image.objects("bgp-router")) {
      JsonNode parameters = parameters(router);
      if (parameters.isMissingNode()
          || router.name().equals(ownName)
          || isDown(parameters)
          || text(parameters, "router_type").startsWith("bgpaas")) {
        continue;
      }
      List<JsonNode> session = session(router);
      if (session == null || session.stream().anyMatch(Peerings::isDown)) {
        continue;
      }
      Peering peering = peering(router, parameters, session);
      if (peering != null && !peering.address().equals(routerId)) {
        found.put(peering.name(), peering);
      }
    }
    return found;
  }

  private static boolean isDown(JsonNode of) {
    return of.path("admin_down").asBoolean(false);
  }

  /**
   * The attributes that hold for us, the most special first; none if there is a session but nothing
   * is said of it, null if there is to be no session.
   */
  private @Nullable List<JsonNode> session(ConfigObject router) {
    ConfigObject self = own;
    if (self == null) {
      return List.of();
    }
    Ref ref = ref(self, router.uuid());
    ref = ref == null ? ref(router, self.uuid()) : ref;
    if (ref == null) {
      boolean internal = number(parameters(router), "autonomous_system", asn) == localAsn();
      return internal && mesh ? List.of() : null;
    }
    List<JsonNode> special = new ArrayList<>();
    List<JsonNode> common = new ArrayList<>();
    JsonNode attr = ref.attr() == null ? NOTHING : ref.attr();
    for (JsonNode one : attr.path("session").path(0).path("attributes")) {
      String whose = text(one, "bgp_router");
      if (whose.isEmpty()) {
        common.add(one);
      } else if (whose.equals(ownName) || whose.equals(self.fqName().toString())) {
        special.add(one);
      }
    }
    special.addAll(common);
    return special;
  }

  private static @Nullable Ref ref(ConfigObject from, UUID to) {
    for (Ref ref : from.refs("bgp-router")) {
      if (ref.uuid().equals(to)) {
        return ref;
      }
    }
    return null;
  }

  private @Nullable Peering peering(
      ConfigObject router, JsonNode parameters, List<JsonNode> session) {
    IpAddress address;
    try {
      address = IpAddress.parse(text(parameters, "address"));
    } catch (IllegalArgumentException e) {
      LOG.warn("bgp-router {} ignored: {}", router.fqName(), e.getMessage());
      return null;
    }
    long peerAsn =
        number(parameters, "local_autonomous_system", number(parameters, "autonomous_system", asn));
    long localAsn = first(session, "local_autonomous_system", localAsn());
    long hold = first(session, "hold_time", number(parameters, "hold_time", 0));
    return new Peering(
        router.fqName().toString(),
        address,
        (int) number(parameters, "port", ControlOptions.BGP_PORT),
        peerAsn,
        localAsn,
        isPassive(parameters, session),
        hold == 0 ? Peering.USUAL_HOLD_TIME : Math.clamp(hold, 3, 0xffff),
        new BgpServer.Protection(key(parameters, session), maxHops(session)),
        text(parameters, "router_type").equals("external-control-node") && peerAsn != localAsn,
        families(parameters, session),
        rewriting(session, peerAsn, localAsn),
        watch(address, session, peerAsn == localAsn),
        Math.clamp(first(session, "send_paths", Peering.USUAL_PATHS), 1, 64));
  }

  /** What is said of both ends cannot mean that neither dials. */
  private boolean isPassive(JsonNode parameters, List<JsonNode> session) {
    boolean isOurs = text(parameters, "router_type").equals("control-node");
    return session.stream()
        .filter(one -> !isOurs || !text(one, "bgp_router").isEmpty())
        .anyMatch(one -> one.path("passive").asBoolean(false));
  }

  /** Of the session, of the peer, or of ourselves. */
  private @Nullable String key(JsonNode parameters, List<JsonNode> session) {
    List<JsonNode> places = new ArrayList<>(session);
    places.add(parameters);
    places.add(parameters(own));
    for (JsonNode place : places) {
      String key = text(place.path("auth_data").path("key_items").path(0), "key");
      if (!key.isEmpty()) {
        return key;
      }
    }
    return null;
  }

  private static int maxHops(List<JsonNode> session) {
    return Math.clamp(first(session, "max_hops", 0), 0, 255);
  }

  /**
   * As other makes have it, a peer of another AS is on a link of ours, and one of our AS anywhere,
   * if nothing is said of how far it may be.
   */
  private static BfdPeers.@Nullable Peer watch(
      IpAddress address, List<JsonNode> session, boolean internal) {
    int hops = maxHops(session);
    for (JsonNode one : session) {
      JsonNode bfd = one.path("bfd");
      if (bfd.isObject()) {
        long interval = number(bfd, "time_interval", 0);
        long multiplier = number(bfd, "detection_time_multiplier", 0);
        return new BfdPeers.Peer(
            address,
            hops == 0 ? !internal : hops == 1,
            interval == 0
                ? USUAL_BFD_INTERVAL
                : Duration.ofMillis(Math.clamp(interval, LEAST_BFD_MS, MOST_BFD_MS)),
            multiplier == 0 ? USUAL_BFD_MULTIPLIER : Math.clamp(multiplier, 1, 255));
      }
    }
    return null;
  }

  // ---- families

  /**
   * Those of the session, with or without attributes of their own; else those that both routers
   * have, as far as they say.
   */
  private Map<Family, Peering.Terms> families(JsonNode parameters, List<JsonNode> session) {
    Set<Family> wanted = new HashSet<>();
    for (JsonNode one : session) {
      wanted.addAll(families(one));
      for (JsonNode special : one.path("family_attributes")) {
        Family family = FAMILIES.get(text(special, "address_family"));
        if (family != null) {
          wanted.add(family);
        }
      }
    }
    if (wanted.isEmpty()) {
      wanted.addAll(families(parameters));
      Set<Family> ours = families(parameters(own));
      if (wanted.isEmpty()) {
        wanted.addAll(ours);
      } else if (!ours.isEmpty()) {
        wanted.retainAll(ours);
      }
    }
    if (wanted.isEmpty()) {
      wanted.addAll(Set.of(Family.INET_VPN, Family.INET6_VPN, Family.EVPN));
    }
    Map<Family, Peering.Terms> found = new LinkedHashMap<>();
    for (Family family : wanted) {
      found.put(family, terms(family, session));
    }
    return found;
  }

  private static Set<Family> families(JsonNode of) {
    Set<Family> found = new HashSet<>();
    for (JsonNode name : of.path("address_families").path("family")) {
      Family family = FAMILIES.get(name.asString(""));
      if (family != null) {
        found.add(family);
      }
    }
    return found;
  }

  private static Peering.Terms terms(Family family, List<JsonNode> session) {
    int loopCount = (int) first(session, "loop_count", 0);
    for (JsonNode one : session) {
      for (JsonNode special : one.path("family_attributes")) {
        if (family.equals(FAMILIES.get(text(special, "address_family")))) {
          JsonNode limit = special.path("prefix_limit");
          int ownCount = (int) number(special, "loop_count", 0);
          return new Peering.Terms(
              ownCount == 0 ? loopCount : ownCount,
              (int) number(limit, "maximum", 0),
              (int) number(limit, "idle_timeout", 0),
              encapsulations(special.path("default_tunnel_encap")));
        }
      }
    }
    return new Peering.Terms(loopCount, 0, 0, List.of());
  }

  private static List<Encapsulation> encapsulations(JsonNode names) {
    List<Encapsulation> found = new ArrayList<>();
    for (JsonNode name : names) {
      switch (name.asString("")) {
        case "gre", "mpls" -> found.add(Encapsulation.MPLS_O_GRE);
        case "udp" -> found.add(Encapsulation.MPLS_O_UDP);
        case "vxlan" -> found.add(Encapsulation.VXLAN);
        default -> LOG.warn("default tunnel encapsulation ignored: {}", name);
      }
    }
    return found;
  }

  // ---- what is told differently

  private static Peering.Rewriting rewriting(List<JsonNode> session, long peerAsn, long localAsn) {
    boolean override =
        peerAsn != localAsn
            && session.stream().anyMatch(one -> one.path("as_override").asBoolean(false));
    Peering.PrivateAs privateAs = Peering.PrivateAs.KEEP;
    RouteAttributes.Origin origin = null;
    for (JsonNode one : session) {
      if (privateAs == Peering.PrivateAs.KEEP) {
        privateAs =
            switch (text(one, "private_as_action")) {
              case "remove" -> Peering.PrivateAs.REMOVE;
              case "remove-all" -> Peering.PrivateAs.REMOVE_ALL;
              case "replace-all" -> Peering.PrivateAs.REPLACE_ALL;
              default -> Peering.PrivateAs.KEEP;
            };
      }
      JsonNode wanted = one.path("route_origin_override");
      if (origin == null && wanted.path("origin_override").asBoolean(false)) {
        origin =
            switch (text(wanted, "origin")) {
              case "EGP" -> RouteAttributes.Origin.EGP;
              case "INCOMPLETE" -> RouteAttributes.Origin.INCOMPLETE;
              default -> RouteAttributes.Origin.IGP;
            };
      }
    }
    return new Peering.Rewriting(
        override ? peerAsn : 0,
        privateAs,
        privateAs == Peering.PrivateAs.KEEP ? 0 : peerAsn,
        origin);
  }

  // ---- values

  /** The first that is not 0. */
  private static long first(List<JsonNode> places, String name, long otherwise) {
    for (JsonNode place : places) {
      long value = number(place, name, 0);
      if (value != 0) {
        return value;
      }
    }
    return otherwise;
  }

  private static String text(JsonNode of, String name) {
    JsonNode node = of.path(name);
    return node.isString() ? node.asString() : "";
  }

  private static long number(JsonNode of, String name, long otherwise) {
    JsonNode node = of.path(name);
    return node.isNumber() ? node.asLong() : otherwise;
  }
}
