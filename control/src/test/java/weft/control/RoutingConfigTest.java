package weft.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.ObjectNode;
import weft.bfd.BfdPeers;
import weft.bgp.BgpServer;
import weft.bgp.Family;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.control.Peering.Rewriting;
import weft.control.Peering.Terms;
import weft.http.Json;
import weft.net.Encapsulation;
import weft.net.IpAddress;
import weft.net.Ipv4Address;
import weft.net.RouteTarget;
import weft.routing.BestPathRules;
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
    return RoutingConfig.of(image, ControlOptions.of("control-1", Ipv4Address.parse("10.9.0.1")));
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
    assertThat(config().rules()).isEqualTo(BestPathRules.USUAL);
    assertThat(config().nextHopsChecked()).isFalse();
  }

  @Test
  void otherRoutersThatAreUpBecomeNeighbours() {
    add(
        "global-system-config",
        FqName.of("default-global-system-config"),
        null,
        b ->
            b.put("autonomous_system", 65001)
                .put("bgp_always_compare_med", true)
                .putObject("fast_convergence_parameters")
                .put("enable", true)
                .put("nh_reachability_check", true));
    router("gateway", "10.9.0.9", p -> p.put("autonomous_system", 64999).put("port", 1790));
    router("down", "10.9.0.8", p -> p.put("admin_down", true));
    router("tenant", "10.1.1.1", p -> p.put("router_type", "bgpaas-client"));
    router("typo", "10.9.0", p -> {});

    RoutingConfig config = config();
    assertThat(config.asn()).isEqualTo(65001);
    assertThat(config.rules()).isEqualTo(new BestPathRules(true, false));
    assertThat(config.nextHopsChecked()).isTrue();
    assertThat(config.neighbours())
        .containsOnlyKeys("gateway")
        .containsValue(peering("gateway", "10.9.0.9", 1790, 64999, 65001, Rewriting.NONE, USUAL));
  }

  private static final Map<Family, Terms> USUAL =
      Map.of(Family.INET_VPN, Terms.USUAL, Family.INET6_VPN, Terms.USUAL, Family.EVPN, Terms.USUAL);

  private static Peering peering(
      String name,
      String address,
      int port,
      long asn,
      long localAsn,
      Rewriting rewriting,
      Map<Family, Terms> families) {
    return new Peering(
        name,
        IpAddress.parse(address),
        port,
        asn,
        localAsn,
        false,
        90,
        BgpServer.Protection.NONE,
        false,
        families,
        rewriting,
        null,
        8);
  }

  /** A reference in either direction makes a session; our own AS needs none. */
  @Test
  void theConfigSaysWhoPeersWithWhom() {
    ConfigObject far = router("far", "10.9.0.3", p -> p.put("autonomous_system", 65002));
    ConfigObject own =
        add(
            "bgp-router",
            FqName.of("control-1"),
            null,
            b -> {
              b.putObject("bgp_router_parameters")
                  .put("address", "10.9.0.1")
                  .put("cluster_id", 5)
                  .putObject("auth_data")
                  .put("key_type", "md5")
                  .putArray("key_items")
                  .addObject()
                  .put("key_id", 0)
                  .put("key", "ours");
              TestConfig.refer(b, far, Json.object());
            });
    router("stranger", "10.9.0.4", p -> p.put("autonomous_system", 65003));
    router("mesh", "10.9.0.2", p -> p.put("autonomous_system", 64512));
    ObjectNode attr = Json.object();
    ObjectNode special = attr.putArray("session").addObject().putArray("attributes").addObject();
    special.put("bgp_router", "control-1").put("passive", true).put("hold_time", 9);
    special.putObject("bfd").put("time_interval", 100);
    special.put("max_hops", 1).put("send_paths", 3);
    special.put("as_override", true).put("local_autonomous_system", 65009);
    special.put("private_as_action", "remove-all").put("loop_count", 3);
    special.putObject("address_families").putArray("family").add("inet-vpn").add("route-target");
    special.putObject("route_origin_override").put("origin_override", true).put("origin", "EGP");
    ObjectNode family = special.putArray("family_attributes").addObject();
    family.put("address_family", "inet-vpn");
    family.putObject("prefix_limit").put("maximum", 10).put("idle_timeout", 60);
    family.putArray("default_tunnel_encap").add("udp").add("gre");
    special.putObject("auth_data").putArray("key_items").addObject().put("key", "special");
    add(
        "bgp-router",
        FqName.of("knobs"),
        null,
        b -> {
          b.putObject("bgp_router_parameters")
              .put("address", "10.9.0.5")
              .put("autonomous_system", 65005)
              .put("router_type", "external-control-node");
          TestConfig.refer(b, own, attr);
        });

    RoutingConfig config = config();
    assertThat(config.clusterId()).isEqualTo(5);
    assertThat(config.neighbours()).containsOnlyKeys("far", "mesh", "knobs");
    assertThat(config.neighbours().get("far").protection().key()).isEqualTo("ours");
    assertThat(config.neighbours().get("knobs"))
        .isEqualTo(
            new Peering(
                "knobs",
                IpAddress.parse("10.9.0.5"),
                179,
                65005,
                65009,
                true,
                9,
                new BgpServer.Protection("special", 1),
                true,
                Map.of(
                    Family.INET_VPN,
                    new Terms(
                        3, 10, 60, List.of(Encapsulation.MPLS_O_UDP, Encapsulation.MPLS_O_GRE)),
                    Family.ROUTE_TARGET,
                    new Terms(3, 0, 0, List.of())),
                new Rewriting(
                    65005,
                    Peering.PrivateAs.REMOVE_ALL,
                    65005,
                    weft.routing.RouteAttributes.Origin.EGP),
                new BfdPeers.Peer(IpAddress.parse("10.9.0.5"), true, Duration.ofMillis(100), 3),
                3));
    assertThat(config.restart().ours().time()).isEqualTo(60);
    assertThat(config.restart().helper()).isTrue();

    add(
        "global-system-config",
        FqName.of("default-global-system-config"),
        null,
        b -> {
          b.put("ibgp_auto_mesh", false);
          b.putObject("graceful_restart_parameters")
              .put("enable", true)
              .put("restart_time", 20)
              .put("long_lived_restart_time", 40)
              .put("end_of_rib_timeout", 30)
              .put("bgp_helper_enable", false);
        });
    config = config();
    assertThat(config.neighbours()).containsOnlyKeys("far", "knobs");
    assertThat(config.restart())
        .isEqualTo(new RestartTimes(new BgpServer.Restart(20, 40), false, Duration.ofSeconds(30)));
  }

  private ConfigObject router(String name, String address, Consumer<ObjectNode> fill) {
    return add(
        "bgp-router",
        FqName.of(name),
        null,
        b -> fill.accept(b.putObject("bgp_router_parameters").put("address", address)));
  }
}
