package weft.api.model;

import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;

/** Types of which the server only checks, or sets, a property or two. */
final class Validators {
  private Validators() {}

  /** A behaviour that does the same when an object is made and when it is changed. */
  private record Always(Consumer<Draft> check) implements Behaviour {
    @Override
    public void onCreate(Draft draft) {
      check.accept(draft);
    }

    @Override
    public void onUpdate(Draft draft) {
      check.accept(draft);
    }
  }

  static final Map<String, Behaviour> BY_TYPE =
      Map.of(
          "qos-config", new QosConfigs(),
          "service-template", new ServiceTemplates(),
          "service-appliance-set", new ServiceApplianceSets(),
          "routing-instance", new RoutingInstances(),
          "alarm", new Always(Validators::alarm),
          "bgp-router", new Always(Validators::bgpRouter),
          "global-system-config", new Always(Validators::globalSystem),
          "virtual-DNS-record", new Always(DnsRecords::check));

  private static final class QosConfigs implements Behaviour {
    private static final Map<String, Integer> LAST =
        Map.of("dscp_entries", 63, "vlan_priority_entries", 7, "mpls_exp_entries", 7);
    private static final Map<String, String> NAMES =
        Map.of(
            "dscp_entries", "DSCP",
            "vlan_priority_entries", "802.1p",
            "mpls_exp_entries", "MPLS EXP");

    @Override
    public void onCreate(Draft draft) {
      check(draft);
      ConfigObject system =
          draft.edit().current("global-system-config", FqName.of("default-global-system-config"));
      if (system != null) {
        draft
            .body()
            .putArray("global_system_config_refs")
            .add(References.stored(system, NullNode.instance));
      }
    }

    @Override
    public void onUpdate(Draft draft) {
      check(draft);
    }

    private static void check(Draft draft) {
      LAST.forEach((property, last) -> {
        for (JsonNode pair : draft.body().path(property).path("qos_id_forwarding_class_pair")) {
          long key = pair.path("key").asLong(0);
          if (key < 0 || key > last) {
            throw HttpError.badRequest("Invalid " + NAMES.get(property) + " value " + key);
          }
        }
      });
    }
  }

  /** A service template may be read and linked to by the projects of its domain. */
  private static final class ServiceTemplates implements Behaviour {
    private static final int READ_AND_LINK = 5;

    @Override
    public void onCreate(Draft draft) {
      JsonNode domain = draft.body().path("parent_uuid");
      if (domain.isString()) {
        draft
            .body()
            .withObjectProperty("perms2")
            .withArrayProperty("share")
            .addObject()
            .put("tenant", "domain:" + domain.asString())
            .put("tenant_access", READ_AND_LINK);
      }
    }
  }

  private static final class ServiceApplianceSets implements Behaviour {
    @Override
    public void onUpdate(Draft draft) {
      if (!draft.image().referrers(draft.uuid(), "loadbalancer-pool").isEmpty()) {
        throw HttpError.conflict(
            "Service appliance set can not be updated as loadbalancer pools are using it");
      }
      draft.edit().demandUndisturbed(draft.stored());
    }
  }

  /** The default routing instance of a network is the server's, and goes with the network. */
  private static final class RoutingInstances implements Behaviour {
    private static final String DEFAULT = "routing_instance_is_default";

    @Override
    public void onCreate(Draft draft) {
      if (draft.flag(DEFAULT)) {
        throw refusal(draft.fqName(), draft.uuid().toString());
      }
    }

    @Override
    public void onUpdate(Draft draft) {
      boolean before = draft.stored().body().path(DEFAULT).asBoolean(false);
      if (draft.requested(DEFAULT) && draft.flag(DEFAULT) != before) {
        throw refusal(draft.fqName(), draft.uuid().toString());
      }
    }

    @Override
    public void onDelete(ConfigObject instance, Edit edit) {
      if (instance.body().path(DEFAULT).asBoolean(false)) {
        throw refusal(instance.fqName(), instance.uuid().toString());
      }
    }

    private static HttpError refusal(FqName name, String uuid) {
      return HttpError.conflict(
          "Cannot modify system resource Routing Instance " + name + " (" + uuid + ")");
    }
  }

  private static void alarm(Draft draft) {
    if (draft.property("alarm_rules") == null) {
      throw HttpError.badRequest(
          draft.before() == null
              ? "alarm_rules not specified or null"
              : "alarm_rules cannot be removed");
    }
    for (JsonNode and : draft.body().path("alarm_rules").path("or_list")) {
      for (JsonNode rule : and.path("and_list")) {
        alarmRule(rule);
      }
    }
  }

