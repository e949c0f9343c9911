package weft.api;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.api.access.Caller;
import weft.api.access.Perms2;
import weft.api.model.Edit;
import weft.api.model.ObjectChanges;
import weft.config.Permissions;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.FqName;
import weft.schema.Schema;

/** The objects that every installation has, made where they are missing. */
final class StartObjects {
  private static final Logger LOG = LoggerFactory.getLogger(StartObjects.class);

  private static final int ASN = 64512;
  private static final List<String> TAG_TYPES =
      List.of("label", "application", "tier", "deployment", "site", "neutron_fwaas", "neutron_tag");

  private static final FqName SYSTEM = FqName.of("default-global-system-config");
  private static final FqName DOMAIN = FqName.of("default-domain");
  private static final FqName PROJECT = DOMAIN.child("default-project");

  private final Edit edit;
  private int made;

  private StartObjects(Edit edit) {
    this.edit = edit;
  }

  /** Creates what is missing, all at once; what is there stays as it is. */
  static void ensure(Writer writer) {
    try {
      int made = made(writer);
      if (made > 0) {
        LOG.info("made the {} objects that every installation has and this one lacked", made);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while making the first objects", e);
    }
  }

  private static int made(Writer writer) throws InterruptedException {
    while (true) {
      try {
        return writer.write(Caller.SYSTEM, Hrefs.LOCAL, edit -> new StartObjects(edit).ensureAll());
      } catch (HttpError e) {
        if (e.status() != 409) {
          throw e;
        }
        // Another server makes the same objects, and was faster.
      }
    }
  }

  private int ensureAll() {
    system();
    tenancy();
    networks();
    security();
    for (StartAlarm alarm : StartAlarm.ALL) {
      ensure("alarm", SYSTEM.child(alarm.fullName()), "global-system-config", alarm::describe);
    }
    return made;
  }

  private void system() {
    ensure(
        "global-system-config",
        SYSTEM,
        null,
        body -> body.put("autonomous_system", ASN).put("ibgp_auto_mesh", true));
    ensure(
        "global-vrouter-config",
        SYSTEM.child("default-global-vrouter-config"),
        "global-system-config",
        body -> {
          var priorities = body.putObject("encapsulation_priorities").putArray("encapsulation");
          List.of("MPLSoUDP", "MPLSoGRE", "VXLAN").forEach(priorities::add);
          body.put("vxlan_network_identifier_mode", "automatic");
        });
    ensure(
        "global-qos-config",
        SYSTEM.child("default-global-qos-config"),
        "global-system-config",
        _ -> {});
    ensure("fabric", SYSTEM.child("default-fabric"), "global-system-config", _ -> {});
  }

  private void tenancy() {
    ensure("domain", DOMAIN, null, _ -> {});
    ensure(
        "project",
        PROJECT,
        "domain",
        body -> body.putObject("perms2").put("owner", Permissions.CLOUD_ADMIN));
    ensure(
        "network-ipam",
        PROJECT.child("default-network-ipam"),
        "project",
        body -> body.putObject("perms2").put("global_access", 5));
    ensure(
        "network-ipam",
        PROJECT.child("service-chain-flat-ipam"),
        "project",
        body -> {
          body.put("ipam_subnet_method", "flat-subnet");
          var subnets = body.putObject("ipam_subnets").putArray("subnets");
          subnets
              .addObject()
              .putObject("subnet")
              .put("ip_prefix", "0.0.0.0")
              .put("ip_prefix_len", 8);
          subnets
              .addObject()
              .putObject("subnet")
              .put("ip_prefix", "::ffff:0:0")
              .put("ip_prefix_len", 104);
        });
  }

  private void networks() {
    ensure(
        "virtual-network",
        PROJECT.child("ip-fabric"),
        "project",
        body -> body.put("is_provider_network", true));
    ensure(
        "routing-instance",
        PROJECT.child("ip-fabric").child("__default__"),
        "virtual-network",
        body -> body.put("routing_instance_is_default", false));
    for (String name : List.of("__link_local__", "dci-network", "default-virtual-network")) {
      ensure("virtual-network", PROJECT.child(name), "project", _ -> {});
    }
    ensure(
        "routing-instance",
        PROJECT.child("dci-network").child("__default__"),
        "virtual-network",
        body -> body.put("routing_instance_is_default", false));
  }

  private void security() {
    // Ports of all projects refer to it.
    ensure(
        "security-group",
        PROJECT.child("__no_rule__"),
        "project",
        body -> body.putObject("perms2").put("global_access", Perms2.LINK));
    FqName management = FqName.of("default-policy-management");
    ensure("policy-management", management, null, _ -> {});
    ensure(
        "application-policy-set",
        management.child("default-application-policy-set"),
        "policy-management",
        body -> {
          body.put("all_applications", true);
          body.putArray("global_vrouter_config_refs")
              .addObject()
              .set("to", SYSTEM.child("default-global-vrouter-config").toJson());
        });
    for (String name : TAG_TYPES) {
      ensure("tag-type", FqName.of(name), null, _ -> {});
    }
    ensure(
        "api-access-list",
        SYSTEM.child("default-api-access-list"),
        "global-system-config",
        body -> defaultRules(body.putObject("api_access_list_entries").putArray("rbac_rule")));
    ensure(
        "discovery-service-assignment",
        FqName.of("default-discovery-service-assignment"),
        null,
        _ -> {});
  }

  /** What a client of any role needs to find its way; everything else is for others to grant. */
  private static void defaultRules(ArrayNode rules) {
    for (String path : List.of("fqname-to-id", "id-to-fqname", "useragent-kv")) {
      rule(rules, path, "", "CRUD");
    }
    for (String path : List.of("documentation", "/", "watch")) {
      rule(rules, path, "", "R");
    }
    rule(rules, "logical-router", "gateway_external", "R");
  }

  private static void rule(ArrayNode rules, String object, String field, String operations) {
    ObjectNode rule = rules.addObject().put("rule_object", object).put("rule_field", field);
    rule.putArray("rule_perms").addObject().put("role_name", "*").put("role_crud", operations);
  }

  private void ensure(
      String typeName, FqName name, @Nullable String parentType, Consumer<ObjectNode> properties) {
    if (edit.current(typeName, name) != null) {
      return;
    }
    ObjectNode body = Json.object();
    body.set("fq_name", name.toJson());
    if (parentType != null) {
      body.put("parent_type", parentType);
    }
    properties.accept(body);
    ObjectChanges.create(Schema.required(typeName), body, edit);
    made++;
  }
}
