package weft.agent;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.MacAddress;
import weft.vrouter.FloatingAddresses;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;
import weft.vrouter.ForwardingTables;
import weft.vrouter.InetRoute;
import weft.vrouter.Outcome;
import weft.vrouter.Packet;
import weft.vrouter.PacketTrace;
import weft.vrouter.ReferencePipeline;
import weft.vrouter.Service;
import weft.vrouter.TableKey;
import weft.vrouter.TableValue;
import weft.vrouter.Vif;

/**
 * Walks a described packet through the datapath's tables and tells every decision.
 *
 * <p>From a guest: `vif` (number, device or port), `source` (its address if left out),
 * `destination`, `protocol`, `source_port`, `destination_port`, `destination_mac` (else as ARP
 * would tell). From another host: `tunnel_source`, `encapsulation`, `label` in place of `vif`.
 */
final class Tracer {
  private final Forwarding forwarding;
  private final Map<TableKey, TableValue> contents;
  private final Map<Integer, String> names;
  private final Set<Ipv4Address> silent;
  private ForwardingTables tables;

  /**
   * @param structure all tables but routes and MACs
   * @param names of vifs
   * @param silent hosts that do not answer
   */
  Tracer(
      Forwarding forwarding,
      Map<TableKey, TableValue> structure,
      Map<Integer, String> names,
      Set<Ipv4Address> silent) {
    this.silent = silent;
    this.forwarding = forwarding;
    this.contents = structure;
    this.names = names;
    this.tables = new ForwardingTables(structure);
  }

  /**
   * Every address that the packet may bear on its way: of large tables, only what concerns these is
   * kept.
   */
  private Set<IpAddress> addresses(JsonNode request) {
    Set<IpAddress> all = new HashSet<>();
    for (String key : List.of("source", "destination")) {
      if (request.has(key)) {
        all.add(address(text(request, key)));
      }
    }
    for (TableValue value : contents.values()) {
      switch (value) {
        case Vif vif when vif.address() != null -> all.add(vif.address());
        case FloatingAddresses list ->
            list.addresses()
                .forEach(each -> {
                  all.add(each.outside());
                  all.add(each.inside());
                });
        default -> {}
      }
    }
    return all;
  }

  ObjectNode trace(JsonNode request) {
    Set<IpAddress> concerned = addresses(request);
    Map<TableKey, TableValue> all = new HashMap<>(contents);
    forwarding.macs(all::put);
    forwarding.routes((key, route) -> {
      if (concerned.stream().anyMatch(key.prefix()::contains)) {
        all.put(key, route);
      }
    });
    tables = new ForwardingTables(all);
    Map<FlowKey, Flow> flows = new HashMap<>();
    forwarding.flows(flow -> {
      if (concerned.contains(flow.key().source()) || concerned.contains(flow.key().destination())) {
        flows.put(flow.key(), flow);
      }
    });
    ReferencePipeline pipeline = new ReferencePipeline(tables, flows::get, silent);
    PacketTrace trace =
        request.has("tunnel_source")
            ? pipeline.fromTunnel(
                tunnelSource(request),
                encapsulation(request),
                number(request, "label", 0),
                packet(request, null))
            : fromGuest(pipeline, request);
    ObjectNode json = Json.object();
    ArrayNode decisions = json.putArray("decisions");
    trace.decisions().forEach(decisions::add);
    json.put("outcome", outcome(trace.outcome()));
    if (trace.outcome() instanceof Outcome.Tunnelled tunnelled
        && trace.packet() instanceof Packet(MacAddress to, MacAddress _, Packet.Ip leaving)) {
      json.set("next", next(tunnelled, to, leaving));
    }
    return json;
  }

  /** What the other host is to be asked, and which it is. */
  private ObjectNode next(Outcome.Tunnelled tunnelled, MacAddress to, Packet.Ip ip) {
    return Json.object()
        .put("host", tunnelled.destination().toString())
        .put("tunnel_source", underlay())
        .put("encapsulation", tunnelled.encapsulation().toString())
        .put("label", tunnelled.label())
        .put("source", ip.source().toString())
        .put("destination", ip.destination().toString())
        .put("destination_mac", to.toString())
        .put("protocol", Integer.toString(ip.protocol()))
        .put("source_port", ip.sourcePort())
        .put("destination_port", ip.destinationPort());
  }

  private String underlay() {
    for (TableValue value : contents.values()) {
      if (value instanceof Vif vif && vif.kind() == Vif.Kind.FABRIC && vif.address() != null) {
        return vif.address().toString();
      }
    }
    return "";
  }

