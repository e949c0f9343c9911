package weft.controller;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.compiler.CompilerOptions;
import weft.config.ConfigDb;
import weft.config.ConfigOutcome;
import weft.config.ConfigTransaction;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Ref;
import weft.schema.Schema;
import weft.state.FaultHandler;
import weft.store.MemoryStore;
import weft.testkit.Seeds;
import weft.testkit.SimulatedLoop;

class CompilerRoleTest {
  private static final JsonMapper JSON = new JsonMapper();
  private static final FqName BLUE = FqName.parse("d:p:blue");
  private static final FqName RED = FqName.parse("d:p:red");

  private final SimulatedLoop loop = new SimulatedLoop();
  private MemoryStore store = new MemoryStore(loop);
  private ConfigDb db = ConfigDb.open(store, FaultHandler.rethrow());
  private CompilerRole role;

  @BeforeEach
  void fill() {
    ConfigObject domain = object("domain", FqName.of("d"), null, "{}");
    commit(
        db.transaction()
            .create(domain)
            .create(object("project", FqName.parse("d:p"), domain, "{}")));
    role = start(db);
  }

  private CompilerRole start(ConfigDb over) {
    return CompilerRole.start(
        CompilerOptions.DEFAULT, over, loop, InstantSource.fixed(Instant.EPOCH));
  }

  @AfterEach
  void stop() {
    role.close();
    db.close();
    store.close();
  }

  private static ConfigObject object(
      String type, FqName name, ConfigObject parent, String properties) {
    ObjectNode body = (ObjectNode) JSON.readTree(properties.replace('\'', '"'));
    body.put("uuid", UUID.randomUUID().toString());
    body.set("fq_name", name.toJson());
    if (parent != null) {
      body.put("parent_type", parent.type().name());
      body.put("parent_uuid", parent.uuid().toString());
    }
    return ConfigObject.of(Schema.required(type), body, 0);
  }

  private static ConfigObject referring(ConfigObject object, ConfigObject... targets) {
    ObjectNode body = object.body().deepCopy();
    for (ConfigObject target : targets) {
      ArrayNode refs = body.withArray(target.type().jsonName() + "_refs");
      refs.add(new Ref(target.uuid(), target.fqName(), null).toJson());
    }
    return ConfigObject.of(object.type(), body, object.revision());
  }

  private void commit(ConfigTransaction transaction) {
    assertThat(db.commit(transaction).toCompletableFuture().orTimeout(20, TimeUnit.SECONDS).join())
        .isInstanceOf(ConfigOutcome.Committed.class);
    loop.run();
  }

  private ConfigObject inProject(String type, String name, String properties) {
    ConfigObject project = stored("project", FqName.parse("d:p"));
    ConfigObject made = object(type, project.fqName().child(name), project, properties);
    commit(db.transaction().create(made));
    return made;
  }

  private ConfigObject network(FqName name) {
    return inProject("virtual-network", name.name(), "{}");
  }

  private ConfigObject stored(String type, FqName name) {
    return db.image().object(type, name);
  }

  private List<String> references(FqName network, String type) {
    ConfigObject instance = stored("routing-instance", network.child(network.name()));
    return instance.refs(type).stream().map(ref -> ref.to().toString()).toList();
  }

  private CompilerRole.Status status() {
    var status = role.status().toCompletableFuture();
    loop.run();
    return status.join();
  }

  @Test
  void makesRoutingInstanceAndRouteTargetOfANetwork() {
    network(BLUE);
    assertThat(references(BLUE, "route-target")).containsExactly("target:64512:8000000");
    assertThat(db.image().allocations("route-target/64512"))
        .containsExactlyEntriesOf(
            new java.util.TreeMap<>(java.util.Map.of("8000000", "d:p:blue:blue")));
    ConfigObject target = stored("route-target", FqName.of("target:64512:8000000"));
    assertThat(target.body().at("/id_perms/created").asString())
        .isEqualTo("1970-01-01T00:00:00.000000");
    assertThat(status().pending()).isEmpty();
  }

