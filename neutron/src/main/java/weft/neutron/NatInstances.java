package weft.neutron;

import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** NAT instances: service instances between an inner and an outer network. */
final class NatInstances implements Resource {
  private static final String TYPE = "service-instance";
  private static final String TEMPLATE = "service-template";
  private static final FqName NAT = FqName.of("default-domain", "nat-template");

  @Override
  public String name() {
    return "nat_instance";
  }

  private static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject instance = lookup.object(TYPE, id);
    if (instance == null || Lookup.hidden(instance) || !lookup.context().sees(instance)) {
      throw NeutronException.of("ServiceInstanceNotFound", "id", id);
    }
    return instance;
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject project = change.project(sent);
    UUID uuid = change.uuid(sent);
    ObjectNode body = change.below(project, TYPE, sent.string("name"), uuid);
    Standard.read(sent, body, uuid);
    ObjectNode properties = body.putObject("service_instance_properties");
    for (String side : new String[] {"internal_net", "external_net"}) {
      String id = sent.string(side);
      if (!id.isEmpty()) {
        ConfigObject network = Networks.usable(id, change);
        properties.put(
            side.equals("internal_net") ? "left_virtual_network" : "right_virtual_network",
            String.join(":", network.fqName().parts()));
      }
    }
    ConfigObject template = change.edit().current(TEMPLATE, NAT);
    if (template == null) {
      throw NeutronException.badRequest(
          name(), "service template " + String.join(":", NAT.parts()) + " not found");
    }
    body.putArray("service_template_refs").add(Change.ref(template));
    change.create(TYPE, body);
    return uuid.toString();
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.below(TYPE, selection).stream()
        .filter(instance -> !Lookup.hidden(instance) && view.context().sees(instance))
        .map(instance -> item(instance, view));
  }

  private static ObjectNode item(ConfigObject instance, View view) {
    JsonNode properties = instance.body().path("service_instance_properties");
    ObjectNode item = Json.object();
    item.put("id", instance.uuid().toString());
    item.put("name", instance.name());
    Standard.owner(item, view.tenant(Networks.projectOf(instance)));
    item.set("fq_name", instance.fqName().toJson());
    item.put("internal_net", network(properties.path("left_virtual_network"), view));
    item.put("external_net", network(properties.path("right_virtual_network"), view));
    item.put("internal_ip", "").put("external_ip", "");
    return item;
  }

  private static String network(JsonNode name, View view) {
    String text = name.asString("");
    if (text.isEmpty()) {
      return "";
    }
    ConfigObject network = view.image().object(Lookup.NETWORK, FqName.of(text.split(":", -1)));
    return network == null ? "" : network.uuid().toString();
  }

  @Override
  public void delete(String id, Change change) {
    change.delete(usable(id, change));
  }
}
