package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigDb;
import weft.config.ConfigOutcome;
import weft.config.ConfigTransaction;
import weft.http.Json;
import weft.net.RouteTarget;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;

/** Writes config objects as the API and the compiler would. */
final class TestConfig {
  private final ConfigDb db;

  TestConfig(ConfigDb db) {
    this.db = db;
  }

  ConfigDb db() {
    return db;
  }

  private static void join(ConfigDb db, ConfigTransaction transaction) {
    assertThat(db.commit(transaction).toCompletableFuture().join())
        .isInstanceOf(ConfigOutcome.Committed.class);
  }

  ConfigObject create(String type, FqName name, ConfigObject parent, Consumer<ObjectNode> fill) {
    ObjectNode body = Json.object();
    body.put("uuid", UUID.randomUUID().toString());
    body.set("fq_name", name.toJson());
    if (parent != null) {
      body.put("parent_type", parent.type().name());
      body.put("parent_uuid", parent.uuid().toString());
    }
    fill.accept(body);
    ConfigObject object = ConfigObject.of(Schema.required(type), body, 0);
    join(db, db.transaction().create(object));
    return stored(object);
  }

  ConfigObject stored(ConfigObject object) {
    return db.image().object(object.uuid());
  }

  ConfigObject change(ConfigObject object, Consumer<ObjectNode> change) {
    ConfigObject present = stored(object);
    ObjectNode body = present.body().deepCopy();
    change.accept(body);
    join(
        db,
        db.transaction()
            .replace(
                new ConfigObject(
                    present.type(), present.uuid(), present.fqName(), body, present.revision())));
    return stored(object);
  }

  void delete(ConfigObject object) {
    join(db, db.transaction().delete(stored(object)));
  }

  /** A control node of AS 64512, which has sessions with what `refer` refers to. */
  ConfigObject controlNode(String address, Consumer<ObjectNode> refer) {
    return create(
        "bgp-router",
        FqName.of("default-domain", "default-project", "ip-fabric", "d", "control-1"),
        null,
        body -> {
          body.putObject("bgp_router_parameters")
              .put("address", address)
              .put("autonomous_system", 64512)
              .put("router_type", "control-node");
          refer.accept(body);
        });
  }

  static void refer(ObjectNode body, ConfigObject target, JsonNode attr) {
    String list = target.type().jsonName() + "_refs";
    ObjectNode ref = body.withArray(list).addObject();
    ref.set("to", target.fqName().toJson());
    ref.put("uuid", target.uuid().toString());
    ref.set("attr", attr);
  }

  /**
   * A virtual network with its routing instance and route target.
   *
   * @param target both exported and imported by the instance
   */
  record Network(ConfigObject network, ConfigObject instance, ConfigObject target) {
    String instanceName() {
      return instance.fqName().toString();
    }

    RouteTarget routeTarget() {
      return RouteTarget.parse(target.fqName().toString());
    }
  }

  Network network(String project, String name, int id) {
    FqName networkName = FqName.of("default-domain", project, name);
    ConfigObject network =
        create(
            "virtual-network",
            networkName,
            null,
            body -> body.put("virtual_network_network_id", id));
    ConfigObject target =
        create("route-target", FqName.of("target:64512:" + (8_000_000 + id)), null, _ -> {});
    ConfigObject instance =
        create(
            "routing-instance",
            networkName.child(name),
            network,
            body -> refer(body, target, Json.object()));
    return new Network(network, instance, target);
  }
}
