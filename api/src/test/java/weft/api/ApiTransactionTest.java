package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.http.HttpCalls;
import weft.schema.FqName;

/** Several operations as one transaction: in order, all or none. */
class ApiTransactionTest {
  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  private HttpCalls.Reply send(String... operations) throws IOException {
    return api.post("/transaction", "{'operations':[" + String.join(",", operations) + "]}");
  }

  private JsonNode done(String... operations) throws IOException {
    HttpCalls.Reply reply = send(operations);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.json();
  }

  private static void refused(HttpCalls.Reply reply, int status, String text) {
    assertThat(reply.status() + " " + reply.text()).isEqualTo(status + " " + text);
  }

  private static String name(String type, String... parts) {
    return "'%s':{'fq_name':['default-domain','%s']".formatted(type, String.join("','", parts));
  }

  private static String create(String type, String parent, String more, String... parts) {
    return "{'create':{%s,'parent_type':'%s'%s}}}".formatted(name(type, parts), parent, more);
  }

  private static String network(String name) {
    return create(
        "virtual-network",
        "project",
        ",'network_ipam_refs':[{'to':['default-domain','p','i'],'attr':{'ipam_subnets':"
            + "[{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24}}]}}]",
        "p",
        name);
  }

  private static String port(String name) {
    return create(
        "virtual-machine-interface",
        "project",
        ",'virtual_network_refs':[{'to':['default-domain','p','n']}]",
        "p",
        name);
  }

  private static String address(String name) {
    return "{'create':{'instance-ip':{'fq_name':['"
        + name
        + "'],'virtual_network_refs':[{'to':['default-domain','p','n']}],"
        + "'virtual_machine_interface_refs':[{'to':['default-domain','p','a']}]}}}";
  }

  private String[] tenant() {
    return new String[] {
      create("project", "domain", "", "p"),
      create("network-ipam", "project", "", "p", "i"),
      network("n"),
      port("a"),
      address("first"),
      address("second")
    };
  }

  private ConfigImage image() {
    return api.db.image();
  }

  private int size() {
    return image().size();
  }

  @Test
  void laterOperationsSeeEarlierOnes() throws IOException {
    long revision = image().revision();
    JsonNode answer = done(tenant());
    assertThat(answer.path("results").valueStream().map(each -> each.path("type").asString()))
        .containsExactly(
            "project",
            "network-ipam",
            "virtual-network",
            "virtual-machine-interface",
            "instance-ip",
            "instance-ip");
    assertThat(answer.path("changes").valueStream().map(each -> each.path("type").asString()))
        .contains("routing-instance");
    List<String> addresses =
        image().objects("instance-ip").stream()
            .map(object -> object.body().path("instance_ip_address").asString())
            .toList();
    assertThat(addresses).containsExactlyInAnyOrder("10.0.0.252", "10.0.0.251");
    assertThat(image().objects("project").stream().allMatch(each -> each.revision() > 0)).isTrue();
    long written = image().object("project", FqName.of("default-domain", "p")).revision();
    assertThat(image().objects("instance-ip")).allMatch(each -> each.revision() == written);
    assertThat(written).isGreaterThan(revision);
  }

  @Test
  void changesOfOneObjectAddUp() throws IOException {
    done(tenant());
    String uuid = UUID.randomUUID().toString();
    done(
        create("network-policy", "project", "", "p", "web"),
        "{'update':{" + name("virtual-network", "p", "n") + ",'is_shared':true}}}",
        "{'ref-update':{'type':'virtual-network','fq_name':['default-domain','p','n'],'ref-type':"
            + "'network-policy','ref-fq-name':['default-domain','p','web'],'operation':'ADD',"
            + "'attr':{'sequence':{'major':1,'minor':0}}}}",
        "{'update':{" + name("virtual-network", "p", "n") + ",'display_name':'shown'}}}",
        "{'create':{'tag-type':{'fq_name':['colour']}}}",
        "{'create':{'tag':{'fq_name':['colour=red'],'tag_type_name':'colour','tag_value':'red'}}}",
        "{'set-tag':{'obj_type':'virtual-network','obj_fq_name':['default-domain','p','n'],"
            + "'colour':{'is_global':true,'value':'red'}}}",
        "{'prop-collection-update':{'type':'virtual-machine-interface','fq_name':["
            + "'default-domain','p','a'],'updates':[{'field':'virtual_machine_interface_bindings',"
            + "'operation':'set','value':{'key':'vnic_type','value':'normal'}}]}}",
        "{'create':{'project':{'uuid':'"
            + uuid
            + "','fq_name':['default-domain','gone'],'parent_type':'domain'}}}",
        "{'delete':{'project':{'uuid':'" + uuid + "'}}}");
    var network = image().object("virtual-network", FqName.of("default-domain", "p", "n"));
    assertThat(network.body().path("is_shared").asBoolean()).isTrue();
    assertThat(network.body().path("display_name").asString()).isEqualTo("shown");
    assertThat(network.refs("network-policy")).hasSize(1);
    assertThat(network.refs("tag")).hasSize(1);
    assertThat(image().object(UUID.fromString(uuid))).isNull();
  }

