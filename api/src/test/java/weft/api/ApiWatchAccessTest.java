package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.api.access.AaaMode;
import weft.http.HttpCalls;
import weft.http.HttpOptions;

/** Who follows the config hears of what he may read, and as long as he may. */
class ApiWatchAccessTest {
  private static final String RED = "aaaaaaaa-0000-0000-0000-000000000001";
  private static final String BLUE = "bbbbbbbb-0000-0000-0000-000000000002";

  private final Map<String, IdentityService.Bearer> tokens =
      new ConcurrentHashMap<>(
          Map.of(
              "admin", Tokens.of("root", "red", RED.replace("-", ""), "admin"),
              "red", Tokens.of("ruth", "red", RED.replace("-", ""), "member"),
              "blue", Tokens.of("bob", "blue", BLUE.replace("-", ""), "member"),
              "auditor", Tokens.of("ann", "blue", BLUE.replace("-", ""), "auditor")));
  private TestApi api;
  private String rules;

  @BeforeEach
  void start() throws IOException {
    api =
        TestApi.inMemory(
            new ApiOptions(
                new HttpOptions("127.0.0.1", 0),
                AaaMode.RBAC,
                new SpecialRoles("admin", "auditor"),
                null,
                ApiOptions.RESYNC),
            new Tokens(tokens));
    for (String[] project : new String[][] {{"red", RED}, {"blue", BLUE}}) {
      ok(
          "admin",
          "POST",
          "/projects",
          "{'project':{'fq_name':['default-domain','%s'],'parent_type':'domain','uuid':'%s'}}"
              .formatted(project[0], project[1]));
    }
    rules =
        ok(
                "admin",
                "POST",
                "/api-access-lists",
                "{'api-access-list':{'fq_name':['default-global-system-config','members'],"
                    + "'parent_type':'global-system-config','api_access_list_entries':{'rbac_rule':["
                    + "{'rule_object':'*','rule_field':'','rule_perms':"
                    + "[{'role_name':'member','role_crud':'CRUD'}]}]}}}")
            .at("/api-access-list/uuid")
            .asString();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private JsonNode ok(String token, String method, String path, String body) throws IOException {
    HttpCalls.Reply reply =
        api.calls.call(
            method, path, body == null ? null : body.replace('\'', '"'), "X-Auth-Token", token);
    assertThat(reply.status())
        .describedAs(method + " " + path + ": " + reply.text())
        .isEqualTo(200);
    return reply.text().isEmpty() ? TestApi.json("{}") : reply.json();
  }

  private String group(String token, String project, String name) throws IOException {
    String body =
        "{'security-group':{'fq_name':['default-domain','%s','%s'],'parent_type':'project'}}"
            .formatted(project, name);
    return ok(token, "POST", "/security-groups", body).at("/security-group/uuid").asString();
  }

  private void rename(String token, String uuid, String name) throws IOException {
    ok(
        token,
        "PUT",
        "/security-group/" + uuid,
        "{'security-group':{'display_name':'%s'}}".formatted(name));
  }

  private void share(String token, String uuid, String with) throws IOException {
    ok(token, "POST", "/chmod", "{'uuid':'%s','share':%s}".formatted(uuid, with));
  }

  private EventClient watch(String token) throws IOException {
    return new EventClient(api.base + "/watch?resource_type=security-group", "X-Auth-Token", token);
  }

  private static void expect(EventClient client, String event, String field, String value)
      throws IOException {
    EventClient.Event next = client.next();
    assertThat(next.name() + " " + next.data()).startsWith(event + " ");
    assertThat(next.data().path("security-group").path(field).asString("")).isEqualTo(value);
  }

  private static String stopped(EventClient client) throws IOException {
    EventClient.Event last = client.next();
    assertThat(last.name() + " " + last.data()).startsWith("stop ");
    assertThat(client.line()).isNull();
    return last.data().path("reason").asString("");
  }

  private static int there(EventClient client) throws IOException {
    EventClient.Event init = client.next();
    assertThat(init.name()).isEqualTo("init");
    return init.data().path("security-groups").size();
  }

  @Test
  void onlyWhatMayBeReadIsTold() throws IOException {
    String hidden = group("blue", "blue", "hidden");
    String own = group("red", "red", "own");
    try (EventClient red = watch("red");
        EventClient auditor = watch("auditor")) {
      assertThat(there(red)).isEqualTo(1);
      assertThat(there(auditor)).isGreaterThan(1);
      rename("blue", hidden, "secret");
      expect(auditor, "update", "display_name", "secret");
      // Had the change been told to others, it would come before this one.
      rename("red", own, "mine");
      expect(red, "update", "display_name", "mine");
      expect(auditor, "update", "display_name", "mine");

      share("blue", hidden, "[{'tenant':'tenant:%s','tenant_access':4}]".formatted(RED));
      expect(red, "create", "display_name", "secret");
      rename("blue", hidden, "shared");
      expect(red, "update", "display_name", "shared");
      share("blue", hidden, "[]");
      expect(red, "delete", "uuid", hidden);
      rename("blue", hidden, "secret again");
      ok("blue", "DELETE", "/security-group/" + hidden, null);
      ok("admin", "POST", "/chown", "{'uuid':'%s','owner':'%s'}".formatted(own, BLUE));
      expect(red, "delete", "uuid", own);
    }
  }

  @Test
  void endsWhenTheTokenDoes() throws IOException {
    try (EventClient red = watch("red");
        EventClient blue = watch("blue")) {
      there(red);
      there(blue);
      tokens.remove("red");
      assertThat(stopped(red)).isEqualTo("Authentication required");
      String made = group("blue", "blue", "b");
      expect(blue, "create", "uuid", made);
    }
  }

  @Test
  void endsWhenTheBearerHasOtherRoles() throws IOException {
    try (EventClient auditor = watch("auditor")) {
      there(auditor);
      tokens.put("auditor", Tokens.of("ann", "blue", BLUE.replace("-", ""), "member"));
      assertThat(stopped(auditor)).isEqualTo("What you may do has changed");
    }
  }

  @Test
  void endsWhenTheRulesNoLongerGrantIt() throws IOException {
    try (EventClient red = watch("red")) {
      there(red);
      ok("admin", "DELETE", "/api-access-list/" + rules, null);
      assertThat(stopped(red))
          .isEqualTo("Permission Denied for ruth as ['member'] to R security-group in red");
    }
  }

  @Test
  void endsWhenTheModeBecomesStricter() throws IOException {
    ok("admin", "PUT", "/aaa-mode", "{'aaa-mode':'no-auth'}");
    try (EventClient anybody = new EventClient(api.base + "/watch?resource_type=security-group")) {
      there(anybody);
      ok("admin", "PUT", "/aaa-mode", "{'aaa-mode':'rbac'}");
      assertThat(stopped(anybody)).isEqualTo("Authentication required");
    }
    try (EventClient red = watch("red")) {
      there(red);
      ok("admin", "PUT", "/aaa-mode", "{'aaa-mode':'cloud-admin'}");
      assertThat(stopped(red)).isEqualTo("403 Permission Denied");
    }
  }
}
