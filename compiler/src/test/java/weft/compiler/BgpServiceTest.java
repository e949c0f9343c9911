package weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import weft.schema.FqName;

/** Guests that speak BGP: their routers and the ports that they are known by. */
class BgpServiceTest {
  private static final String PEER =
      "{'autonomous_system':65001,'bgpaas_session_attributes':{'hold_time':30}}";
  private static final String POOL = Allocation.BGP_PORTS;

  private static Config config(String service, String... ports) {
    return new Config()
        .with(
            Config.network("p:red"),
            Config.network("p:blue"),
            Config.port("p:one", "p:red"),
            Config.port("p:two", "p:red"),
            Config.port("p:three", "p:blue"),
            Config.address("one", "10.0.0.3", "p:one"),
            Config.address("one more", "10.0.0.4", "p:one"),
            Config.address("two", "10.0.0.5", "p:two"),
            Config.service("p:peer", service, ports));
  }

  private static DerivedObject router(Compiler compiler, String name) {
    return compiler.desired(new DerivedKey(BgpService.ROUTER, FqName.parse(name)));
  }

  private static List<String> routers(Compiler compiler) {
    return compiler.desired().keySet().stream()
        .filter(key -> key.type().equals(BgpService.ROUTER))
        .map(key -> key.fqName().toString())
        .toList();
  }

  private static Set<Allocation.Request> requests(Config config) {
    return config.last.requests().stream()
        .filter(request -> request.pool().equals(POOL))
        .collect(java.util.stream.Collectors.toSet());
  }

  @Test
  void eachPortIsARouterOnceItHasASourcePort() {
    Config config = config(PEER, "p:one", "p:two");
    Compiler compiler = config.compiled();
    assertThat(routers(compiler)).isEmpty();
    assertThat(requests(config))
        .containsExactlyInAnyOrder(
            new Allocation.Request(POOL, "d:p:red:red:one"),
            new Allocation.Request(POOL, "d:p:red:red:two"));
    config.allocated(POOL, 50_000, "d:p:red:red:one").allocated(POOL, 50_001, "d:p:red:red:two");
    compiler = config.compiled();
    assertThat(requests(config)).isEmpty();
    assertThat(routers(compiler))
        .containsExactly("d:p:red:red:bgpaas-server", "d:p:red:red:one", "d:p:red:red:two");
    DerivedObject one = router(compiler, "d:p:red:red:one");
    assertThat(one.properties())
        .isEqualTo(
            Config.json(
                "{'bgp_router_parameters':{'autonomous_system':65001,'identifier':'10.0.0.3',"
                    + "'address':'10.0.0.3','source_port':50000,'router_type':'bgpaas-client'}}"));
    assertThat(one.references().get(BgpService.ROUTER))
        .containsExactly(
            new DerivedObject.DerivedRef(
                FqName.parse("d:p:red:red:bgpaas-server"),
                Config.json("{'session':[{'attributes':[{'hold_time':30}]}]}")));
    assertThat(router(compiler, "d:p:red:red:bgpaas-server").properties())
        .isEqualTo(Config.json("{'bgp_router_parameters':{'router_type':'bgpaas-server'}}"));
    DerivedObject service =
        compiler.desired(new DerivedKey("bgp-as-a-service", FqName.parse("d:p:peer")));
    assertThat(service.whole()).isFalse();
    assertThat(service.references().get(BgpService.ROUTER))
        .extracting(ref -> ref.to().name())
        .containsExactly("one", "two");
  }

  @Test
  void oneRouterForAllWhoShare() {
    Config config =
        config(
            "{'autonomous_system':65001,'bgpaas_shared':true,'bgpaas_ip_address':'10.0.0.9'}",
            "p:one",
            "p:two");
    config.allocated(POOL, 50_000, "d:p:red:red:peer");
    assertThat(routers(config.compiled()))
        .containsExactly("d:p:red:red:bgpaas-server", "d:p:red:red:peer");
    assertThat(
            router(config.compiled(), "d:p:red:red:peer")
                .properties()
                .at("/bgp_router_parameters/address")
                .asString())
        .isEqualTo("10.0.0.9");
  }

  @Test
  void withoutAddressNoRouter() {
    Config config = config(PEER, "p:three");
    config.allocated(POOL, 50_000, "d:p:blue:blue:three");
    assertThat(routers(config.compiled())).isEmpty();
    config.with(Config.address("three", "10.1.0.3", "p:three"));
    assertThat(routers(config.compiled()))
        .containsExactly("d:p:blue:blue:bgpaas-server", "d:p:blue:blue:three");
  }

  @Test
  void aPortIsOfOneService() {
    Config config = config(PEER, "p:one");
    config.with(Config.service("p:zone", "{'autonomous_system':65002}", "p:one", "p:two"));
    config.allocated(POOL, 50_000, "d:p:red:red:one").allocated(POOL, 50_001, "d:p:red:red:two");
    Compiler compiler = config.compiled();
    assertThat(routers(compiler)).hasSize(3);
    assertThat(system(router(compiler, "d:p:red:red:one"))).isEqualTo(65_001);
    assertThat(system(router(compiler, "d:p:red:red:two"))).isEqualTo(65_002);
  }

  private static int system(DerivedObject router) {
    return router.properties().at("/bgp_router_parameters/autonomous_system").asInt();
  }

  @Test
  void aSourcePortGoesWithItsRouter() {
    Config config = config(PEER, "p:one");
    config.allocated(POOL, 50_000, "d:p:red:red:one").allocated(POOL, 50_001, "d:p:red:red:two");
    Compiler _ = config.compiled();
    assertThat(config.last.surplus())
        .contains(new Allocation(POOL, 50_001, "d:p:red:red:two"))
        .doesNotContain(new Allocation(POOL, 50_000, "d:p:red:red:one"));
  }
}
