package weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.compiler.Config.json;
import static weft.compiler.Config.network;
import static weft.compiler.Config.networkWith;
import static weft.compiler.Config.object;
import static weft.compiler.Config.policy;
import static weft.compiler.Config.port;
import static weft.compiler.Config.referring;
import static weft.compiler.Config.routeTable;
import static weft.compiler.Config.router;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.ConfigObject;
import weft.schema.FqName;

class InstanceTest {
  private static final String POOL = Allocation.routeTargetPool(64512);

  private static List<String> targets(Compiler compiler, String instance) {
    return references(compiler, instance, "route-target");
  }

  private static List<String> references(Compiler compiler, String instance, String type) {
    DerivedObject object =
        compiler.desired().get(new DerivedKey("routing-instance", FqName.parse(instance)));
    assertThat(object).as(instance).isNotNull();
    return object.references().get(type).stream().map(ref -> ref.to() + " " + ref.attr()).toList();
  }

  private static boolean hasTarget(Compiler compiler, String target) {
    return compiler.desired().containsKey(new DerivedKey("route-target", FqName.of(target)));
  }

  @Test
  void asksForARouteTargetAndGoesOnWhenItIsThere() {
    Config config = new Config().with(network("p:blue"));
    Compiler compiler = config.compiled();
    assertThat(config.last.requests())
        .containsExactly(new Allocation.Request(POOL, "d:p:blue:blue"));
    assertThat(targets(compiler, "d:p:blue:blue")).isEmpty();
    Config next = config.copy().allocated(POOL, 8000001, "d:p:blue:blue");
    Output output = compiler.on(2, next.objectsSince(config), next.allocationsSince(config), false);
    assertThat(output.requests()).isEmpty();
    assertThat(output.surplus()).isEmpty();
    assertThat(targets(compiler, "d:p:blue:blue"))
        .containsExactly("target:64512:8000001 {\"import_export\":null}");
    assertThat(hasTarget(compiler, "target:64512:8000001")).isTrue();
    assertThat(output.objects().changes()).hasSize(2);
  }

  @Test
  void addsTheTargetsThatTheNetworkNames() {
    Compiler compiler =
        new Config()
            .with(
                networkWith(
                    "p:blue",
                    "{'route_target_list':{'route_target':['target:1:1']},"
                        + "'import_route_target_list':{'route_target':['target:1:2','target:1:4']},"
                        + "'export_route_target_list':{'route_target':['target:1:3','target:1:4']}}"))
            .allocated(POOL, 8000001, "d:p:blue:blue")
            .compiled();
    assertThat(targets(compiler, "d:p:blue:blue"))
        .containsExactly(
            "target:1:1 {\"import_export\":null}",
            "target:1:2 {\"import_export\":\"import\"}",
            "target:1:3 {\"import_export\":\"export\"}",
            "target:1:4 {\"import_export\":null}",
            "target:64512:8000001 {\"import_export\":null}");
    assertThat(hasTarget(compiler, "target:1:3")).isTrue();
  }

  @Test
  void leavesOutWhatIsNoTarget() {
    Compiler compiler =
        new Config()
            .with(
                networkWith(
                    "p:blue",
                    "{'route_target_list':{'route_target':['1:1','target:x:1',{},7,null,"
                        + "'target:1:1']}}"))
            .compiled();
    assertThat(targets(compiler, "d:p:blue:blue")).hasSize(1);
  }

  @Test
  void survivesValuesOfAnotherForm() {
    Config config =
        new Config()
            .with(
                networkWith("p:blue", "{'route_target_list':'x','import_route_target_list':[1]}"),
                Config.object(
                    "network-policy",
                    "p:odd",
                    Config.json(
                        "{'network_policy_entries':{'policy_rule':[{},7,null,{'protocol':{},"
                            + "'src_addresses':'x','dst_addresses':[null,7],'src_ports':{},"
                            + "'action_list':[]}]}}"),
                    java.util.Map.of()),
                network("p:red", "p:odd"),
                Config.securityGroup(
                    "p:g", 1, "{'protocol':null,'src_addresses':[{'subnet':7}],'ethertype':{}}"),
                Config.router("p:lr", "{'logical_router_type':{}}"));
    assertThat(config.compiled().desired()).isNotEmpty();
  }