  @Test
  void nothingHappensIfOneIsRefused() throws IOException {
    int before = size();
    HttpCalls.Reply reply =
        send(
            create("project", "domain", "", "p"),
            create("network-ipam", "project", "", "p", "i"),
            network("n"),
            create("virtual-network", "project", ",'mtu':'many'", "p", "m"));
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.text())
        .startsWith("Operation 3, create virtual-network default-domain:p:m: ")
        .contains("mtu");
    assertThat(size()).isEqualTo(before);
    refused(
        send(create("project", "domain", "", "p"), "{'delete':{" + name("project", "q") + "}}}"),
        404,
        "Operation 1, delete project default-domain:q: Name ['default-domain', 'q'] not found");
    assertThat(size()).isEqualTo(before);
    done(tenant());
  }

  @Test
  void whatTheCommitRefusesIsToldOfItsOperation() throws IOException {
    done(tenant());
    String deleteIpam = "{'delete':{" + name("network-ipam", "p", "i") + "}}}";
    HttpCalls.Reply held = send(create("project", "domain", "", "q"), deleteIpam);
    assertThat(held.status()).isEqualTo(409);
    assertThat(held.text())
        .startsWith(
            "Operation 1, delete network-ipam default-domain:p:i: Delete when resource still referred");
    HttpCalls.Reply own =
        send(
            create("network-policy", "project", "", "p", "web"),
            create(
                "virtual-network",
                "project",
                ",'network_policy_refs':[{'to':['default-domain','p','web'],'attr':{}}]",
                "p",
                "x"),
            "{'delete':{" + name("network-policy", "p", "web") + "}}}");
    assertThat(own.status()).as(own.text()).isEqualTo(409);
    done(
        "{'delete':{'instance-ip':{'fq_name':['first']}}}",
        "{'delete':{'instance-ip':{'fq_name':['second']}}}",
        "{'delete':{" + name("virtual-machine-interface", "p", "a") + "}}}",
        "{'delete':{" + name("virtual-network", "p", "n") + "}}}",
        deleteIpam,
        create("network-ipam", "project", "", "p", "i"),
        network("n"));
    assertThat(image().objects("instance-ip")).isEmpty();
    var network = image().object("virtual-network", FqName.of("default-domain", "p", "n"));
    assertThat(image().children(network.uuid(), "routing-instance")).hasSize(1);
  }

  @Test
  void aRehearsalChangesNothing() throws IOException {
    int before = size();
    String body = "{'dry_run':true,'operations':[" + String.join(",", tenant()) + "]}";
    HttpCalls.Reply reply = api.post("/transaction", body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    assertThat(size()).isEqualTo(before);
    JsonNode address = reply.json().path("changes").valueStream().toList().getLast();
    assertThat(address.path("after").path("instance_ip_address").asString())
        .isEqualTo("10.0.0.251");
    done(tenant());
    refused(
        api.post("/transaction", body),
        409,
        "Operation 0, create project default-domain:p: ['default-domain', 'p'] already exists with"
            + " uuid: "
            + image().object("project", FqName.of("default-domain", "p")).uuid());
    HttpCalls.Reply held =
        api.post(
            "/transaction",
            "{'dry_run':true,'operations':[{'delete':{" + name("project", "p") + "}}}]}");
    assertThat(held.status()).isEqualTo(409);
  }

  @Test
  void whatIsNotAsExpectedIsRefused() throws IOException {
    done(tenant());
    String network = "'type':'virtual-network','fq_name':['default-domain','p','n']";
    var object = image().object("virtual-network", FqName.of("default-domain", "p", "n"));
    String seen = object.body().path("id_perms").path("last_modified").asString();
    String rename = "{'update':{" + name("virtual-network", "p", "n") + ",'display_name':'%s'}}}";
    String asSeen =
        "{'expect':[{"
            + network
            + ",'last_modified':'"
            + seen
            + "'}],'operations':["
            + rename
            + "]}";
    assertThat(api.post("/transaction", asSeen.formatted("a")).status()).isEqualTo(200);
    HttpCalls.Reply late = api.post("/transaction", asSeen.formatted("b"));
    assertThat(late.status()).isEqualTo(412);
    assertThat(late.text())
        .startsWith("virtual-network ['default-domain', 'p', 'n'] is as of ")
        .endsWith(", expected as of " + seen);
    refused(
        api.post(
            "/transaction",
            "{'expect':[{'type':'project','fq_name':['default-domain','q'],'last_modified':'x'}],"
                + "'operations':[]}"),
        412,
        "project ['default-domain', 'q'] does not exist, expected as of x");
    String absent =
        "{'expect':[{'type':'project','fq_name':['default-domain','q'],'last_modified':null}],"
            + "'operations':["
            + create("project", "domain", "", "q")
            + "]}";
    assertThat(api.post("/transaction", absent).status()).isEqualTo(200);
    assertThat(api.post("/transaction", absent).status()).isEqualTo(412);
  }

  @Test
  void theFormIsChecked() throws IOException {
    refused(
        api.post("/transaction", "{}"), 400, "Bad Request, no list of operations in transaction");
    refused(
        api.post("/transaction", "{'operations':[],'dry':1}"),
        400,
        "Bad Request, unknown field in transaction: dry");
    refused(
        send("{'make':{}}"),
        400,
        "Operation 0: expected an object with one of create, delete, prop-collection-update,"
            + " ref-relax-for-delete, ref-update, set-tag, update");
    refused(
        send("{'create':{'cloud':{}}}"),
        404,
        "Operation 0, create cloud: Resource type 'cloud' not found");
    String many = "{'delete':{'project':{}}},".repeat(TransactionEndpoint.MAX_OPERATIONS);
    refused(
        send(many + "{'delete':{'project':{}}}"),
        400,
        "Bad Request, 10001 operations in a transaction, 10000 are allowed");
  }
}