  @Test
  void completesTheRoutingInstanceThatTheApiMade() {
    ConfigObject project = stored("project", FqName.parse("d:p"));
    ConfigObject network = object("virtual-network", BLUE, project, "{}");
    ConfigObject instance =
        object(
            "routing-instance",
            BLUE.child("blue"),
            network,
            "{'routing_instance_is_default':true,'display_name':'mine'}");
    commit(db.transaction().create(network).create(instance));
    assertThat(references(BLUE, "route-target")).hasSize(1);
    ConfigObject now = stored("routing-instance", BLUE.child("blue"));
    assertThat(now.uuid()).isEqualTo(instance.uuid());
    assertThat(now.property("display_name").asString()).isEqualTo("mine");
  }

  @Test
  void takesAwayWhatANetworkLeaves() {
    ConfigObject network = network(BLUE);
    commit(db.transaction().delete(stored("virtual-network", BLUE)));
    assertThat(stored("route-target", FqName.of("target:64512:8000000"))).isNull();
    assertThat(db.image().allocations("route-target/64512")).isEmpty();
    assertThat(db.image().children(network.uuid())).isEmpty();
    assertThat(status().pending()).isEmpty();
  }

  @Test
  void connectsNetworksAndTheirAccessLists() {
    ConfigObject policy =
        inProject(
            "network-policy",
            "both",
            "{'network_policy_entries':{'policy_rule':[{'direction':'<>','protocol':'any',"
                + "'action_list':{'simple_action':'pass'},"
                + "'src_addresses':[{'virtual_network':'d:p:blue'}],"
                + "'dst_addresses':[{'virtual_network':'d:p:red'}]}]}}");
    for (FqName name : List.of(BLUE, RED)) {
      network(name);
      commit(db.transaction().replace(referring(stored("virtual-network", name), policy)));
    }
    assertThat(references(BLUE, "routing-instance")).containsExactly("d:p:red:red");
    assertThat(references(RED, "routing-instance")).containsExactly("d:p:blue:blue");
    ConfigObject list = stored("access-control-list", BLUE.child("blue"));
    assertThat(list.body().at("/access_control_list_entries/acl_rule").size()).isEqualTo(4);
    ConfigObject red = stored("virtual-network", RED);
    ObjectNode without = red.body().deepCopy();
    without.remove("network_policy_refs");
    commit(db.transaction().replace(ConfigObject.of(red.type(), without, red.revision())));
    assertThat(references(BLUE, "routing-instance")).isEmpty();
    assertThat(stored("access-control-list", RED.child("red"))).isNull();
  }

  @Test
  void aGuestThatSpeaksBgp() {
    ConfigObject red = network(RED);
    ConfigObject port = inProject("virtual-machine-interface", "p", "{}");
    commit(
        db.transaction()
            .replace(referring(stored("virtual-machine-interface", port.fqName()), red)));
    // An address that is there before the service.
    ConfigObject address =
        referring(
            object("instance-ip", FqName.of("i"), null, "{'instance_ip_address':'10.0.0.3'}"),
            port);
    commit(db.transaction().create(address));
    ConfigObject service = inProject("bgp-as-a-service", "peer", "{'autonomous_system':65001}");
    commit(db.transaction().replace(referring(stored("bgp-as-a-service", service.fqName()), port)));
    FqName name = RED.child("red").child("p");
    ConfigObject client = stored("bgp-router", name);
    assertThat(client.body().path("bgp_router_parameters").toString())
        .isEqualTo(
            "{\"autonomous_system\":65001,\"identifier\":\"10.0.0.3\",\"address\":\"10.0.0.3\","
                + "\"source_port\":50000,\"router_type\":\"bgpaas-client\"}");
    assertThat(client.parentUuid()).isEqualTo(stored("routing-instance", RED.child("red")).uuid());
    assertThat(client.refs("bgp-router").getFirst().to().name()).isEqualTo("bgpaas-server");
    assertThat(stored("bgp-as-a-service", service.fqName()).refs("bgp-router")).hasSize(1);
    assertThat(db.image().allocations("bgpaas-port")).containsEntry("50000", name.toString());
    assertThat(status().pending()).isEmpty();
    // Another address, and then none: what cannot be is not left over.
    ObjectNode moved = stored("instance-ip", FqName.of("i")).body().deepCopy();
    moved.put("instance_ip_address", "10.0.0.4");
    commit(
        db.transaction()
            .replace(
                ConfigObject.of(
                    address.type(), moved, stored("instance-ip", FqName.of("i")).revision())));
    assertThat(stored("bgp-router", name).body().at("/bgp_router_parameters/address").asString())
        .isEqualTo("10.0.0.4");
    role.close();
    loop.run();
    long revision = store.revision();
    role = start(db);
    loop.run();
    assertThat(store.revision()).isEqualTo(revision);
    commit(db.transaction().delete(stored("bgp-as-a-service", service.fqName())));
    assertThat(db.image().objects("bgp-router")).isEmpty();
    assertThat(db.image().allocations("bgpaas-port")).isEmpty();
    assertThat(status().pending()).isEmpty();
  }

