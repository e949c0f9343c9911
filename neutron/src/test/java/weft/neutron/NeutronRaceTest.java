package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** Calls at the same time get the answers that calls one after the other would. */
class NeutronRaceTest {
  private static final UUID ONE = new UUID(0x1111, 1);
  private static final int CALLERS = 8;

  private final ExecutorService threads = Executors.newFixedThreadPool(CALLERS);
  private TestNeutron neutron;
  private TestNeutron.Asking one;
  private String network;
  private String subnet;

  @BeforeEach
  void start() throws IOException {
    neutron = new TestNeutron();
    one = neutron.user(ONE);
    network = one.make("network", "{'name':'n'}");
    subnet = one.make("subnet", "{'network_id':'" + network + "','cidr':'10.0.0.0/24'}");
  }

  @AfterEach
  void stop() {
    threads.shutdownNow();
    neutron.close();
  }

  /** The answers to as many calls, all begun at once. */
  private List<HttpCalls.Reply> together(List<Callable<HttpCalls.Reply>> calls) throws Exception {
    CyclicBarrier begin = new CyclicBarrier(calls.size());
    List<Future<HttpCalls.Reply>> futures = new ArrayList<>();
    for (Callable<HttpCalls.Reply> call : calls) {
      futures.add(
          threads.submit(() -> {
            begin.await();
            return call.call();
          }));
    }
    List<HttpCalls.Reply> replies = new ArrayList<>();
    for (Future<HttpCalls.Reply> future : futures) {
      replies.add(future.get());
    }
    return replies;
  }

