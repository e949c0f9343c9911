package weft.neutron;

import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;

/**
 * Resources beyond Neutron's own that are config objects with one property: IPAMs, policies, route
 * tables.
 */
final class Plain implements Resource {
  private final String name;
  private final String type;
  private final String attribute;
  private final String property;
  private final String missing;

  private Plain(String name, String type, String attribute, String property, String missing) {
    this.name = name;
    this.type = type;
    this.attribute = attribute;
    this.property = property;
    this.missing = missing;
  }

  static List<Resource> all() {
    return List.of(
        new Plain("ipam", "network-ipam", "mgmt", "network_ipam_mgmt", "NetworkIpamNotFound"),
        new Plain(
            "policy",
            "network-policy",
            "entries",
            "network_policy_entries",
            "NetworkPolicyNotFound"),
        new Plain("route_table", "route-table", "routes", "routes", "RouteTableNotFound"));
  }

  @Override
  public String name() {
    return name;
  }

  private ConfigObject usable(String id, Lookup lookup) {
    ConfigObject object = lookup.object(type, id);
    if (object == null || Lookup.hidden(object) || !lookup.context().sees(object)) {
      throw NeutronException.of(missing, "id", id);
    }
    return object;
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject project = change.project(sent);
    UUID uuid = change.uuid(sent);
    String text = sent.string("name");
    if (change.edit().current(type, project.fqName().child(text.isEmpty() ? "-" : text)) != null) {
      throw NeutronException.badRequest(name, "a " + name + " of the name " + text + " exists");
    }
    ObjectNode body = change.below(project, type, text, uuid);
    Standard.read(sent, body, uuid);
    content(sent, body);
    change.create(type, body);
    return uuid.toString();
  }

  private void content(Sent sent, ObjectNode request) {
    if (!sent.has(attribute)) {
      return;
    }
    JsonNode value = sent.get(attribute);
    if (!value.isNull() && !value.isObject()) {
      throw NeutronException.badRequest(name, attribute + " is not an object");
    }
    request.set(property, value);
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.below(type, selection).stream()
        .filter(object -> !Lookup.hidden(object) && view.context().sees(object))
        .filter(object -> !SubnetPools.isPool(object))
        .map(object -> item(object, view));
  }

  private ObjectNode item(ConfigObject object, View view) {
    ObjectNode body = object.body();
    ObjectNode item = Json.object();
    item.set("fq_name", object.fqName().toJson());
    item.put("parent_type", object.parentType());
    item.set("parent_uuid", body.get("parent_uuid"));
    item.put("id", object.uuid().toString());
    if (type.equals("route-table")) {
      item.put("uuid", object.uuid().toString());
    }
    item.put("name", Standard.name(object).isEmpty() ? object.name() : Standard.name(object));
    Standard.owner(item, view.tenant(Networks.projectOf(object)));
    JsonNode value = body.path(property);
    item.set(
        attribute,
        value.isObject() ? Complete.of(Schema.required(type), property, value) : NullNode.instance);
    users(object, item, view);
    return item;
  }

  /** The networks that use it. */
  private static void users(ConfigObject object, ObjectNode item, View view) {
    List<ConfigObject> users = view.referrers(object.uuid(), Lookup.NETWORK);
    if (!users.isEmpty()) {
      ArrayNode nets = item.putArray("nets_using");
      for (ConfigObject user : users) {
        if (Networks.visible(user, view.context())) {
          FqName network = user.fqName();
          nets.add(network.toJson());
        }
      }
    }
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject object = usable(id, change);
    ObjectNode request = Json.object();
    Standard.read(sent, request, object.uuid());
    content(sent, request);
    change.update(object, request);
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject object = usable(id, change);
    if (!change.image().referrers(object.uuid()).isEmpty()) {
      throw inUse(id, "");
    }
    try {
      change.delete(object);
    } catch (HttpError e) {
      throw e.status() == 409 ? inUse(id, e.text()) : e;
    }
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of(missing.replace("NotFound", "InUse"), "id", id);
  }
}