  private static void alarmRule(JsonNode rule) {
    JsonNode operand = rule.path("operand2");
    boolean attribute = operand.hasNonNull("uve_attribute");
    boolean value = operand.hasNonNull("json_value");
    if (attribute && value) {
      throw HttpError.badRequest(
          "operand2 should have either 'uve_attribute' or 'json_value', not both");
    }
    if (!attribute && !value) {
      throw HttpError.badRequest("operand2 should have 'uve_attribute' or 'json_value'");
    }
    boolean range = rule.path("operation").asString("").equals("range");
    if (range && !value) {
      throw HttpError.badRequest("json_value not specified for 'range' operation");
    }
    if (value) {
      String text = operand.path("json_value").asString("");
      JsonNode json;
      try {
        json = Json.parse(text);
      } catch (HttpError _) {
        throw HttpError.badRequest("Invalid json_value '" + text + "' specified in alarm_rules");
      }
      if (range
          && !(json.isArray()
              && json.size() == 2
              && json.get(0).isNumber()
              && json.get(1).isNumber()
              && json.get(0).asDouble() < json.get(1).asDouble())) {
        throw HttpError.badRequest(
            "Invalid json_value "
                + text
                + " for 'range' operation. json_value should be specified as '[x, y]', where x <"
                + " y");
      }
    }
  }

  private static void bgpRouter(Draft draft) {
    JsonNode parameters = draft.body().path("bgp_router_parameters");
    JsonNode hold = parameters.path("hold_time");
    if (hold.isNumber() && (hold.asLong() < 0 || hold.asLong() > 0xffff)) {
      throw HttpError.badRequest("Invalid hold_time " + hold.asLong() + ": range is 0 to 65535");
    }
    checkAsn(draft, parameters.path("autonomous_system"));
    checkAsn(draft, parameters.path("local_autonomous_system"));
    for (Ref ref : draft.refs("sub-cluster")) {
      ConfigObject cluster = draft.image().object(ref.uuid());
      JsonNode asn = cluster == null ? null : cluster.property("sub_cluster_asn");
      long own = parameters.path("autonomous_system").asLong(0);
      if (asn != null && own != 0 && asn.asLong(0) != own) {
        throw HttpError.badRequest("Subcluster asn and bgp asn should be same");
      }
    }
    List<Ref> zones = draft.refs("control-node-zone");
    if (zones.size() > 1) {
      throw HttpError.badRequest("BgpRouter should refer only one control-node-zone");
    }
    if (!zones.isEmpty() && !parameters.path("router_type").asString("").equals("control-node")) {
      throw HttpError.badRequest(
          "BgpRouter type should be 'control-node' to refer control-node-zone");
    }
  }

  private static void checkAsn(Draft draft, JsonNode asn) {
    if (!asn.isNumber() || asn.asLong() == 0) {
      return;
    }
    ConfigObject system = RouteTargets.system(draft.image());
    boolean wide = system != null && system.body().path("enable_4byte_as").asBoolean(false);
    checkAsn(wide, asn.asLong());
  }

  private static void checkAsn(boolean wide, long asn) {
    if (asn < 1 || asn > (wide ? 0xffff_ffffL : 0xffff)) {
      throw HttpError.badRequest(
          "ASN out of range, should be between 1-0x" + (wide ? "FFFFFFFF" : "FFFF"));
    }
  }

  private static void globalSystem(Draft draft) {
    JsonNode asn = draft.body().path("autonomous_system");
    if (asn.isNumber()) {
      checkAsn(draft.flag("enable_4byte_as"), asn.asLong());
    }
    JsonNode ports = draft.body().path("bgpaas_parameters");
    if (!draft.requested("bgpaas_parameters") || !(ports instanceof ObjectNode)) {
      return;
    }
    long first = ports.path("port_start").asLong(0);
    long last = ports.path("port_end").asLong(0);
    if (first > last) {
      throw HttpError.badRequest("Invalid Port range specified");
    }
    JsonNode before =
        draft.before() == null ? Json.object() : draft.stored().body().path("bgpaas_parameters");
    boolean shrunk =
        first > before.path("port_start").asLong(50_000)
            || last < before.path("port_end").asLong(50_512);
    if (shrunk && !draft.image().objects("bgp-as-a-service").isEmpty()) {
      throw HttpError.badRequest("BGP Port range cannot be shrunk");
    }
  }
}
