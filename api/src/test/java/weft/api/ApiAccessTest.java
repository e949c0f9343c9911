package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.api.access.AaaMode;
import weft.http.HttpCalls;
import weft.http.HttpOptions;

/** Callers with roles in two projects, known by a list of tokens, and what each may do. */
class ApiAccessTest {
  private static final String RED = "aaaaaaaa000000000000000000000001";
  private static final String BLUE = "bbbbbbbb000000000000000000000002";
  private static final String RED_UUID = "aaaaaaaa-0000-0000-0000-000000000001";
  private static final String BLUE_UUID = "bbbbbbbb-0000-0000-0000-000000000002";
  private static final String MEMBERS_MAY =
      "{'api-access-list':{'fq_name':['default-global-system-config','members'],"
          + "'parent_type':'global-system-config','api_access_list_entries':{'rbac_rule':["
          + "{'rule_object':'*','rule_field':'','rule_perms':"
          + "[{'role_name':'member','role_crud':'CRUD'}]}]}}}";

  private TestApi api;

  private static final Tokens TOKENS =
      new Tokens(
          Map.of(
              "admin", Tokens.of("root", "red", RED, "Admin"),
              "red", Tokens.of("ruth", "red", RED, "member"),
              "blue", Tokens.of("bob", "blue", BLUE, "member"),
              "auditor", Tokens.of("ann", "blue", BLUE, "auditor"),
              "nobody", Tokens.of("nick", null, null)));