  @Test
  void writesNothingWhenStartedAnew() {
    network(BLUE);
    inProject("security-group", "web", "{'security_group_id':8000001}");
    role.close();
    loop.run();
    long revision = store.revision();
    role = start(db);
    loop.run();
    assertThat(store.revision()).isEqualTo(revision);
    assertThat(status().transactions()).isZero();
  }

  @Test
  void putsRightWhatSomebodyElseChanged() {
    network(BLUE);
    ConfigObject instance = stored("routing-instance", BLUE.child("blue"));
    ObjectNode body = instance.body().deepCopy();
    body.remove("route_target_refs");
    commit(db.transaction().replace(ConfigObject.of(instance.type(), body, instance.revision())));
    assertThat(references(BLUE, "route-target")).hasSize(1);
  }

  @Test
  void removesWhatItMadeBeforeAndLeavesUsersObjects() {
    role.close();
    loop.run();
    ConfigObject ours =
        object(
            "route-target",
            FqName.of("target:64512:8000009"),
            null,
            "{'id_perms':{'creator':'weft-compiler'}}");
    ConfigObject users = object("route-target", FqName.of("target:1:1"), null, "{}");
    commit(db.transaction().create(ours).create(users));
    role = start(db);
    loop.run();
    assertThat(stored("route-target", ours.fqName())).isNull();
    assertThat(stored("route-target", users.fqName())).isNotNull();
  }

  @Test
  void goesOnWithoutWhatIsRefused() {
    ConfigObject network =
        inProject(
            "virtual-network", "blue", "{'route_target_list':{'route_target':['target:1:1']}}");
    ConfigObject target = stored("route-target", FqName.of("target:1:1"));
    ConfigObject users =
        referring(object("routing-instance", BLUE.child("other"), network, "{}"), target);
    commit(db.transaction().create(users));
    ConfigObject before = stored("virtual-network", BLUE);
    ObjectNode body = before.body().deepCopy();
    body.remove("route_target_list");
    commit(db.transaction().replace(ConfigObject.of(before.type(), body, before.revision())));
    assertThat(references(BLUE, "route-target")).containsExactly("target:64512:8000000");
    assertThat(status().refused()).containsKey("route-target target:1:1");
    network(RED);
    assertThat(references(RED, "route-target")).hasSize(1);
    commit(db.transaction().delete(stored("routing-instance", users.fqName())));
    loop.advance(Duration.ofSeconds(20));
    assertThat(stored("route-target", target.fqName())).isNull();
    assertThat(status().refused()).isEmpty();
  }

  @Test
  void twoAtOnceComeToTheSame() {
    ConfigDb second = ConfigDb.open(store, FaultHandler.rethrow());
    CompilerRole other = start(second);
    Seeds.each(
        5,
        seed -> {
          Random random = new Random(seed);
          for (int i = 0; i < 20; i++) {
            FqName name = FqName.parse("d:p:n" + random.nextInt(6));
            ConfigObject present = stored("virtual-network", name);
            if (present == null) {
              network(name);
            } else {
              commit(db.transaction().delete(present));
            }
          }
          loop.advance(Duration.ofSeconds(30));
          assertSettled();
        });
    other.close();
    loop.run();
    second.close();
  }

  /** Each network has one number, one instance and one target, and nothing else is left. */
  private void assertSettled() {
    List<String> owners = new ArrayList<>();
    for (ConfigObject network : db.image().objects("virtual-network")) {
      assertThat(references(network.fqName(), "route-target")).hasSize(1);
      owners.add(network.fqName().child(network.name()).toString());
    }
    assertThat(db.image().allocations("route-target/64512").values())
        .containsExactlyInAnyOrderElementsOf(owners);
    assertThat(db.image().objects("route-target")).hasSize(owners.size());
    assertThat(db.image().objects("routing-instance")).hasSize(owners.size());
  }
}
