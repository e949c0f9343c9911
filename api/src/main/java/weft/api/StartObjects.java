package weft.api;

import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;
import weft.api.model.Edit;
import weft.api.model.ObjectChanges;
import weft.http.HttpError;
import weft.http.Json;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.Schema;

/** The objects that every installation has, made where they are missing. */
final class StartObjects {
  private static final int ASN = 64512;
  private static final List<String> TAG_TYPES =
      List.of("label", "application", "tier", "deployment", "site", "neutron_fwaas", "neutron_tag");

  private static final FqName SYSTEM = FqName.of("default-global-system-config");
  private static final FqName DOMAIN = FqName.of("default-domain");
  private static final FqName PROJECT = DOMAIN.child("default-project");

  private final Writer writer;

  private StartObjects(Writer writer) {
    this.writer = writer;
  }

  /** Creates what is missing, parents first; what is there stays as it is. */
  static void ensure(Writer writer) {
    try {
      new StartObjects(writer).ensureAll();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while making the first objects", e);
    }
  }

  private void ensureAll() throws InterruptedException {
    system();
    tenancy();
    networks();
    security();
  }

  private void system() throws InterruptedException {
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

  private void tenancy() throws InterruptedException {
    ensure("domain", DOMAIN, null, _ -> {});
    ensure("project", PROJECT, "domain", _ -> {});
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

  private void networks() throws InterruptedException {
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
  }

  private void security() throws InterruptedException {
    ensure("security-group", PROJECT.child("__no_rule__"), "project", _ -> {});
    FqName management = FqName.of("default-policy-management");
    ensure("policy-management", management, null, _ -> {});
    ensure(
        "application-policy-set",
        management.child("default-application-policy-set"),
        "policy-management",
        body -> body.put("all_applications", true));
    for (String name : TAG_TYPES) {
      ensure("tag-type", FqName.of(name), null, _ -> {});
    }
    ensure(
        "api-access-list",
        SYSTEM.child("default-api-access-list"),
        "global-system-config",
        _ -> {});
    ensure(
        "discovery-service-assignment",
        FqName.of("default-discovery-service-assignment"),
        null,
        _ -> {});
  }

  private void ensure(
      String typeName, FqName name, @Nullable String parentType, Consumer<ObjectNode> properties)
      throws InterruptedException {
    ObjectType type = Schema.required(typeName);
    ObjectNode body = Json.object();
    body.set("fq_name", name.toJson());
    if (parentType != null) {
      body.put("parent_type", parentType);
    }
    properties.accept(body);
    try {
      writer.write(Hrefs.LOCAL, edit -> create(type, name, body, edit));
    } catch (HttpError e) {
      if (e.status() != 409) {
        throw new IllegalStateException("cannot create " + typeName + " " + name, e);
      }
      // another server made it at the same time
    }
  }

  private static boolean create(ObjectType type, FqName name, ObjectNode body, Edit edit) {
    if (edit.image().object(type.name(), name) != null) {
      return false;
    }
    ObjectChanges.create(type, body.deepCopy(), edit);
    return true;
  }
}