  @Test
  void connectsNetworksOnlyIfBothNameEachOther() {
    Config config =
        new Config()
            .with(
                network("p:blue", "p:both"),
                network("p:red"),
                policy("p:both", "<> pass any p:blue p:red"));
    Compiler compiler = config.compiled();
    assertThat(references(compiler, "d:p:blue:blue", "routing-instance")).isEmpty();
    Config next = config.copy().with(network("p:red", "p:both"));
    compiler.on(2, next.objectsSince(config), List.of(), false);
    assertThat(references(compiler, "d:p:blue:blue", "routing-instance"))
        .containsExactly("d:p:red:red {\"destination_instance\":null}");
    assertThat(references(compiler, "d:p:red:red", "routing-instance"))
        .containsExactly("d:p:blue:blue {\"destination_instance\":null}");
  }

  @Test
  void doesNotConnectByADenial() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue", "p:both"),
                network("p:red", "p:both"),
                policy("p:both", "<> deny any p:blue p:red"))
            .compiled();
    assertThat(references(compiler, "d:p:blue:blue", "routing-instance")).isEmpty();
  }

  @Test
  void takesAnyForTheProjectAndForThoseThatNameTheNetwork() {
    Compiler compiler =
        new Config()
            .with(
                network("p:hub", "p:any"),
                network("p:near", "p:any"),
                network("q:far", "p:tohub"),
                network("q:other"),
                policy("p:any", "<> pass any local any"),
                policy("p:tohub", "<> pass any local p:hub"))
            .compiled();
    assertThat(references(compiler, "d:p:hub:hub", "routing-instance"))
        .containsExactly(
            "d:p:near:near {\"destination_instance\":null}",
            "d:q:far:far {\"destination_instance\":null}");
    assertThat(references(compiler, "d:q:far:far", "routing-instance"))
        .containsExactly("d:p:hub:hub {\"destination_instance\":null}");
    assertThat(references(compiler, "d:q:other:other", "routing-instance")).isEmpty();
  }

  @Test
  void takesAPolicyNamedInARuleForItsNetworks() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue", "p:web"),
                network("p:red", "p:db"),
                policy("p:web", "<> pass tcp policy=p:web policy=p:db"),
                policy("p:db", "<> pass tcp policy=p:web policy=p:db"))
            .compiled();
    assertThat(references(compiler, "d:p:blue:blue", "routing-instance")).hasSize(1);
  }

  @Test
  void joinsTheNetworksOfALogicalRouter() {
    Config config =
        new Config()
            .with(
                network("p:blue"),
                network("p:red"),
                port("p:port1", "p:blue"),
                port("p:port2", "p:red"),
                router(
                    "p:lr",
                    "{'configured_route_target_list':{'route_target':['target:9:9']}}",
                    "p:port1",
                    "p:port2"))
            .allocated(POOL, 8000001, "d:p:blue:blue")
            .allocated(POOL, 8000002, "d:p:red:red");
    Compiler compiler = config.compiled();
    assertThat(config.last.requests()).containsExactly(new Allocation.Request(POOL, "d:p:lr"));
    Config next = config.copy().allocated(POOL, 8000003, "d:p:lr");
    compiler.on(2, List.of(), next.allocationsSince(config), false);
    assertThat(targets(compiler, "d:p:red:red"))
        .containsExactly(
            "target:64512:8000002 {\"import_export\":null}",
            "target:64512:8000003 {\"import_export\":null}",
            "target:9:9 {\"import_export\":null}");
    DerivedObject router =
        compiler.desired().get(new DerivedKey("logical-router", FqName.parse("d:p:lr")));
    assertThat(router.whole()).isFalse();
    assertThat(router.references().get("route-target"))
        .containsExactly(new DerivedObject.DerivedRef(FqName.of("target:64512:8000003"), null));
    Config detached = next.copy().with(router("p:lr", "{}", "p:port1"));
    compiler.on(3, detached.objectsSince(next), List.of(), false);
    assertThat(targets(compiler, "d:p:red:red")).hasSize(1);
    assertThat(hasTarget(compiler, "target:9:9")).isFalse();
  }

  @Test
  void aVxlanRouterJoinsTheNetworkOfItsOwnAlone() {
    ObjectNode inner = json("{'logical_router_virtual_network_type':'InternalVirtualNetwork'}");
    ObjectNode outer = json("{'logical_router_virtual_network_type':'ExternalGateway'}");
    Config config =
        new Config()
            .with(
                network("p:blue"),
                network("p:inner"),
                network("p:outside"),
                port("p:port1", "p:blue"),
                referring(
                    referring(
                        router(
                            "p:lr",
                            "{'logical_router_type':'vxlan-routing',"
                                + "'configured_route_target_list':{'route_target':['target:9:9']}}",
                            "p:port1"),
                        "virtual-network",
                        inner,
                        "p:inner"),
                    "virtual-network",
                    outer,
                    "p:outside"))
            .allocated(POOL, 8000003, "d:p:lr");
    Compiler compiler = config.compiled();
    assertThat(targets(compiler, "d:p:blue:blue")).isEmpty();
    assertThat(targets(compiler, "d:p:outside:outside")).isEmpty();
    assertThat(targets(compiler, "d:p:inner:inner"))
        .containsExactly(
            "target:64512:8000003 {\"import_export\":null}", "target:9:9 {\"import_export\":null}");
    Config without =
        config.copy().with(router("p:lr", "{'logical_router_type':'vxlan-routing'}", "p:port1"));
    compiler.on(2, without.objectsSince(config), List.of(), false);
    assertThat(targets(compiler, "d:p:inner:inner")).isEmpty();
  }

  /** So one router's prefixes are known to the other: their networks' own instances stay apart. */
  @Test
  void aPolicyConnectsTheNetworksOfTwoVxlanRouters() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue"),
                network("p:red"),
                network("p:inner1", "p:both"),
                network("p:inner2", "p:both"),
                port("p:port1", "p:blue"),
                port("p:port2", "p:red"),
                vxlanRouter("p:lr1", "p:port1", "p:inner1"),
                vxlanRouter("p:lr2", "p:port2", "p:inner2"),
                policy("p:both", "<> pass any p:inner1 p:inner2"))
            .compiled();
    assertThat(references(compiler, "d:p:inner1:inner1", "routing-instance"))
        .containsExactly("d:p:inner2:inner2 {\"destination_instance\":null}");
    assertThat(references(compiler, "d:p:inner2:inner2", "routing-instance"))
        .containsExactly("d:p:inner1:inner1 {\"destination_instance\":null}");
    assertThat(references(compiler, "d:p:blue:blue", "routing-instance")).isEmpty();
  }

  private static ConfigObject vxlanRouter(String name, String port, String inner) {
    return referring(
        router(name, "{'logical_router_type':'vxlan-routing'}", port),
        "virtual-network",
        json("{'logical_router_virtual_network_type':'InternalVirtualNetwork'}"),
        inner);
  }

  @Test
  void frees() {
    Config config =
        new Config()
            .with(network("p:blue"))
            .allocated(POOL, 8000001, "d:p:blue:blue")
            .allocated(POOL, 8000002, "d:p:gone:gone")
            .allocated(POOL, 8000003, "d:p:blue:blue")
            .allocated(Allocation.routeTargetPool(1), 8000001, "d:p:blue:blue")
            .allocated("virtual-network-id", 5, "d:p:gone");
    config.compiled();
    assertThat(config.last.surplus())
        .containsExactlyInAnyOrder(
            new Allocation(POOL, 8000002, "d:p:gone:gone"),
            new Allocation(POOL, 8000003, "d:p:blue:blue"),
            new Allocation(Allocation.routeTargetPool(1), 8000001, "d:p:blue:blue"));
  }

  @Test
  void movesToAnotherAutonomousSystem() {
    Config config = new Config().with(network("p:blue")).allocated(POOL, 8000001, "d:p:blue:blue");
    Compiler compiler = config.compiled();
    Config next = config.copy().with(Config.system(65001));
    Output output = compiler.on(2, next.objectsSince(config), List.of(), false);
    assertThat(output.requests())
        .containsExactly(new Allocation.Request("route-target/65001", "d:p:blue:blue"));
    assertThat(output.surplus()).hasSize(1);
    assertThat(hasTarget(compiler, "target:64512:8000001")).isFalse();
  }

  @Test
  void leavesTheFabricAlone() {
    Config config = new Config();
    var fabric =
        weft.schema.ConfigObject.of(
            weft.schema.Schema.required("virtual-network"),
            Config.json(
                "{'uuid':'00000000-0000-0000-0000-000000000001',"
                    + "'fq_name':['default-domain','default-project','ip-fabric']}"),
            1);
    Compiler compiler = config.with(fabric).compiled();
    assertThat(compiler.desired()).isEmpty();
    assertThat(config.last.requests()).isEmpty();
  }

  @Test
  void saysWhy() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue", "p:both"),
                network("p:red", "p:both"),
                policy("p:both", "<> pass any p:blue p:red"))
            .allocated(POOL, 8000001, "d:p:blue:blue")
            .compiled();
    assertThat(compiler.why(FqName.parse("d:p:blue:blue")).keySet())
        .extracting(DerivedKey::type)
        .containsExactly("access-control-list", "routing-instance");
    assertThat(
            compiler
                .why(FqName.parse("d:p:blue:blue"))
                .get(new DerivedKey("routing-instance", FqName.parse("d:p:blue:blue"))))
        .contains(
            new Cause("virtual-network", "d:p:blue", true),
            new Cause("virtual-network", "d:p:red", true),
            new Cause("network-policy", "d:p:both", true),
            new Cause("allocation of " + POOL, "d:p:blue:blue", true),
            new Cause("global-system-config", "default-global-system-config", false));
    assertThat(compiler.why(FqName.of("target:64512:8000001"))).hasSize(1);
    assertThat(compiler.why(FqName.of("nothing"))).isEmpty();
  }

  private static String staticRoutes(Compiler compiler, String instance) {
    return compiler
        .desired()
        .get(new DerivedKey("routing-instance", FqName.parse(instance)))
        .properties()
        .path("static_route_entries")
        .path("route")
        .toString()
        .replace('"', '\'');
  }

  @Test
  void aRouteTableOfANetworkBecomesStaticRoutes() {
    Compiler compiler =
        new Config()
            .with(
                referring(network("p:blue"), "route-table", NullNode.getInstance(), "p:extra"),
                routeTable("p:extra", "192.168.1.0/24 10.0.0.5", "0.0.0.0/0 d:p:si"))
            .compiled();
    assertThat(staticRoutes(compiler, "d:p:blue:blue"))
        .isEqualTo(
            "[{'prefix':'192.168.1.0/24','next_hop':'10.0.0.5','route_target':[],'community':[]}]");
  }

  @Test
  void aRouteTableOfARouterGoesToTheNetworkThatHasItsNextHop() {
    ObjectNode subnets =
        json("{'ipam_subnets':[{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24}}]}");
    Compiler compiler =
        new Config()
            .with(
                referring(network("p:blue"), "network-ipam", subnets, "p:ipam"),
                network("p:red"),
                port("p:blue-port", "p:blue"),
                port("p:red-port", "p:red"),
                referring(
                    router("p:lr", "{}", "p:blue-port", "p:red-port"),
                    "route-table",
                    NullNode.getInstance(),
                    "p:extra"),
                routeTable("p:extra", "192.168.1.0/24 10.0.0.5"))
            .allocated(POOL, 8000007, "d:p:lr")
            .compiled();
    assertThat(staticRoutes(compiler, "d:p:blue:blue"))
        .isEqualTo(
            "[{'prefix':'192.168.1.0/24','next_hop':'10.0.0.5',"
                + "'route_target':['target:64512:8000007'],'community':[]}]");
    assertThat(staticRoutes(compiler, "d:p:red:red")).isEmpty();
  }

  @Test
  void aBgpVpnGivesItsTargetsToItsNetworksAndToThoseOfItsRouters() {
    Compiler compiler =
        new Config()
            .with(
                object(
                    "bgpvpn",
                    "p:vpn",
                    json(
                        "{'route_target_list':{'route_target':['target:1:1']},"
                            + "'import_route_target_list':{'route_target':['target:1:2']},"
                            + "'export_route_target_list':{'route_target':['target:1:3']}}"),
                    Map.of()),
                referring(network("p:blue"), "bgpvpn", NullNode.getInstance(), "p:vpn"),
                network("p:red"),
                port("p:red-port", "p:red"),
                referring(
                    router("p:lr", "{}", "p:red-port"), "bgpvpn", NullNode.getInstance(), "p:vpn"))
            .compiled();
    for (String instance : List.of("d:p:blue:blue", "d:p:red:red")) {
      assertThat(targets(compiler, instance))
          .containsExactly(
              "target:1:1 {\"import_export\":null}",
              "target:1:2 {\"import_export\":\"import\"}",
              "target:1:3 {\"import_export\":\"export\"}");
    }
  }

  @Test
  void aRoutingPolicyAppliesToTheInstancesOfItsNetworks() {
    Compiler compiler =
        new Config()
            .with(
                object("routing-policy", "p:prefer", json("{}"), Map.of()),
                referring(
                    network("p:blue"), "routing-policy", json("{'sequence':'2.0'}"), "p:prefer"))
            .compiled();
    DerivedObject policy =
        compiler.desired().get(new DerivedKey("routing-policy", FqName.parse("d:p:prefer")));
    assertThat(policy.whole()).isFalse();
    assertThat(policy.references().get("routing-instance"))
        .extracting(ref -> ref.to() + " " + ref.attr())
        .containsExactly("d:p:blue:blue {\"sequence\":\"2.0\"}");
  }
}