  private PacketTrace fromGuest(ReferencePipeline pipeline, JsonNode request) {
    String wanted = text(request, "vif");
    for (Map.Entry<TableKey, TableValue> entry : contents.entrySet()) {
      if (entry.getKey() instanceof TableKey.VifKey(int id)
          && entry.getValue() instanceof Vif vif
          && Introspection.names(wanted, id, vif.device(), vif.port())) {
        return pipeline.fromGuest(id, packet(request, vif));
      }
    }
    throw HttpError.notFound("vif '" + wanted + "' is not known");
  }

  private Packet packet(JsonNode request, @Nullable Vif vif) {
    IpAddress destination = address(text(request, "destination"));
    IpAddress source;
    if (vif != null && !request.has("source")) {
      IpAddress own = vif.address();
      if (own == null) {
        throw HttpError.badRequest("source is missing and the vif has no address");
      }
      source = own;
    } else {
      source = address(text(request, "source"));
    }
    return new Packet(
        destinationMac(request, vif, destination),
        vif == null ? MacAddress.GATEWAY : vif.mac(),
        new Packet.Ip(
            source,
            destination,
            protocol(request.path("protocol").asString("icmp")),
            number(request, "source_port", 0),
            number(request, "destination_port", 0),
            64));
  }

  /** What the guest would know by ARP. */
  private MacAddress destinationMac(JsonNode request, @Nullable Vif vif, IpAddress destination) {
    if (request.has("destination_mac")) {
      try {
        return MacAddress.parse(text(request, "destination_mac"));
      } catch (IllegalArgumentException e) {
        throw HttpError.badRequest(String.valueOf(e.getMessage()));
      }
    }
    ForwardingTables.Match match = vif == null ? null : tables.route(vif.vrf(), destination);
    MacAddress stitched =
        match != null && match.route().arp() == InetRoute.Arp.STITCHED ? match.route().mac() : null;
    return stitched == null ? MacAddress.GATEWAY : stitched;
  }

  private static String text(JsonNode request, String key) {
    JsonNode value = request.path(key);
    if (value.isMissingNode() || value.isNull() || value.isContainer()) {
      throw HttpError.badRequest(key + " is missing");
    }
    return value.asString();
  }

  private static int number(JsonNode request, String key, int otherwise) {
    JsonNode value = request.path(key);
    if (value.isMissingNode() || value.isNull()) {
      return otherwise;
    }
    try {
      return Integer.parseInt(value.asString());
    } catch (NumberFormatException e) {
      throw HttpError.badRequest(key + " is not a number");
    }
  }

  private static IpAddress address(String text) {
    try {
      return IpAddress.parse(text);
    } catch (IllegalArgumentException e) {
      throw HttpError.badRequest(String.valueOf(e.getMessage()));
    }
  }

  private static Ipv4Address tunnelSource(JsonNode request) {
    if (address(text(request, "tunnel_source")) instanceof Ipv4Address v4) {
      return v4;
    }
    throw HttpError.badRequest("tunnel_source is not an IPv4 address");
  }

  private static Encapsulation encapsulation(JsonNode request) {
    Encapsulation found = Encapsulation.ofConfig(text(request, "encapsulation"));
    if (found == null) {
      throw HttpError.badRequest("encapsulation is one of MPLSoUDP, MPLSoGRE, VXLAN");
    }
    return found;
  }

  static int protocol(String text) {
    return switch (text) {
      case "icmp" -> Packet.ICMP;
      case "tcp" -> Packet.TCP;
      case "udp" -> Packet.UDP;
      case "icmp6" -> Packet.ICMP_V6;
      default -> {
        try {
          yield Integer.parseInt(text);
        } catch (NumberFormatException e) {
          throw HttpError.badRequest("protocol '" + text + "' is not known");
        }
      }
    };
  }

  private String outcome(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Delivered(int vif) -> "delivered to " + device(vif);
      case Outcome.Tunnelled tunnelled ->
          "sent to "
              + tunnelled.destination()
              + " by "
              + tunnelled.encapsulation()
              + (tunnelled.encapsulation() == Encapsulation.VXLAN ? " VNI " : " label ")
              + tunnelled.label();
      case Outcome.Trapped trapped -> "handed to the agent: " + trapped.reason();
      case Outcome.Answered answered -> "ARP answered with " + answered.mac();
      case Outcome.Served(int port) -> "handed to the service at " + Service.HOST + ":" + port;
      case Outcome.ToHost _ -> "left to the host";
      case Outcome.SentOut _ -> "sent into the underlay by this host's address";
      case Outcome.Refused(var reason) ->
          "refused: " + reason + ", " + reason.text() + "; its sender is told by ICMP";
      case Outcome.Dropped(var reason) -> "dropped: " + reason + ", " + reason.text();
      case Outcome.Flooded(var copies) ->
          "flooded: " + String.join("; ", copies.stream().map(this::outcome).toList());
    };
  }

  private String device(int id) {
    Vif vif = tables.vif(id);
    String name = names.get(id);
    return vif == null ? "vif " + id : vif.device() + (name == null ? "" : " (" + name + ")");
  }
}