  @BeforeEach
  void start() throws IOException {
    api =
        TestApi.inMemory(
            new ApiOptions(
                new HttpOptions("127.0.0.1", 0),
                AaaMode.RBAC,
                new SpecialRoles("admin", "auditor"),
                new ApiOptions.Admin(new HttpOptions("127.0.0.1", 0), "weft", "se:cret"),
                ApiOptions.RESYNC),
            TOKENS);
    for (String[] project : new String[][] {{"red", RED_UUID}, {"blue", BLUE_UUID}}) {
      ok(
          "admin",
          "POST",
          "/projects",
          "{'project':{'fq_name':['default-domain','%s'],'parent_type':'domain','uuid':'%s'}}"
              .formatted(project[0], project[1]));
    }
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private HttpCalls.Reply as(String token, String method, String path, String body)
      throws IOException {
    return api.calls.call(
        method, path, body == null ? null : body.replace('\'', '"'), "X-Auth-Token", token);
  }

  private JsonNode ok(String token, String method, String path, String body) throws IOException {
    HttpCalls.Reply reply = as(token, method, path, body);
    assertThat(reply.status())
        .describedAs(method + " " + path + ": " + reply.text())
        .isEqualTo(200);
    return reply.text().isEmpty() ? TestApi.json("{}") : reply.json();
  }

  private void refused(
      int status, String text, String token, String method, String path, String body)
      throws IOException {
    HttpCalls.Reply reply = as(token, method, path, body);
    assertThat(reply.status() + " " + reply.text()).isEqualTo(status + " " + text);
  }

  private static String network(String project, String name, String more) {
    return ("{'virtual-network':{'fq_name':['default-domain','%s','%s'],'parent_type':'project'%s}}")
        .formatted(project, name, more);
  }

  private String create(String token, String project, String name) throws IOException {
    return ok(token, "POST", "/virtual-networks", network(project, name, ""))
        .at("/virtual-network/uuid")
        .asString();
  }

  private List<String> names(JsonNode list) {
    return list.path("virtual-networks")
        .valueStream()
        .map(item -> item.path("fq_name").path(2).asString())
        .sorted()
        .toList();
  }

  @Test
  void withoutAValidTokenNothing() throws IOException {
    HttpCalls.Reply none = api.get("/virtual-networks");
    assertThat(none.status()).isEqualTo(401);
    assertThat(none.text()).isEqualTo("Authentication required");
    assertThat(none.header("WWW-Authenticate")).isEqualTo("Keystone uri=\"http://keystone\"");
    refused(401, "Authentication required", "garbage", "GET", "/", null);
    refused(401, "roles empty!!", "nobody", "GET", "/virtual-networks", null);
    refused(401, "roles empty!!", "nobody", "GET", "/aaa-mode", null);
    assertThat(api.get("/metrics").status()).isEqualTo(200);
  }

  @Test
  void whatNoRuleGrantsIsDenied() throws IOException {
    ok("red", "GET", "/", null);
    refused(
        403,
        "Permission Denied for ruth as ['member'] to R virtual-network in red",
        "red",
        "GET",
        "/virtual-networks",
        null);
    refused(
        403,
        "Permission Denied for ruth as ['member'] to C virtual-network in red",
        "red",
        "POST",
        "/virtual-networks",
        network("red", "n", ""));
    refused(
        403,
        "Permission Denied for ruth as ['member'] to C int-pools in red",
        "red",
        "POST",
        "/int-pools",
        "{}");
    ok("admin", "GET", "/virtual-networks", null);
    // The default list lets everybody find objects, but not those that he may not read.
    refused(
        403,
        "Permission Denied for ruth as ['member'] to R project " + BLUE_UUID + " in red",
        "red",
        "POST",
        "/id-to-fqname",
        "{'uuid':'" + BLUE_UUID + "'}");
    ok("red", "POST", "/id-to-fqname", "{'uuid':'" + RED_UUID + "'}");
  }

  @Test
  void aFieldWithARuleOfItsOwn() throws IOException {
    ok("admin", "POST", "/api-access-lists", MEMBERS_MAY);
    refused(
        403,
        "Permission Denied for ruth as ['member'] to C logical-router in red",
        "red",
        "POST",
        "/logical-routers",
        "{'logical-router':{'fq_name':['default-domain','red','r'],'parent_type':'project',"
            + "'gateway_external':true}}");
  }

  @Test
  void rulesOfAProjectHoldForItAlone() throws IOException {
    String list =
        ok(
                "admin",
                "POST",
                "/api-access-lists",
                MEMBERS_MAY
                    .replace("'default-global-system-config'", "'default-domain','red'")
                    .replace("'global-system-config'", "'project'"))
            .at("/api-access-list/uuid")
            .asString();
    create("red", "red", "n");
    refused(
        403,
        "Permission Denied for bob as ['member'] to C virtual-network in blue",
        "blue",
        "POST",
        "/virtual-networks",
        network("blue", "n", ""));
    ok("admin", "DELETE", "/api-access-list/" + list, null);
    refused(
        403,
        "Permission Denied for ruth as ['member'] to R virtual-network in red",
        "red",
        "GET",
        "/virtual-networks",
        null);
  }

  @Test
  void projectsDoNotSeeEachOther() throws IOException {
    ok("admin", "POST", "/api-access-lists", MEMBERS_MAY);
    String red = create("red", "red", "r");
    String blue = create("blue", "blue", "b");
    JsonNode read = ok("red", "GET", "/virtual-network/" + red, null).path("virtual-network");
    assertThat(read.at("/perms2/owner").asString()).isEqualTo(RED);
    assertThat(read.path("routing_instances")).hasSize(1);
    assertThat(names(ok("red", "GET", "/virtual-networks", null))).containsExactly("r");
    assertThat(names(ok("blue", "GET", "/virtual-networks?detail=true&fields=x", null))).hasSize(1);
    assertThat(
            ok("blue", "POST", "/list-bulk-collection", "{'type':'virtual-network','count':true}")
                .at("/virtual-networks/count")
                .asInt())
        .isEqualTo(1);
    String denied = "Permission Denied for ruth as ['member'] to ";
    refused(
        403,
        denied + "R virtual-network " + blue + " in red",
        "red",
        "GET",
        "/virtual-network/" + blue,
        null);
    refused(
        403,
        denied + "U virtual-network " + blue + " in red",
        "red",
        "PUT",
        "/virtual-network/" + blue,
        "{'virtual-network':{'display_name':'x'}}");
    refused(
        403,
        denied + "D virtual-network " + blue + " in red",
        "red",
        "DELETE",
        "/virtual-network/" + blue,
        null);
    refused(
        403,
        denied + "C virtual-network in project " + BLUE_UUID + " in red",
        "red",
        "POST",
        "/virtual-networks",
        network("blue", "n", ""));
    refused(
        403,
        denied + "U virtual-network " + blue + " in red",
        "red",
        "POST",
        "/chown",
        "{'uuid':'" + blue + "','owner':'" + RED_UUID + "'}");
    refused(
        403,
        "Operation 0, delete virtual-network "
            + blue
            + ": "
            + denied
            + "D virtual-network "
            + blue
            + " in red",
        "red",
        "POST",
        "/transaction",
        "{'operations':[{'delete':{'virtual-network':{'uuid':'" + blue + "'}}}]}");
    assertThat(ok("auditor", "GET", "/virtual-networks", null).path("virtual-networks").size())
        .isGreaterThan(2);
    refused(
        403,
        "Permission Denied for ann as ['auditor'] to D virtual-network in blue",
        "auditor",
        "DELETE",
        "/virtual-network/" + blue,
        null);
    ok("red", "DELETE", "/virtual-network/" + red, null);
  }

  @Test
  void linksNeedPermissionOfTheTarget() throws IOException {
    ok("admin", "POST", "/api-access-lists", MEMBERS_MAY);
    String blue = create("blue", "blue", "b");
    String port =
        "{'virtual-machine-interface':{'fq_name':['default-domain','red','p'],"
            + "'parent_type':'project','virtual_network_refs':[{'uuid':'%s'}]}}";
    refused(
        403,
        "Permission Denied for ruth as ['member'] to link to virtual-network " + blue + " in red",
        "red",
        "POST",
        "/virtual-machine-interfaces",
        port.formatted(blue));
    chmod("blue", blue, RED_UUID, 1);
    ok("red", "POST", "/virtual-machine-interfaces", port.formatted(blue));
    // A link is not a look.
    assertThat(as("red", "GET", "/virtual-network/" + blue, null).status()).isEqualTo(403);
    // The owner of the network does not see ports of others.
    assertThat(
            ok("blue", "GET", "/virtual-network/" + blue, null)
                .at("/virtual-network/virtual_machine_interface_back_refs")
                .isMissingNode())
        .isTrue();
  }

  private void chmod(String token, String uuid, String tenant, int bits) throws IOException {
    ok(
        token,
        "POST",
        "/chmod",
        "{'uuid':'%s','share':[{'tenant':'tenant:%s','tenant_access':%d}]}"
            .formatted(uuid, tenant, bits));
  }

  @Test
  void whatIsSharedIsListedOnWish() throws IOException {
    ok("admin", "POST", "/api-access-lists", MEMBERS_MAY);
    String shared = create("blue", "blue", "shared");
    String open = create("blue", "blue", "open");
    create("red", "red", "own");
    assertThat(permissions("red", shared)).isEmpty();
    chmod("blue", shared, RED_UUID, 4);
    ok("blue", "PUT", "/virtual-network/" + open, "{'virtual-network':{'is_shared':true}}");
    assertThat(permissions("red", shared)).isEqualTo("R");
    assertThat(permissions("red", open)).isEqualTo("RWX");
    String below = "/virtual-networks?parent_id=" + RED_UUID;
    assertThat(names(ok("red", "GET", below, null))).containsExactly("own");
    assertThat(names(ok("red", "GET", below + "&shared=true", null)))
        .containsExactly("open", "own", "shared");
    ok("red", "GET", "/virtual-network/" + shared, null);
    assertThat(
            as(
                    "red",
                    "PUT",
                    "/virtual-network/" + shared,
                    "{'virtual-network':{'display_name':'x'}}")
                .status())
        .isEqualTo(403);
    // Written by others, but deleted by the owner alone.
    ok("red", "PUT", "/virtual-network/" + open, "{'virtual-network':{'display_name':'x'}}");
    assertThat(as("red", "DELETE", "/virtual-network/" + open, null).status()).isEqualTo(403);
    ok("blue", "PUT", "/virtual-network/" + open, "{'virtual-network':{'is_shared':false}}");
    assertThat(permissions("red", open)).isEmpty();
  }

  private String permissions(String token, String uuid) throws IOException {
    return ok(token, "GET", "/obj-perms?uuid=" + uuid, null).path("permissions").asString();
  }

  @Test
  void permissionsOfTheBearerOfAnotherToken() throws IOException {
    JsonNode own = ok("admin", "GET", "/obj-perms?uuid=" + BLUE_UUID, null);
    assertThat(own.path("is_cloud_admin_role").asBoolean()).isTrue();
    assertThat(own.path("permissions").asString()).isEqualTo("RWX");
    JsonNode blue = ok("admin", "GET", "/obj-perms?uuid=" + BLUE_UUID + "&token=red", null);
    assertThat(blue.path("is_cloud_admin_role").asBoolean()).isFalse();
    assertThat(blue.path("permissions").asString()).isEmpty();
    assertThat(blue.at("/token_info/token/project/id").asString()).isEqualTo(RED);
    HttpCalls.Reply header =
        api.calls.call(
            "GET",
            "/obj-perms?uuid=" + BLUE_UUID,
            null,
            "X-Auth-Token",
            "admin",
            "X-User-Token",
            "auditor");
    assertThat(header.json().path("permissions").asString()).isEqualTo("RWX");
    assertThat(header.json().path("is_global_read_only_role").asBoolean()).isTrue();
    refused(
        401,
        "Authentication required",
        "admin",
        "GET",
        "/obj-perms?uuid=" + BLUE_UUID + "&token=garbage",
        null);
  }

  @Test
  void onlyAnAdministratorSpeaksForOthers() throws IOException {
    HttpCalls.Reply lesser =
        api.calls.call(
            "GET",
            "/virtual-networks",
            null,
            "X-Auth-Token",
            "admin",
            "X-API-ROLE",
            "member",
            "X-API-USER",
            "eve");
    assertThat(lesser.text())
        .isEqualTo("Permission Denied for eve as ['member'] to R virtual-network in red");
    HttpCalls.Reply greater =
        api.calls.call(
            "GET", "/virtual-networks", null, "X-Auth-Token", "red", "X-API-ROLE", "admin");
    assertThat(greater.status()).isEqualTo(403);
    assertThat(greater.text()).startsWith("Permission Denied for ruth as ['member']");
  }

  @Test
  void theModeCanBeChangedByAnAdministrator() throws IOException {
    refused(403, "403 Permission Denied", "red", "PUT", "/aaa-mode", "{'aaa-mode':'no-auth'}");
    ok("admin", "PUT", "/aaa-mode", "{'aaa-mode':'cloud-admin'}");
    refused(403, "403 Permission Denied", "red", "GET", "/", null);
    refused(403, "403 Permission Denied", "red", "GET", "/virtual-networks", null);
    refused(403, "403 Permission Denied", "red", "GET", "/obj-perms", null);
    ok("auditor", "GET", "/virtual-networks", null);
    refused(
        403,
        "403 Permission Denied",
        "auditor",
        "POST",
        "/virtual-networks",
        network("red", "n", ""));
    assertThat(ok("admin", "GET", "/aaa-mode", null).path("aaa-mode").asString())
        .isEqualTo("cloud-admin");
    refused(
        400,
        "aaa-mode: 'x' is none of no-auth, cloud-admin, rbac",
        "admin",
        "PUT",
        "/aaa-mode",
        "{'aaa-mode':'x'}");
    ok("admin", "PUT", "/aaa-mode", "{'aaa-mode':'no-auth'}");
    assertThat(api.get("/virtual-networks").status()).isEqualTo(200);
  }

  @Test
  void nobodyIsLockedOut() throws IOException {
    try (TestApi open = TestApi.inMemory()) {
      HttpCalls.Reply reply = open.put("/aaa-mode", "{'aaa-mode':'rbac'}");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.text()).contains("nobody could get in");
    }
  }

