package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.http.Json;
import weft.schema.FqName;

/** get, list, create, set, delete and explain, as typed, against a real config API. */
class ObjectCommandsTest {
  private ApiFixture api;

  @BeforeEach
  void start() throws IOException {
    api = new ApiFixture();
    api.done("create", "project", "shop");
    api.done("create", "vn", "default-domain:shop:web", "mtu=1400", "display_name=the web");
    api.done("create", "vn", "db", "--project", "shop");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private String uuid(String type, String... name) {
    return api.db().image().object(type, FqName.of(name)).uuid().toString();
  }

  private JsonNode network(String name) {
    return api.db()
        .image()
        .object("virtual-network", FqName.of("default-domain", "shop", name))
        .body();
  }

  @Test
  void listsWithTheColumnsOfTheType() {
    api.done("create", "ipam", "shop:i", "--project", "default-domain:shop");
    assertThat(api.done("list", "virtual-networks", "--parent", "default-domain:shop").lines())
        .map(line -> line.replaceAll(" +", " "))
        .containsExactly(
            "NAME ID SHARED UUID",
            "default-domain:shop:db 6 false "
                + uuid("virtual-network", "default-domain", "shop", "db"),
            "default-domain:shop:web 5 false "
                + uuid("virtual-network", "default-domain", "shop", "web"));
    assertThat(api.done("list", "vn").lines()).hasSizeGreaterThan(5);
    assertThat(api.done("list", "vn", "--project", "shop").lines()).hasSize(3);
    assertThat(api.done("list", "vn", "--project", "shop", "--all-projects"))
        .isEqualTo(api.done("list", "vn"));
    assertThat(api.done("list", "vn", "--limit", "2").lines()).hasSize(3);
    assertThat(api.done("list", "vn", "-F", "mtu=1400", "--fields", "mtu,display_name").lines())
        .map(line -> line.replaceAll(" +", " "))
        .element(1)
        .asString()
        .startsWith("default-domain:shop:web 1400 the web ");
    assertThat(api.done("list").lines()).anyMatch(line -> line.startsWith("virtual-network "));
    JsonNode json = Json.parse(api.done("list", "vn", "--project", "shop", "-o", "json"));
    assertThat(json.at("/virtual-networks/0/name").asString()).isEqualTo("default-domain:shop:db");
  }

  @Test
  void listsPageByPage() {
    StringBuilder many = new StringBuilder();
    for (int i = 0; i < 2100; i++) {
      many.append("- {type: virtual-machine, fq_name: vm-%04d}\n".formatted(i));
    }
    assertThat(api.weft(many.toString(), new String[] {"apply", "-y", "-f", "-"}))
        .as(api.err())
        .isZero();
    assertThat(api.done("list", "vm").lines()).hasSize(2101).doesNotHaveDuplicates();
  }

  @Test
  void shows() {
    assertThat(api.done("get", "vn", "default-domain:shop:web").lines())
        .contains(
            "fq_name: default-domain:shop:web",
            "mtu: 1400",
            "routing_instances: default-domain:shop:web:web");
    assertThat(api.done("get", "vn", "web", "db", "-o", "yaml"))
        .isEqualTo(
            """
            type: virtual-network
            fq_name: default-domain:shop:web
            is_shared: false
            mtu: 1400
            display_name: the web
            ---
            type: virtual-network
            fq_name: default-domain:shop:db
            is_shared: false
            display_name: db
            """);
    assertThat(Json.parse(api.done("get", "vn", "web", "-o", "json")).path("mtu").asInt())
        .isEqualTo(1400);
  }

  @Test
  void findsByNameOfAnyLengthOrUuid() {
    String uuid = uuid("virtual-network", "default-domain", "shop", "web");
    String whole = api.done("get", "vn", "default-domain:shop:web");
    for (String name :
        new String[] {uuid, uuid.toUpperCase(java.util.Locale.ROOT), "shop:web", "web"}) {
      assertThat(api.done("get", "vn", name)).isEqualTo(whole);
    }
    api.done("create", "project", "other");
    api.done("create", "vn", "default-domain:other:web");
    assertThat(api.refused("get", "vn", "web"))
        .isEqualTo(
            "virtual-network web could be default-domain:other:web, default-domain:shop:web");
    assertThat(api.done("get", "vn", "web", "--project", "shop")).isEqualTo(whole);
    assertThat(api.refused("get", "vn", "default-domain:shop:wbe"))
        .isEqualTo(
            "no virtual-network default-domain:shop:wbe; did you mean default-domain:shop:db, default-domain:shop:web?");
    assertThat(api.refused("get", "vn", "nothing-like-it"))
        .isEqualTo("no virtual-network nothing-like-it");
    assertThat(api.refused("get", "virtual-netwrk", "web"))
        .isEqualTo("no type virtual-netwrk; did you mean virtual-network? (all: weft list)");
  }

  @Test
  void createsFromAFileAndWords(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("vn.json");
    Files.writeString(
        file, "{\"virtual-network\":{\"fq_name\":[\"default-domain\",\"shop\",\"x\"]}}");
    api.done(
        "create", "vn", "-f", file.toString(), "mtu=9000", "virtual_network_properties.rpf=enable");
    assertThat(network("x").path("mtu").asInt()).isEqualTo(9000);
    assertThat(network("x").at("/virtual_network_properties/rpf").asString()).isEqualTo("enable");
    assertThat(api.refused("create", "vn", "-f", "/no/such.json"))
        .isEqualTo("/no/such.json: no such file");
    assertThat(api.refused("create", "vn", "mtu=1")).startsWith("name the object");
    assertThat(api.refused("create", "vn", "y", "mtuu=1"))
        .isEqualTo("virtual-network has no mtuu; did you mean mtu?");
  }

  @Test
  void changesAndDeletes() {
    api.done("create", "policy", "default-domain:shop:p");
    api.done("set", "vn", "web", "mtu=null", "network_policy_refs=default-domain:shop:p");
    assertThat(network("web").has("mtu")).isFalse();
    assertThat(network("web").path("network_policy_refs")).hasSize(1);
    assertThat(api.refused("set", "vn", "web", "mtu=x")).contains("mtu");
    assertThat(api.refused("delete", "policy", "p"))
        .startsWith("network-policy ")
        .contains("Delete when resource still referred");
    assertThat(api.refused("delete", "vn", "web", "nothing-like-it"))
        .isEqualTo("no virtual-network nothing-like-it");
    assertThat(network("web")).isNotNull();
    assertThat(api.done("delete", "vn", "web", "db"))
        .isEqualTo(
            """
            deleted virtual-network default-domain:shop:web
            deleted virtual-network default-domain:shop:db
            """);
    api.done("delete", "policy", "p");
    assertThat(api.db().image().objects("network-policy")).isEmpty();
  }

  @Test
  void explains() {
    assertThat(explain("vn").lines())
        .startsWith(
            "virtual-network: A tenant's network: an isolated set of addresses and routes.",
            "parent: project")
        .anyMatch(line -> line.startsWith("mtu ") && line.contains("integer 0..9216"))
        .anyMatch(line -> line.startsWith("network_ipam_refs ") && line.contains("VnSubnetsType"));
    assertThat(explain("vn.network_ipam_refs.ipam_subnets.subnet"))
        .startsWith("vn.network_ipam_refs.ipam_subnets.subnet: SubnetType")
        .contains("ip_prefix_len");
    assertThat(explain("vn.mac_aging_time")).contains("absent means 300");
    int status = Main.commandLine().execute("explain", "vn.none");
    assertThat(status).isEqualTo(1);
  }

  private static String explain(String path) {
    var out = new java.io.StringWriter();
    var weft = Main.commandLine().setOut(new java.io.PrintWriter(out, true));
    assertThat(weft.execute("explain", path)).isZero();
    return out.toString();
  }
}
