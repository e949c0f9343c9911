package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import weft.http.HttpCalls;

/** Each refusal has its status and its text, which existing clients match on. */
class ApiErrorTest {
  private static final String UNKNOWN = "11111111-1111-4111-8111-111111111111";
  private static TestApi api;

  @BeforeAll
  static void start() throws IOException {
    api = TestApi.inMemory();
  }

  @AfterAll
  static void stop() {
    api.close();
  }

  private static void refused(HttpCalls.Reply reply, int status, String text) {
    assertThat(reply.status() + " " + reply.text()).isEqualTo(status + " " + text);
    assertThat(reply.header("content-type")).isEqualTo("text/html; charset=UTF-8");
  }

  @Test
  void namesThatCannotBe() throws IOException {
    String vns = "/virtual-networks";
    refused(
        api.post(vns, "{'virtual-network':{'parent_type':'project'}}"),
        400,
        "Bad Request, no fq_name in POST body");
    refused(
        api.post(vns, "{'virtual-network':{'fq_name':[],'parent_type':'project'}}"),
        400,
        "Bad Request, no fq_name in POST body");
    refused(
        api.post(vns, "{'virtual-network':{'fq_name':[1],'parent_type':'project'}}"),
        400,
        "Bad Request, fq_name is not a list of strings");
    refused(
        api.post(vns, "{'virtual-network':{'fq_name':['w1'],'parent_type':'project'}}"),
        400,
        "Invalid fq-name for object with parent_type project: ['w1']");
    refused(
        api.post(vns, "{'virtual-network':{'fq_name':['default-domain','default-project','a:b']}}"),
        400,
        "Bad Request, name has one of invalid chars {':'}");
    refused(
        api.post(vns, "{'virtual-network':{'fq_name':['a','b','c'],'parent_type':'domain'}}"),
        400,
        "Invalid parent type: domain. Allowed types: ['project']");
    refused(
        api.post(vns, "{'virtual-network':{'fq_name':['default-domain','nosuch','w1']}}"),
        404,
        "Name['default-domain', 'nosuch'] not found");
    refused(
        api.post(
            vns,
            "{'virtual-network':{'fq_name':['default-domain','default-project','w1'],'uuid':'zz'}}"),
        400,
        "Bad Request, invalid resource UUID");
  }

