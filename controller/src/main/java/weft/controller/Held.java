package weft.controller;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.DerivedObject;
import weft.compiler.DerivedObject.DerivedRef;
import weft.schema.ConfigObject;

/**
 * What an object holds of that which the compiler owns: the same for what is desired and for what
 * is stored, so that the two can be compared.
 */
record Held(
    @Nullable UUID parent, ObjectNode properties, SortedMap<String, List<DerivedRef>> references) {

  /** What the compiler owns of the objects of a type. */
  private record Ownership(List<String> properties, List<String> references) {}

  private static final Map<String, Ownership> OWNERSHIPS =
      Map.of(
          "route-target", new Ownership(List.of(), List.of()),
          "routing-instance",
              new Ownership(
                  List.of("routing_instance_is_default", "static_route_entries"),
                  List.of("route-target", "routing-instance")),
          "logical-router", new Ownership(List.of(), List.of("route-target")),
          "bgp-router", new Ownership(List.of("bgp_router_parameters"), List.of("bgp-router")),
          "bgp-as-a-service", new Ownership(List.of(), List.of("bgp-router")),
          "routing-policy", new Ownership(List.of(), List.of("routing-instance")),
          "access-control-list",
              new Ownership(
                  List.of("access_control_list_entries", "access_control_list_hash"), List.of()));

  /** A user's object has the parent that the user chose; others are named below theirs. */
  private static final Set<String> OTHERWISE_PLACED =
      Set.of("logical-router", "bgp-router", "bgp-as-a-service", "routing-policy");

  /** Whether the compiler owns anything of the objects of a type. */
  static boolean owns(String type) {
    return OWNERSHIPS.containsKey(type);
  }

  /** The properties that the compiler owns of the objects of a type. */
  static List<String> properties(String type) {
    Ownership ownership = OWNERSHIPS.get(type);
    return ownership == null ? List.of() : ownership.properties();
  }

  static Held desired(DerivedObject object) {
    DerivedObject.Parent parent = object.parent();
    return new Held(
        parent == null ? null : parent.uuid(), object.properties(), object.references());
  }

  static Held actual(ConfigObject object) {
    Ownership ownership = OWNERSHIPS.get(object.type().name());
    if (ownership == null) {
      throw new IllegalArgumentException("nothing of a " + object.type() + " is derived");
    }
    ObjectNode properties = JsonNodeFactory.instance.objectNode();
    for (String name : ownership.properties()) {
      JsonNode value = object.property(name);
      if (value != null) {
        properties.set(name, value);
      }
    }
    SortedMap<String, List<DerivedRef>> references = new TreeMap<>();
    for (String type : ownership.references()) {
      List<DerivedRef> refs = new ArrayList<>();
      object.refs(type).forEach(ref -> refs.add(new DerivedRef(ref.to(), ref.attr())));
      refs.sort(Comparator.comparing(DerivedRef::to));
      references.put(type, List.copyOf(refs));
    }
    boolean whole = !OTHERWISE_PLACED.contains(object.type().name());
    return new Held(whole ? object.parentUuid() : null, properties, references);
  }
}
