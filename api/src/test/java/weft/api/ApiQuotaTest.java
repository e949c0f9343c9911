package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import weft.http.HttpCalls;

/** What a project may have of each resource, and that no rush gets it more. */
class ApiQuotaTest {
  private TestApi api;
  private String project;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
    project = api.create("project", "{'fq_name':['default-domain','p'],'parent_type':'domain'}");
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private void quota(String quota) throws IOException {
    HttpCalls.Reply reply = api.put("/project/" + project, "{'project':{'quota':{" + quota + "}}}");
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
  }

  private static HttpCalls.Reply ask(TestApi server, String type, String name, String more)
      throws IOException {
    return server.post(
        "/" + type + "s",
        "{'"
            + type
            + "':{'fq_name':['default-domain','p','"
            + name
            + "'],'parent_type':'project'"
            + more
            + "}}");
  }

  private HttpCalls.Reply ask(String type, String name) throws IOException {
    return ask(api, type, name, "");
  }

  private static String uuid(HttpCalls.Reply reply, String type) {
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.json().path(type).path("uuid").asString();
  }

  private static void refused(HttpCalls.Reply reply, String text) {
    assertThat(reply.status() + " " + reply.text()).isEqualTo("412 " + text);
  }

  @Test
  void whatWasThereCountsAndDeletionMakesRoom() throws IOException {
    String first = uuid(ask("virtual-network", "a"), "virtual-network");
    uuid(ask("virtual-network", "b"), "virtual-network");
    quota("'virtual_network':2");
    refused(ask("virtual-network", "c"), "quota limit (2) exceeded for resource virtual_network");
    assertThat(api.delete("/virtual-network/" + first).ok()).isTrue();
    uuid(ask("virtual-network", "c"), "virtual-network");
    refused(ask("virtual-network", "d"), "quota limit (2) exceeded for resource virtual_network");
    quota("'virtual_network':0");
    refused(ask("virtual-network", "d"), "quota limit (0) exceeded for resource virtual_network");
    quota("'virtual_network':-1");
    uuid(ask("virtual-network", "d"), "virtual-network");
    api.create("virtual-network", "{'fq_name':['default-domain','default-project','other']}");
  }

  @Test
  void defaultsHoldForWhatIsNotNamed() throws IOException {
    quota("'defaults':1,'network_policy':-1");
    uuid(ask("security-group", "a"), "security-group");
    refused(ask("security-group", "b"), "quota limit (1) exceeded for resource security_group");
    uuid(ask("network-policy", "a"), "network-policy");
    uuid(ask("network-policy", "b"), "network-policy");
    uuid(ask("service-health-check", "no resource of a quota"), "service-health-check");
    uuid(ask("service-health-check", "another"), "service-health-check");
  }