  @Test
  void aPasswordForTheAdministratorOfThisMachine() throws IOException {
    int port = api.server.adminPort().orElseThrow();
    try (HttpCalls local = new HttpCalls("http://127.0.0.1:" + port)) {
      HttpCalls.Reply none = local.get("/virtual-networks");
      assertThat(none.status()).isEqualTo(401);
      assertThat(none.header("WWW-Authenticate")).isEqualTo("Basic realm=\"weft\"");
      for (String wrong : new String[] {"weft:secret", "weft:", "root:se:cret", ":"}) {
        assertThat(basic(local, "Basic " + base64(wrong)).status()).isEqualTo(401);
      }
      assertThat(basic(local, "Bearer x").status()).isEqualTo(401);
      assertThat(basic(local, "basic " + base64("weft:se:cret")).status()).isEqualTo(200);
      // A password is of no use where a token is asked for.
      HttpCalls.Reply other =
          api.calls.call(
              "GET", "/aaa-mode", null, "Authorization", "Basic " + base64("weft:se:cret"));
      assertThat(other.status()).isEqualTo(401);
    }
  }

  private static HttpCalls.Reply basic(HttpCalls calls, String header) throws IOException {
    return calls.call("GET", "/virtual-networks", null, "Authorization", header);
  }

  private static String base64(String text) {
    return java.util.Base64.getEncoder()
        .encodeToString(text.getBytes(java.nio.charset.StandardCharsets.UTF_8));
  }
}
