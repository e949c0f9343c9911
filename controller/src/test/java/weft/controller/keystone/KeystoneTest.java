package weft.controller.keystone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.controller.Controller;
import weft.controller.ControllerOptions;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.lab.KeystoneServer;
import weft.state.FaultHandler;

/** A controller whose callers, domains and projects are those of a real Keystone. */
@Tag("lab")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeystoneTest {
  private static final Duration PATIENCE = Duration.ofSeconds(45);

  private KeystoneServer keystone;
  private Controller controller;
  private HttpCalls api;
  private String red;
  private String blue;

  @BeforeAll
  void start(@TempDir Path directory) throws Exception {
    keystone = KeystoneServer.start(Files.createDirectory(directory.resolve("keystone")), null);
    String service = keystone.make("project", "{'name':'service'}");
    keystone.user("weft", "between-us", service, "admin");
    red = keystone.make("project", "{'name':'red'}");
    blue = keystone.make("project", "{'name':'blue'}");
    keystone.user("ruth", "ruth", red, "member");
    keystone.user("bob", "bob", blue, "member");
    Path password = Files.writeString(directory.resolve("password"), "between-us\n");
    Properties properties = new Properties();
    properties.setProperty("roles", "api");
    properties.setProperty("data.dir", directory.resolve("data").toString());
    properties.setProperty("api.address", "127.0.0.1");
    properties.setProperty("status.address", "127.0.0.1");
    properties.setProperty("api.port", "0");
    properties.setProperty("status.port", "0");
    properties.setProperty("keystone.url", keystone.url() + "/v3");
    properties.setProperty("keystone.password.file", password.toString());
    properties.setProperty("keystone.cache.seconds", "2");
    properties.setProperty("keystone.timeout.seconds", "60");
    properties.setProperty("keystone.resync.seconds", "4");
    controller = Controller.start(ControllerOptions.of(properties), FaultHandler.rethrow());
    api =
        new HttpCalls(
            "http://127.0.0.1:" + controller.apiPort().orElseThrow(), Duration.ofSeconds(90));
  }

  @AfterAll
  void stop() {
    if (api != null) {
      api.close();
    }
    if (controller != null) {
      controller.close();
    }
    if (keystone != null) {
      keystone.close();
    }
  }

  private HttpCalls.Reply as(String token, String method, String path, String body)
      throws IOException {
    String json = body == null ? null : Json.text(Json.parse(body.replace('\'', '"')));
    return api.call(method, path, json, "X-Auth-Token", token);
  }

  private JsonNode ok(String token, String method, String path, String body) throws IOException {
    HttpCalls.Reply reply = as(token, method, path, body);
    assertThat(reply.status()).describedAs(path + ": " + reply.text()).isEqualTo(200);
    return reply.text().isEmpty() ? Json.object() : reply.json();
  }

  /** Asks again until it is so; Keystone and its mirror take their time. */
  private static void until(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      assertThat(System.nanoTime()).describedAs("waited for: " + what).isLessThan(end);
      Thread.sleep(100);
    }
  }

  private static String dashed(String id) {
    return id.replaceFirst("(.{8})(.{4})(.{4})(.{4})(.{12})", "$1-$2-$3-$4-$5");
  }

  private String ruth() throws IOException {
    return keystone.token("ruth", "ruth", "red");
  }

  private String bob() throws IOException {
    return keystone.token("bob", "bob", "blue");
  }

  private void allowMembers() throws IOException {
    HttpCalls.Reply made =
        as(
            keystone.adminToken(),
            "POST",
            "/api-access-lists",
            "{'api-access-list':{'fq_name':['default-domain','members'],'parent_type':'domain',"
                + "'api_access_list_entries':{'rbac_rule':[{'rule_object':'*','rule_field':'',"
                + "'rule_perms':[{'role_name':'member','role_crud':'CRUD'}]}]}}}");
    assertThat(made.status()).isIn(200, 409);
  }

  private String network(String token, String project, String name) throws IOException {
    return ok(
            token,
            "POST",
            "/virtual-networks",
            "{'virtual-network':{'fq_name':['default-domain','%s','%s'],'parent_type':'project'}}"
                .formatted(project, name))
        .at("/virtual-network/uuid")
        .asString();
  }

  private List<String> names(String token, String path) throws IOException {
    return ok(token, "GET", path, null)
        .path("virtual-networks")
        .valueStream()
        .map(item -> item.path("fq_name").path(2).asString())
        .sorted()
        .toList();
  }

  @Test
  @Order(1)
  void onlyACloudAdministratorGetsIn() throws IOException {
    String admin = keystone.adminToken();
    assertThat(ok(admin, "GET", "/aaa-mode", null).path("aaa-mode").asString())
        .isEqualTo("cloud-admin");
    HttpCalls.Reply member = as(ruth(), "GET", "/virtual-networks", null);
    assertThat(member.status()).isEqualTo(403);
    assertThat(member.text()).isEqualTo("403 Permission Denied");
    HttpCalls.Reply unscoped =
        as(keystone.token("ruth", "ruth", null), "GET", "/virtual-networks", null);
    assertThat(unscoped.status()).isEqualTo(401);
    assertThat(unscoped.text()).isEqualTo("roles empty!!");
    for (String garbage : new String[] {"garbage", admin + "x", "gAAAAAB" + "a".repeat(200)}) {
      assertThat(as(garbage, "GET", "/virtual-networks", null).status()).isEqualTo(401);
    }
    HttpCalls.Reply none = api.get("/virtual-networks");
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.header("WWW-Authenticate"))
        .isEqualTo("Keystone uri=\"" + keystone.url() + "\"");
  }

  @Test
  @Order(2)
  void projectsAreMirrored() throws Exception {
    String admin = keystone.adminToken();
    JsonNode project = ok(admin, "GET", "/project/" + dashed(red), null).path("project");
    assertThat(project.path("fq_name").toString()).isEqualTo("[\"default-domain\",\"red\"]");
    assertThat(project.at("/perms2/owner").asString()).isEqualTo(red);
    String domain = keystone.make("domain", "{'name':'elsewhere'}");
    String twin = keystone.make("project", "{'name':'red:1','domain_id':'" + domain + "'}");
    // Read before the next look at all of them.
    JsonNode read = ok(admin, "GET", "/project/" + dashed(twin), null).path("project");
    assertThat(read.path("fq_name").toString()).isEqualTo("[\"elsewhere\",\"red_1\"]");
    assertThat(read.path("parent_uuid").asString()).isEqualTo(dashed(domain));
    assertThat(read.path("display_name").asString()).isEqualTo("red:1");
    ok(
        admin,
        "POST",
        "/projects",
        "{'project':{'fq_name':['default-domain','green'],'parent_type':'domain'}}");
    String green = keystone.make("project", "{'name':'green'}");
    assertThat(
            ok(admin, "GET", "/project/" + dashed(green), null).at("/project/fq_name/1").asString())
        .isEqualTo("green-" + dashed(green));
    keystone.delete("project", green);
    until(
        "the project is gone",
        () -> as(admin, "GET", "/project/" + dashed(green), null).status() == 404);
    assertThat(as(admin, "GET", "/project/" + dashed(red), null).status()).isEqualTo(200);
  }

  @Test
  @Order(3)
  void projectsDoNotSeeEachOtherUnlessTheyShare() throws IOException {
    ok(keystone.adminToken(), "PUT", "/aaa-mode", "{'aaa-mode':'rbac'}");
    String ruth = ruth();
    HttpCalls.Reply denied = as(ruth, "GET", "/virtual-networks", null);
    assertThat(denied.text())
        .matches(
            "Permission Denied for ruth as \\['member'(, 'reader')?\\] to R virtual-network in red");
    allowMembers();
    String bob = bob();
    String ours = network(ruth, "red", "ours");
    String theirs = network(bob, "blue", "theirs");
    assertThat(names(ruth, "/virtual-networks")).containsExactly("ours");
    assertThat(names(bob, "/virtual-networks")).containsExactly("theirs");
    assertThat(as(ruth, "GET", "/virtual-network/" + theirs, null).status()).isEqualTo(403);
    assertThat(as(bob, "DELETE", "/virtual-network/" + ours, null).status()).isEqualTo(403);
    assertThat(
            ok(ruth, "GET", "/virtual-network/" + ours, null)
                .at("/virtual-network/perms2/owner")
                .asString())
        .isEqualTo(red);
    ok(
        bob,
        "POST",
        "/chmod",
        "{'uuid':'%s','share':[{'tenant':'tenant:%s','tenant_access':4}]}"
            .formatted(theirs, dashed(red)));
    ok(ruth, "GET", "/virtual-network/" + theirs, null);
    String below = "/virtual-networks?parent_id=" + dashed(red);
    assertThat(names(ruth, below)).containsExactly("ours");
    assertThat(names(ruth, below + "&shared=true")).containsExactly("ours", "theirs");
    JsonNode permissions =
        ok(keystone.adminToken(), "GET", "/obj-perms?uuid=" + theirs + "&token=" + ruth, null);
    assertThat(permissions.path("permissions").asString()).isEqualTo("R");
    assertThat(permissions.at("/token_info/token/user/name").asString()).isEqualTo("ruth");
    ok(keystone.adminToken(), "PUT", "/aaa-mode", "{'aaa-mode':'cloud-admin'}");
  }

  private HttpCalls.Reply neutron(String token, String resource, String operation, String data)
      throws IOException {
    return as(
        token,
        "POST",
        "/neutron/" + resource,
        "{'context':{'is_admin':true,'operation':'%s'},'data':%s}".formatted(operation, data));
  }

  private JsonNode asked(String token, String resource, String operation, String data)
      throws IOException {
    HttpCalls.Reply reply = neutron(token, resource, operation, data);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return Json.parse(reply.text());
  }

  /** Whatever a user claims, Neutron's calls are made for the project of its token. */
  @Test
  @Order(4)
  void neutronForUsers() throws IOException {
    String admin = keystone.adminToken();
    ok(admin, "PUT", "/aaa-mode", "{'aaa-mode':'rbac'}");
    allowMembers();
    String ruth = ruth();
    String bob = bob();
    JsonNode network = asked(ruth, "network", "CREATE", "{'resource':{'name':'hers'}}");
    assertThat(network.path("tenant_id").asString()).isEqualTo(red);
    String id = network.path("id").asString();
    asked(
        ruth,
        "subnet",
        "CREATE",
        "{'resource':{'network_id':'%s','cidr':'10.0.0.0/24'}}".formatted(id));
    String port = "{'resource':{'network_id':'" + id + "'}}";
    asked(ruth, "port", "CREATE", port);
    assertThat(neutron(bob, "port", "CREATE", port).json().path("exception").asString())
        .isEqualTo("NetworkNotFound");
    assertThat(neutron(bob, "network", "DELETE", "{'id':'" + id + "'}").text())
        .contains("NetworkNotFound");
    assertThat(asked(bob, "network", "READALL", "{}").toString()).doesNotContain("hers");
    asked(
        ruth,
        "rbac_policy",
        "CREATE",
        ("{'resource':{'object_type':'network','object_id':'%s','action':'access_as_shared',"
                + "'target_tenant':'%s'}}")
            .formatted(id, blue));
    assertThat(asked(bob, "network", "READALL", "{}").toString()).contains("hers");
    assertThat(asked(bob, "port", "CREATE", port).path("tenant_id").asString()).isEqualTo(blue);
    assertThat(
            neutron(bob, "network", "CREATE", "{'resource':{'shared':true}}")
                .json()
                .path("exception")
                .asString())
        .isEqualTo("AdminRequired");
    ok(admin, "PUT", "/aaa-mode", "{'aaa-mode':'cloud-admin'}");
  }

  @Test
  @Order(5)
  void aWatchEndsWithItsToken() throws Exception {
    String token = keystone.adminToken();
    HttpURLConnection connection =
        (HttpURLConnection)
            URI.create(
                    "http://127.0.0.1:"
                        + controller.apiPort().orElseThrow()
                        + "/watch?resource_type=project")
                .toURL()
                .openConnection();
    connection.setReadTimeout((int) PATIENCE.toMillis());
    connection.setRequestProperty("X-Auth-Token", token);
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
      assertThat(lines.readLine()).isEqualTo("event: init");
      keystone.revoke(token);
      String line = lines.readLine();
      while (!line.equals("event: stop")) {
        line = lines.readLine();
      }
      assertThat(lines.readLine()).isEqualTo("data: {\"reason\":\"Authentication required\"}");
    } finally {
      connection.disconnect();
    }
  }

  @Test
  @Order(6)
  void aRevokedTokenWorksNoLongerThanItIsRemembered() throws Exception {
    String token = keystone.adminToken();
    ok(token, "GET", "/aaa-mode", null);
    keystone.revoke(token);
    until("the token is refused", () -> as(token, "GET", "/aaa-mode", null).status() == 401);
  }

  @Test
  @Order(7)
  void whileKeystoneIsAway() throws Exception {
    String known = keystone.adminToken();
    String unknown = keystone.adminToken();
    ok(known, "GET", "/virtual-networks", null);
    keystone.stop();
    long before = System.nanoTime();
    until(
        "a token that was not seen yet cannot be judged",
        () -> as(unknown, "GET", "/virtual-networks", null).status() == 503);
    HttpCalls.Reply away = as(unknown, "GET", "/virtual-networks", null);
    assertThat(away.text()).startsWith("Keystone at " + keystone.url() + " does not answer: ");
    ok(known, "GET", "/virtual-networks", null);
    assertThat(Duration.ofNanos(System.nanoTime() - before)).isLessThan(PATIENCE);
    // What it makes from now on does not live long, also the token of the service.
    keystone.startAgain(15);
    String brief = keystone.adminToken();
    until("Keystone is asked again", () -> as(brief, "GET", "/aaa-mode", null).status() != 503);
    until("the token expires", () -> as(brief, "GET", "/aaa-mode", null).status() == 401);
    until(
        "the service has a token again",
        () -> as(keystone.adminToken(), "GET", "/virtual-networks", null).status() == 200);
  }
}
