package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.RouteTarget;
import weft.routing.InstanceConfig;
import weft.routing.OriginVn;
import weft.routing.TableId;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Schema;
import weft.state.Change;

class RoutingConfigTest {
  private final List<ConfigObject> objects = new ArrayList<>();

  private ConfigObject add(
      String type, FqName name, ConfigObject parent, Consumer<ObjectNode> fill) {
    ObjectNode body = Json.object();
    body.put("uuid", UUID.randomUUID().toString());
    body.set("fq_name", name.toJson());
    if (parent != null) {
      body.put("parent_type", parent.type().name());
      body.put("parent_uuid", parent.uuid().toString());
    }
    fill.accept(body);
    ConfigObject object = ConfigObject.of(Schema.required(type), body, 1);
    objects.add(object);
    return object;
  }

  private RoutingConfig config() {
    List<Change<UUID, ConfigObject>> changes = new ArrayList<>();
    objects.forEach(o -> changes.add(new Change.Put<>(o.uuid(), null, o)));
    ConfigImage image = ConfigImage.EMPTY.with(new ConfigDelta(1, changes, List.of(), true));
    return RoutingConfig.of(image, "control-1", Ipv4Address.parse("10.9.0.1"));
  }

  private ConfigObject target(int id) {
    return add("route-target", FqName.of("target:64512:" + id), null, b -> {});
  }

  private static ObjectNode marked(String direction) {
    return Json.object().put("import_export", direction);
  }

  @Test
  void targetsGoByTheirMarkAndConnectedInstancesTakeEachOthersExports() {
    ConfigObject own = target(1);
    ConfigObject extra = target(2);
    ConfigObject other = target(3);
    ConfigObject network =
        add(
            "virtual-network",
            FqName.of("d", "p", "red"),
            null,
            b -> b.put("virtual_network_network_id", 7));
    ConfigObject red =
        add(
            "routing-instance",
            FqName.of("d", "p", "red", "red"),
            network,
            b -> {
              TestConfig.refer(b, own, marked(null));
              TestConfig.refer(b, extra, marked("import"));
            });
    add(
        "routing-instance",
        FqName.of("d", "p", "blue", "blue"),
        null,
        b -> {
          TestConfig.refer(b, other, marked("export"));
          TestConfig.refer(b, red, Json.object());
        });

    Map<String, InstanceConfig> instances = config().instances();
    InstanceConfig mine = instances.get("d:p:red:red");
    assertThat(mine.exports()).containsExactly(RouteTarget.parse("target:64512:1"));
    assertThat(mine.imports())
        .extracting(RouteTarget::toString)
        .containsExactly("target:64512:1", "target:64512:2", "target:64512:3");
    assertThat(mine.network()).isEqualTo("d:p:red");
    assertThat(mine.originVn()).isEqualTo(new OriginVn(64512, 7));
    assertThat(instances.get("d:p:blue:blue").imports())
        .extracting(RouteTarget::toString)
        .containsExactly("target:64512:1");
    assertThat(instances.get("d:p:blue:blue").originVn()).isNull();
  }

  @Test
  void theFabricIsThereWithoutConfig() {
    assertThat(config().instances()).containsOnlyKeys(TableId.MASTER);
    assertThat(config().asn()).isEqualTo(64512);
  }

  @Test
  void otherRoutersThatAreUpBecomeNeighbours() {
    add(
        "global-system-config",
        FqName.of("default-global-system-config"),
        null,
        b -> b.put("autonomous_system", 65001));
    router("control-1", "10.9.0.1", p -> {});
    router("gateway", "10.9.0.9", p -> p.put("autonomous_system", 64999).put("port", 1790));
    router("down", "10.9.0.8", p -> p.put("admin_down", true));
    router("tenant", "10.1.1.1", p -> p.put("router_type", "bgpaas-client"));
    router("typo", "10.9.0", p -> {});

    RoutingConfig config = config();
    assertThat(config.asn()).isEqualTo(65001);
    assertThat(config.neighbours())
        .containsOnlyKeys("gateway")
        .containsValue(
            new RoutingConfig.Neighbour(
                "gateway", IpAddress.parse("10.9.0.9"), 1790, 64999, 90, List.of()));
  }

  private void router(String name, String address, Consumer<ObjectNode> fill) {
    add(
        "bgp-router",
        FqName.of(name),
        null,
        b -> fill.accept(b.putObject("bgp_router_parameters").put("address", address)));
  }
}