  private List<HttpCalls.Reply> sameTime(String resource, String operation, String data)
      throws Exception {
    List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      calls.add(() -> one.call(resource, operation, data));
    }
    return together(calls);
  }

  /** One call was done, each of the others refused by that name. */
  private static void oneOf(List<HttpCalls.Reply> replies, String exception) {
    assertThat(replies.stream().filter(HttpCalls.Reply::ok)).as(replies.toString()).hasSize(1);
    Set<String> refusals = new TreeSet<>();
    for (HttpCalls.Reply reply : replies) {
      if (!reply.ok()) {
        refusals.add(reply.status() + " " + reply.json().path("exception").asString(""));
      }
    }
    assertThat(refusals).containsExactly("400 " + exception);
  }

  @Test
  void oneOfManyPortsHasTheAddress() throws Exception {
    for (int round = 10; round < 20; round++) {
      String port =
          "{'resource':{'network_id':'%s','fixed_ips':[{'ip_address':'10.0.0.%d'}]}}"
              .formatted(network, round);
      oneOf(sameTime("port", "CREATE", port), "IpAddressInUse");
    }
  }

  @Test
  void everyNetworkHasAVlanOfItsOwn() throws Exception {
    TestNeutron.Asking admin = neutron.admin(ONE);
    String vlan = "{'resource':{'provider:network_type':'vlan','provider:physical_network':'p'}}";
    List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      calls.add(() -> admin.call("network", "CREATE", vlan));
    }
    Set<Integer> vlans = new TreeSet<>();
    for (HttpCalls.Reply reply : together(calls)) {
      assertThat(reply.ok()).as(reply.text()).isTrue();
      vlans.add(reply.json().path("provider:segmentation_id").asInt());
    }
    assertThat(vlans).hasSize(CALLERS).allMatch(chosen -> chosen <= CALLERS);
  }

  @Test
  void aQuotaIsHeldOfWhatIsCounted() throws Exception {
    neutron.admin().update("quota", Ids.undashed(ONE), "{'trunk':3}");
    List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      String port = one.make("port", "{'network_id':'" + network + "'}");
      calls.add(() -> one.call("trunk", "CREATE", "{'resource':{'port_id':'" + port + "'}}"));
    }
    List<HttpCalls.Reply> replies = together(calls);
    assertThat(replies.stream().filter(HttpCalls.Reply::ok)).hasSize(3);
    assertThat(replies.stream().filter(reply -> !reply.ok()))
        .allMatch(reply -> reply.json().path("exception").asString("").equals("OverQuota"));
    assertThat(one.list("trunk", "{}")).hasSize(3);
  }

  @Test
  void oneOfManyPortsHasTheMac() throws Exception {
    oneOf(
        sameTime(
            "port",
            "CREATE",
            "{'resource':{'network_id':'" + network + "','mac_address':'fa:16:3e:00:00:01'}}"),
        "MacAddressInUse");
  }

  @Test
  void everyPortHasAnAddressOfItsOwn() throws Exception {
    Set<String> addresses = new HashSet<>();
    for (int round = 0; round < 5; round++) {
      for (HttpCalls.Reply reply :
          sameTime(
              "port",
              "CREATE",
              "{'resource':{'name':'same','network_id':'" + network + "','device_id':'vm'}}")) {
        assertThat(reply.ok()).as(reply.toString()).isTrue();
        addresses.add(reply.json().path("fixed_ips").path(0).path("ip_address").asString());
      }
    }
    assertThat(addresses).hasSize(5 * CALLERS);
    List<Callable<HttpCalls.Reply>> deletions = new ArrayList<>();
    for (JsonNode port : one.list("port", "{}")) {
      deletions.add(
          () -> one.call("port", "DELETE", "{'id':'" + port.path("id").asString() + "'}"));
    }
    for (int from = 0; from < deletions.size(); from += CALLERS) {
      for (HttpCalls.Reply reply : together(deletions.subList(from, from + CALLERS))) {
        assertThat(reply.ok()).as(reply.toString()).isTrue();
      }
    }
    assertThat(neutron.db.image().objects("virtual-machine")).isEmpty();
    assertThat(neutron.db.image().objects("instance-ip")).isEmpty();
  }

  @Test
  void aSubnetIsAttachedOnce() throws Exception {
    String router = one.make("router", "{}");
    oneOf(
        sameTime(
            "router",
            "ADDINTERFACE",
            "{'id':'" + router + "','resource':{'subnet_id':'" + subnet + "'}}"),
        "BadRequest");
    assertThat(one.list("port", "{'device_id':['" + router + "']}")).hasSize(1);
  }

  @Test
  void oneOfManyRoutersHasTheGatewaysAddress() throws Exception {
    List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      String router = one.make("router", "{}");
      calls.add(() ->
          one.call(
              "router",
              "ADDINTERFACE",
              "{'id':'" + router + "','resource':{'subnet_id':'" + subnet + "'}}"));
    }
    oneOf(together(calls), "IpAddressInUse");
  }

  @Test
  void aNetworkGoesOrIsUsed() throws Exception {
    for (int round = 0; round < 10; round++) {
      String id = one.make("network", "{}");
      one.make("subnet", "{'network_id':'" + id + "','cidr':'10.1.0.0/24'}");
      List<HttpCalls.Reply> replies =
          together(
              List.of(
                  () -> one.call("network", "DELETE", "{'id':'" + id + "'}"),
                  () -> one.call("port", "CREATE", "{'resource':{'network_id':'" + id + "'}}")));
      String deletion = replies.get(0).text();
      String creation = replies.get(1).text();
      if (replies.get(0).ok()) {
        assertThat(creation).contains("NetworkNotFound");
      } else {
        assertThat(deletion).contains("NetworkInUse");
        assertThat(replies.get(1).ok()).as(creation).isTrue();
      }
    }
  }

  @Test
  void aRuleIsThereOnce() throws Exception {
    String group = one.make("security_group", "{'name':'g'}");
    oneOf(
        sameTime(
            "security_group_rule",
            "CREATE",
            "{'resource':{'security_group_id':'" + group + "','direction':'ingress'}}"),
        "SecurityGroupRuleExists");
  }

  @Test
  void aFixedAddressHasOneFloatingAddress() throws Exception {
    TestNeutron.Asking admin = neutron.admin(new UUID(0xadad, 1));
    String outside = admin.make("network", "{'router:external':true}");
    admin.make("subnet", "{'network_id':'" + outside + "','cidr':'192.0.2.0/24'}");
    String router =
        one.make("router", "{'external_gateway_info':{'network_id':'" + outside + "'}}");
    one.ok(
        "router",
        "ADDINTERFACE",
        "{'id':'" + router + "','resource':{'subnet_id':'" + subnet + "'}}");
    String port = one.make("port", "{'network_id':'" + network + "'}");
    oneOf(
        sameTime(
            "floatingip",
            "CREATE",
            "{'resource':{'floating_network_id':'" + outside + "','port_id':'" + port + "'}}"),
        "FloatingIPPortAlreadyAssociated");
  }

  @Test
  void theFirstCallsOfAProjectMakeItOnce() throws Exception {
    UUID fresh = new UUID(0x9999, 9);
    List<Callable<HttpCalls.Reply>> calls = new ArrayList<>();
    for (int i = 0; i < CALLERS; i++) {
      calls.add(() -> neutron.user(fresh).call("network", "CREATE", "{'resource':{'name':'n'}}"));
    }
    for (HttpCalls.Reply reply : together(calls)) {
      assertThat(reply.ok()).as(reply.toString()).isTrue();
    }
    assertThat(neutron.user(fresh).list("security_group", "{}")).hasSize(1);
    assertThat(neutron.user(fresh).list("network", "{}")).hasSize(CALLERS);
  }
}