  @Test
  void aLowerLimitTakesNothingAwayAndLetsNothingIn() throws IOException {
    List<String> groups = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      groups.add(uuid(ask("security-group", "g" + i), "security-group"));
    }
    assertThat(api.delete("/security-group/" + groups.getFirst()).ok()).isTrue();
    quota("'security_group':3");
    String over = "quota limit (3) exceeded for resource security_group";
    refused(ask("security-group", "new"), over);
    assertThat(api.delete("/security-group/" + groups.get(1)).ok()).isTrue();
    refused(ask("security-group", "new"), over);
    assertThat(api.delete("/security-group/" + groups.get(2)).ok()).isTrue();
    uuid(ask("security-group", "new"), "security-group");
    refused(ask("security-group", "newer"), over);
  }

  @Test
  void rulesAndSubnetsCountByTheirNumber() throws IOException {
    quota("'security_group_rule':2,'subnet':1");
    String rule =
        "{'direction':'>','protocol':'tcp','src_addresses':[{'security_group':'local'}],"
            + "'src_ports':[{'start_port':0,'end_port':65535}],'dst_addresses':[{'subnet':"
            + "{'ip_prefix':'10.0.0.0','ip_prefix_len':8}}],'dst_ports':[{'start_port':%d,"
            + "'end_port':%d}],'ethertype':'IPv4'}";
    String group = uuid(ask("security-group", "g"), "security-group");
    String put = "{'security-group':{'security_group_entries':{'policy_rule':[%s]}}}";
    String one = rule.formatted(1, 1);
    String two = one + "," + rule.formatted(2, 2);
    String three = two + "," + rule.formatted(3, 3);
    String path = "/security-group/" + group;
    refused(
        api.put(path, put.formatted(three)),
        "quota limit (2) exceeded for resource security_group_rule");
    assertThat(api.put(path, put.formatted(two)).ok()).isTrue();
    refused(
        ask(api, "security-group", "h", ",'security_group_entries':{'policy_rule':[" + one + "]}"),
        "quota limit (2) exceeded for resource security_group_rule");
    assertThat(api.put(path, put.formatted(one)).ok()).isTrue();
    uuid(
        ask(api, "security-group", "h", ",'security_group_entries':{'policy_rule':[" + one + "]}"),
        "security-group");

    String subnets =
        ",'network_ipam_refs':[{'to':['default-domain','default-project','default-network-ipam'],"
            + "'attr':{'ipam_subnets':[{'subnet':{'ip_prefix':'10.1.%d.0','ip_prefix_len':24}}]}}]";
    uuid(ask(api, "virtual-network", "a", subnets.formatted(1)), "virtual-network");
    refused(
        ask(api, "virtual-network", "b", subnets.formatted(2)),
        "quota limit (1) exceeded for resource subnet");
  }

  @Test
  void aFloatingIpCountsForTheProjectThatItIsFor() throws IOException {
    quota("'floating_ip':1");
    api.network("public", "{'subnet':{'ip_prefix':'192.0.2.0','ip_prefix_len':24}}");
    api.create(
        "floating-ip-pool", "{'fq_name':['default-domain','default-project','public','pool']}");
    String body =
        "{'floating-ip':{'fq_name':['default-domain','default-project','public','pool','%s'],"
            + "'parent_type':'floating-ip-pool'%s}}";
    String mine = ",'project_refs':[{'uuid':'" + project + "'}]";
    uuid(api.post("/floating-ips", body.formatted("a", mine)), "floating-ip");
    String over = "quota limit (1) exceeded for resource floating_ip";
    refused(api.post("/floating-ips", body.formatted("b", mine)), over);
    String unowned = uuid(api.post("/floating-ips", body.formatted("b", "")), "floating-ip");
    refused(
        api.put(
            "/floating-ip/" + unowned,
            "{'floating-ip':{'project_refs':[{'uuid':'" + project + "'}]}}"),
        over);
  }

  @Test
  void aRushOnTwoServersNeverExceedsIt() throws Exception {
    quota("'security_group':10");
    try (TestApi other = api.second()) {
      List<Callable<HttpCalls.Reply>> asks = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        TestApi server = i % 2 == 0 ? api : other;
        String name = "g" + i;
        asks.add(() -> ask(server, "security-group", name, ""));
      }
      List<Integer> statuses = new ArrayList<>();
      try (ExecutorService threads = Executors.newFixedThreadPool(16)) {
        for (Future<HttpCalls.Reply> reply : threads.invokeAll(asks)) {
          statuses.add(reply.get().status());
        }
      }
      assertThat(statuses).containsOnly(200, 412);
      assertThat(statuses.stream().filter(status -> status == 200)).hasSize(10);
    }
  }

  @Test
  void aLimitThatFallsDuringARushHolds() throws Exception {
    List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
    for (int i = 0; i < 24; i++) {
      String name = "g" + i;
      calls.add(() -> ask("security-group", name));
    }
    calls.add(
        8, () -> api.put("/project/" + project, "{'project':{'quota':{'security_group':3}}}"));
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<HttpCalls.Reply> reply : threads.invokeAll(calls)) {
        assertThat(reply.get().status()).isIn(200, 412);
      }
    }
    int there =
        api.get("/security-groups?parent_id=" + project + "&count=true")
            .json()
            .path("security-groups")
            .path("count")
            .asInt();
    while (there-- > 3) {
      refused(
          ask("security-group", "late"), "quota limit (3) exceeded for resource security_group");
      String some =
          api.get("/security-groups?parent_id=" + project)
              .json()
              .at("/security-groups/0/uuid")
              .asString();
      assertThat(api.delete("/security-group/" + some).ok()).isTrue();
    }
  }
}