  @Test
  void parentsThatMustBeNamed() throws IOException {
    HttpCalls.Reply reply =
        api.post(
            "/address-groups", "{'address-group':{'fq_name':['default-policy-management','g']}}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.text()).startsWith("Missing parent type: ");
  }

  @Test
  void namesAndUuidsThatAreTaken() throws IOException {
    String body =
        "{'fq_name':['default-domain','default-project','twice'],'parent_type':'project'}";
    String uuid = api.create("network-policy", body);
    refused(
        api.post("/network-policys", "{'network-policy':" + body + "}"),
        409,
        "['default-domain', 'default-project', 'twice'] already exists with uuid: " + uuid);
    refused(
        api.post(
            "/network-policys",
            "{'network-policy':{'fq_name':['default-domain','default-project','other'],'uuid':'"
                + uuid
                + "'}}"),
        409,
        uuid + " already exists with fq_name: ['default-domain', 'default-project', 'twice']");
  }

  @Test
  void bodiesThatAreNone() throws IOException {
    HttpCalls.Reply bad = api.post("/virtual-networks", "{bad json");
    assertThat(bad.status()).isEqualTo(400);
    assertThat(bad.text()).startsWith("Bad Request, invalid JSON in body at line 1");
    refused(
        api.post("/virtual-networks", "{}"), 400, "Bad Request, no virtual-network in POST body");
    refused(
        api.post("/virtual-networks", "[]"), 400, "Bad Request, no virtual-network in POST body");
    refused(api.post("/virtual-networks", ""), 400, "Bad Request, no JSON in body");
    refused(
        api.post("/virtual-networks", "{'project':{}}"),
        400,
        "Bad Request, no virtual-network in POST body");
    assertThat(api.post("/virtual-networks", "'" + "x".repeat(1_100_000) + "'").status())
        .isEqualTo(413);
  }

  @Test
  void valuesThatTheSchemaForbids() throws IOException {
    String start = "{'virtual-network':{'fq_name':['default-domain','default-project','bad'],";
    refused(
        api.post("/virtual-networks", start + "'mtu':'abc'}}"),
        400,
        "Bad property in create: Error validating property mtu: integer value expected instead of abc");
    refused(
        api.post("/virtual-networks", start + "'is_shared':'yes'}}"),
        400,
        "Bad property in create: Error validating property is_shared: true/false expected instead of yes");
    refused(
        api.post("/virtual-networks", start + "'virtual_network_properties':{'nosuch':1}}}"),
        400,
        "Bad property in create: Error validating property virtual_network_properties value"
            + " {'nosuch': 1} class <class 'vnc_api.gen.resource_xsd.VirtualNetworkType'> does not"
            + " have field nosuch");
    refused(
        api.post(
            "/virtual-networks", start + "'virtual_network_properties':{'forwarding_mode':'l9'}}}"),
        400,
        "Bad property in create: Error validating property virtual_network_properties value"
            + " {'forwarding_mode': 'l9'} forwarding_mode: value must be one of ['l2_l3', 'l2', 'l3']");
    refused(
        api.post(
            "/loadbalancer-healthmonitors",
            "{'loadbalancer-healthmonitor':{'fq_name':['default-domain','default-project','h']}}"),
        400,
        "loadbalancer_healthmonitor_properties property is missing");
  }

  @Test
  void referencesThatLeadNowhere() throws IOException {
    String start = "{'virtual-network':{'fq_name':['default-domain','default-project','bad'],";
    refused(
        api.post("/virtual-networks", start + "'network_policy_refs':[{'to':['a','b','c']}]}}"),
        404,
        "Name ['a', 'b', 'c'] not found in network_policy_refs");
    refused(
        api.post(
            "/virtual-networks", start + "'network_policy_refs':[{'uuid':'" + UNKNOWN + "'}]}}"),
        404,
        "No network-policy object found for id " + UNKNOWN + " in network_policy_refs");
    HttpCalls.Reply unknown =
        api.post("/virtual-networks", start + "'instance_ip_refs':[{'to':['a']}]}}");
    assertThat(unknown.status()).isEqualTo(400);
    assertThat(unknown.text()).startsWith("Unknown reference in resource create");
    HttpCalls.Reply neither =
        api.post("/virtual-networks", start + "'network_policy_refs':[{'attr':null}]}}");
    assertThat(neither.status()).isEqualTo(400);
    assertThat(neither.text()).contains("network_policy_refs");
    assertThat(
            api.post(
                    "/fqname-to-id",
                    "{'type':'virtual-network','fq_name':['default-domain','default-project','bad']}")
                .status())
        .isEqualTo(404);
  }

  @Test
  void objectsThatAreNotThere() throws IOException {
    refused(api.get("/virtual-network/" + UNKNOWN), 404, "Unknown id: " + UNKNOWN);
    refused(api.get("/virtual-network/zz"), 404, "Unknown id: zz");
    refused(
        api.put("/virtual-network/" + UNKNOWN, "{'virtual-network':{'mtu':1500}}"),
        404,
        "Unknown id: " + UNKNOWN);
    refused(api.delete("/virtual-network/" + UNKNOWN), 404, "ID " + UNKNOWN + " does not exist");
    String policy =
        api.create("network-policy", "{'fq_name':['default-domain','default-project','p']}");
    refused(
        api.get("/virtual-network/" + policy),
        404,
        "No virtual-network object found for id " + policy);
    refused(api.get("/no-such-type"), 404, "Not found: '/no-such-type'");
    refused(
        api.post("/fqname-to-id", "{'type':'nosuch','fq_name':['a']}"),
        404,
        "Resource type 'nosuch' not found");
    refused(
        api.post("/fqname-to-id", "{'type':'domain','fq_name':['a']}"),
        404,
        "Name ['a'] not found");
    refused(
        api.post("/id-to-fqname", "{'uuid':'" + UNKNOWN + "'}"),
        404,
        "UUID " + UNKNOWN + " not found");
    refused(
        api.post("/useragent-kv", "{'operation':'RETRIEVE','key':'k'}"),
        404,
        "Unknown User-Agent key k");
  }

  @Test
  void deletionsThatMustNotBe() throws IOException {
    String domain = api.create("domain", "{'fq_name':['d1']}");
    String project = api.create("project", "{'fq_name':['d1','p1']}");
    refused(
        api.delete("/domain/" + domain),
        409,
        "Delete when children still present: ['" + api.base + "/project/" + project + "']");
    String policy = api.create("network-policy", "{'fq_name':['d1','p1','np']}");
    String network =
        api.create(
            "virtual-network",
            "{'fq_name':['d1','p1','vn'],'network_policy_refs':[{'uuid':'"
                + policy
                + "','attr':{'sequence':{'major':0,'minor':0}}}]}");
    refused(
        api.delete("/network-policy/" + policy),
        409,
        "Delete when resource still referred: ['"
            + api.base
            + "/virtual-network/"
            + network
            + "']");
    assertThat(api.delete("/virtual-network/" + network).ok()).isTrue();
    assertThat(api.delete("/network-policy/" + policy).ok()).isTrue();
    assertThat(api.delete("/project/" + project).ok()).isTrue();
    assertThat(api.delete("/domain/" + domain).ok()).isTrue();
  }

  @Test
  void listsThatCannotBe() throws IOException {
    refused(api.get("/virtual-networks?filters=bad"), 400, "Invalid filter bad");
    refused(api.get("/virtual-networks?filters=mtu==%7B"), 400, "Invalid filter mtu=={");
    refused(
        api.get("/virtual-networks?page_limit=0"),
        400,
        "Invalid page_limit 0: page_limit has to be greater than zero");
    assertThat(api.get("/virtual-networks?page_limit=x").status()).isEqualTo(400);
    assertThat(api.get("/virtual-networks?page_marker=zz").text())
        .startsWith("Invalid page_marker zz");
    assertThat(api.get("/virtual-networks?obj_uuids=zz").status()).isEqualTo(400);
  }

  @Test
  void networkIdsThatAreNotTheUsers() throws IOException {
    refused(
        api.post(
            "/virtual-networks",
            "{'virtual-network':{'fq_name':['default-domain','default-project','x'],'virtual_network_network_id':9}}"),
        403,
        "Cannot set the virtual network ID");
    String network =
        api.create("virtual-network", "{'fq_name':['default-domain','default-project','ids']}");
    refused(
        api.put(
            "/virtual-network/" + network, "{'virtual-network':{'virtual_network_network_id':99}}"),
        403,
        "Cannot update the virtual network ID");
  }

  @Test
  void subnetsThatOverlapOrAreNone() throws IOException {
    String start =
        "{'virtual-network':{'fq_name':['default-domain','default-project','s'],'network_ipam_refs':[{'to':['default-domain','default-project','default-network-ipam'],'attr':{'ipam_subnets':[";
    refused(
        api.post(
            "/virtual-networks",
            start
                + "{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24}},{'subnet':{'ip_prefix':'10.0.0.128','ip_prefix_len':25}}]}}]}}"),
        400,
        "Overlapping addresses: ['10.0.0.0/24', '10.0.0.128/25']");
    refused(
        api.post(
            "/virtual-networks",
            start + "{'subnet':{'ip_prefix':'10.0.0','ip_prefix_len':24}}]}}]}}"),
        400,
        "Invalid subnet in network_ipam_refs: 10.0.0/24");
    refused(
        api.post(
            "/virtual-networks",
            start + "{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':33}}]}}]}}"),
        400,
        "Invalid subnet in network_ipam_refs: 10.0.0.0/33");
    refused(
        api.post(
            "/virtual-networks",
            start
                + "{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24},'default_gateway':'10.0.1.1'}]}}]}}"),
        400,
        "gateway ip 10.0.1.1 not in cidr 10.0.0.0/24 in network_ipam_refs");
    refused(
        api.post(
            "/virtual-networks",
            start
                + "{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24},'allocation_pools':[{'start':'10.0.0.9','end':'10.0.0.3'}]}]}}]}}"),
        400,
        "allocation pool 10.0.0.9-10.0.0.3 is not in cidr 10.0.0.0/24");
  }

  @Test
  void fabricManagerHelpers() throws IOException {
    refused(
        api.post("/execute-job", "{}"),
        501,
        "execute-job is not available: the fabric manager's jobs are not part of this system");
    refused(api.get("/watch"), 400, "Bad Request, no resource_type in watch");
    refused(api.get("/watch?resource_type=x"), 404, "Resource type 'x' not found");
    assertThat(api.put("/aaa-mode", "{'aaa-mode':'rbac'}").status()).isEqualTo(400);
    assertThat(api.put("/aaa-mode", "{'aaa-mode':'no-auth'}").status()).isEqualTo(200);
  }

  @Test
  void referenceUpdatesThatMakeNoSense() throws IOException {
    String network =
        api.create("virtual-network", "{'fq_name':['default-domain','default-project','r']}");
    refused(
        api.post("/ref-update", "{'type':'virtual-network','uuid':'" + network + "'}"),
        400,
        "Bad Request: ref-type is null in ref-update");
    refused(
        api.post(
            "/ref-update",
            "{'type':'virtual-network','uuid':'"
                + network
                + "','ref-type':'domain','operation':'ADD','ref-fq-name':['default-domain']}"),
        400,
        "Bad Request: virtual-network has no reference to domain");
    refused(
        api.post(
            "/ref-update",
            "{'type':'virtual-network','uuid':'"
                + network
                + "','ref-type':'network-policy','operation':'PUT','ref-fq-name':['x']}"),
        400,
        "Bad Request: operation should be add or delete: PUT");
    refused(
        api.get("/prop-collection-get?uuid=" + network + "&fields=display_name"),
        400,
        "display_name neither \"ListProperty\" nor \"MapProperty\"");
  }
}
