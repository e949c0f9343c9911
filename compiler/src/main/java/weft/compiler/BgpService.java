package weft.compiler;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.DerivedObject.DerivedRef;
import weft.compiler.DerivedObject.Parent;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.state.Graph;

/**
 * BGP as a service: guests that speak BGP with the control nodes. Under the routing instance of
 * their network there is one router for the control nodes' side, `bgpaas-server`, and one for each
 * guest, by whose source port the control nodes know it.
 */
final class BgpService {
  static final String ROUTER = "bgp-router";
  private static final String SERVER = "bgpaas-server";
  private static final String CLIENT = "bgpaas-client";

  private BgpService() {}

  /**
   * A guest's router.
   *
   * @param ports those that share it, or the one whose it is
   */
  private record Client(FqName name, FqName instance, List<FqName> ports) {}

  /** The routers that the guests of a service are to have. */
  record Clients(FqName service) implements Graph.Computed<SortedSet<FqName>> {
    @Override
    public SortedSet<FqName> compute(Graph.Reads reads) {
      SortedSet<FqName> names = new TreeSet<>();
      clients(service, reads).forEach(client -> names.add(client.name()));
      return names;
    }
  }

  private static List<Client> clients(FqName service, Graph.Reads reads) {
    ConfigObject object = reads.input(new Fact.Named(Inputs.BGP_SERVICE, service));
    if (object == null) {
      return List.of();
    }
    SortedSet<FqName> ports = new TreeSet<>();
    object.refs(Inputs.INTERFACE).forEach(ref -> ports.add(ref.to()));
    List<Client> clients = new ArrayList<>();
    if (flag(object, "bgpaas_shared")) {
      Optional<FqName> instance =
          ports.isEmpty() ? Optional.empty() : instance(ports.first(), reads);
      if (instance.isPresent() && address(object) != null) {
        clients.add(
            new Client(instance.get().child(service.name()), instance.get(), List.copyOf(ports)));
      }
      return clients;
    }
    // Ports of two projects on one network may have the same name: the first one has it.
    SortedMap<FqName, Client> byName = new TreeMap<>();
    for (FqName port : ports) {
      instance(port, reads)
          .map(instance -> new Client(instance.child(port.name()), instance, List.of(port)))
          .ifPresent(client -> byName.putIfAbsent(client.name(), client));
    }
    return List.copyOf(byName.values());
  }

  /** The default routing instance of a port's network. */
  private static Optional<FqName> instance(FqName port, Graph.Reads reads) {
    ConfigObject object = reads.input(new Fact.Named(Inputs.INTERFACE, port));
    List<Ref> networks = object == null ? List.of() : object.refs(Inputs.NETWORK);
    if (networks.isEmpty()) {
      return Optional.empty();
    }
    FqName network = networks.getFirst().to();
    return Network.internal(network)
        ? Optional.empty()
        : reads.value(new Network.Of(network)).map(_ -> Network.instance(network));
  }

  private static boolean flag(ConfigObject object, String name) {
    JsonNode value = object.property(name);
    return value != null && value.asBoolean(false);
  }

  /** The address that all guests of a service peer from; null if each has its own. */
  private static @Nullable String address(ConfigObject service) {
    JsonNode value = service.property("bgpaas_ip_address");
    String text = value == null ? "" : value.asString("");
    return text.isEmpty() ? null : text;
  }

  /** The routers of a service, and its references to them. */
  record Routers(FqName service) implements Graph.Computed<Desired> {
    @Override
    public Desired compute(Graph.Reads reads) {
      ConfigObject object = reads.input(new Fact.Named(Inputs.BGP_SERVICE, service));
      if (object == null) {
        return Desired.NOTHING;
      }
      SortedMap<DerivedKey, DerivedObject> routers = new TreeMap<>();
      List<DerivedRef> made = new ArrayList<>();
      SortedSet<Allocation.Request> requests = new TreeSet<>();
      for (Client client : clients(service, reads)) {
        SortedSet<FqName> services = reads.input(new Fact.ServicesOf(client.name()));
        if (services == null || !services.first().equals(service)) {
          continue; // A port that two services want is the first one's.
        }
        SortedSet<Long> ports =
            reads.input(new Fact.Numbers(Allocation.BGP_PORTS, client.name().toString()));
        String address = address(object);
        if (ports == null) {
          requests.add(Allocation.Request.of(Allocation.BGP_PORTS, client.name()));
          continue;
        }
        if (address == null) {
          SortedSet<String> own = reads.input(new Fact.AddressesOf(client.ports().getFirst()));
          if (own == null) {
            continue; // The guest has no address yet.
          }
          address = own.first();
        }
        DerivedObject server = server(client.instance());
        DerivedObject router = client(client, object, address, ports.first());
        routers.put(server.key(), server);
        routers.put(router.key(), router);
        made.add(new DerivedRef(client.name(), null));
      }
      List<DerivedObject> all = new ArrayList<>(routers.values());
      all.add(
          new DerivedObject(
              new DerivedKey(Inputs.BGP_SERVICE, service),
              null,
              false,
              JsonNodeFactory.instance.objectNode(),
              new TreeMap<>(java.util.Map.of(ROUTER, made))));
      return new Desired(all, requests);
    }
  }

  private static DerivedObject server(FqName instance) {
    ObjectNode parameters = JsonNodeFactory.instance.objectNode().put("router_type", SERVER);
    return router(instance.child(SERVER), parameters, List.of());
  }

  private static DerivedObject client(
      Client client, ConfigObject service, String address, long port) {
    ObjectNode parameters = JsonNodeFactory.instance.objectNode();
    JsonNode system = service.property("autonomous_system");
    if (system != null && system.isNumber()) {
      parameters.set("autonomous_system", system);
    }
    parameters.put("identifier", address).put("address", address);
    // As it is read back, an int.
    parameters.put("source_port", Math.toIntExact(port)).put("router_type", CLIENT);
    ObjectNode session = JsonNodeFactory.instance.objectNode();
    JsonNode attributes = service.property("bgpaas_session_attributes");
    session.putArray("attributes").addAll(attributes == null ? List.of() : List.of(attributes));
    ObjectNode peering = JsonNodeFactory.instance.objectNode();
    peering.putArray("session").add(session);
    return router(
        client.name(),
        parameters,
        List.of(new DerivedRef(client.instance().child(SERVER), peering)));
  }

  private static DerivedObject router(FqName name, ObjectNode parameters, List<DerivedRef> peers) {
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    properties.set("bgp_router_parameters", parameters);
    return new DerivedObject(
        new DerivedKey(ROUTER, name),
        Parent.named(Units.INSTANCE),
        true,
        properties,
        new TreeMap<>(java.util.Map.of(ROUTER, peers)));
  }
}
