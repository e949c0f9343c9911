package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import weft.config.ConfigImage;
import weft.http.HttpCalls;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.Schema;

/**
 * Random calls: what is made reads back as it was answered, lists equal reads, no answer is a
 * failure of the server, and once all is deleted nothing is left behind.
 */
class NeutronPropertyTest {
  private static final UUID ONE = new UUID(0x1111, 1);
  private static final List<String> KINDS =
      List.of(
          "network",
          "subnet",
          "port",
          "router",
          "floatingip",
          "security_group",
          "security_group_rule",
          "trunk");

  /** What goes by its own deletion alone. */
  private static final Set<String> WHOLE =
      Set.of("network", "router", "floatingip", "security_group", "trunk");

  /** In the order in which things can be deleted. */
  private static final List<String> BACKWARDS =
      List.of("trunk", "floatingip", "router", "port", "subnet", "network", "security_group");

  private Random random;
  private TestNeutron.Asking one;
  private final Map<String, List<String>> ids = new HashMap<>();

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4})
  void whatIsMadeReadsBackAndGoesAgain(long seed) throws IOException {
    random = new Random(seed);
    KINDS.forEach(kind -> ids.put(kind, new ArrayList<>()));
    try (TestNeutron neutron = new TestNeutron()) {
      one = neutron.user(ONE);
      one.list("security_group", "{}"); // makes the project and its default group
      Map<String, String> before = contents(neutron.db.image());
      for (int step = 0; step < 250; step++) {
        step();
      }
      listsEqualReads();
      deleteAll();
      assertThat(contents(neutron.db.image())).as("seed " + seed).isEqualTo(before);
    }
  }

  private String any(String kind) {
    List<String> all = ids.get(kind);
    return all.isEmpty() || random.nextInt(20) == 0
        ? new UUID(random.nextLong(), 1).toString()
        : all.get(random.nextInt(all.size()));
  }

  private void step() throws IOException {
    String kind = KINDS.get(random.nextInt(KINDS.size()));
    switch (random.nextInt(10)) {
      case 0 -> {
        String id = any(kind);
        HttpCalls.Reply reply = answered(kind, "DELETE", "{'id':'" + id + "'}");
        if (reply.ok()) {
          ids.get(kind).remove(id);
        }
      }
      case 1, 2 ->
          answered(kind, "UPDATE", "{'id':'" + any(kind) + "','resource':" + change(kind) + "}");
      case 3 -> {
        String operation = random.nextBoolean() ? "ADDINTERFACE" : "DELINTERFACE";
        String what = random.nextInt(3) == 0 ? "port" : "subnet";
        answered(
            "router",
            operation,
            "{'id':'" + any("router") + "','resource':{'" + what + "_id':'" + any(what) + "'}}");
      }
      case 4 ->
          answered(
              "trunk",
              random.nextBoolean() ? "ADD_SUBPORTS" : "REMOVE_SUBPORTS",
              "{'id':'%s','resource':{'sub_ports':[{'port_id':'%s','segmentation_id':%d}]}}"
                  .formatted(any("trunk"), any("port"), 1 + random.nextInt(3)));
      default -> create(kind);
    }
  }

  private void create(String kind) throws IOException {
    HttpCalls.Reply reply = answered(kind, "CREATE", "{'resource':" + fresh(kind) + "}");
    if (reply.ok()) {
      String id = reply.json().path("id").asString();
      ids.get(kind).add(id);
      JsonNode read = one.read(kind, id);
      assertThat(read).as(kind).isEqualTo(reply.json());
    }
  }

  /** No call fails for another reason than one of Neutron's. */
  private HttpCalls.Reply answered(String kind, String operation, String data) throws IOException {
    HttpCalls.Reply reply = one.call(kind, operation, data);
    if (!reply.ok()) {
      assertThat(reply.status()).as(operation + " " + kind + data + reply.text()).isEqualTo(400);
      assertThat(reply.json().path("exception").asString("")).as(reply.text()).isNotEmpty();
    }
    return reply;
  }

  private String fresh(String kind) {
    int n = random.nextInt(8);
    return switch (kind) {
      case "network" ->
          "{'name':'n" + n + "','router:external':" + (n < 3) + ",'shared':" + (n == 4) + "}";
      case "subnet" ->
          random.nextInt(4) == 0
              ? "{'network_id':'%s','cidr':'2001:db8:%d::/64','ip_version':6%s}"
                  .formatted(
                      any("network"),
                      n,
                      n < 4 ? ",'ipv6_address_mode':'slaac','ipv6_ra_mode':'slaac'" : "")
              : "{'network_id':'%s','cidr':'10.%d.0.0/28'%s}"
                  .formatted(any("network"), n, n == 0 ? ",'gateway_ip':null" : "");
      case "port" ->
          "{'network_id':'%s','name':'p%d'%s%s}"
              .formatted(
                  any("network"),
                  n,
                  n < 3 ? ",'device_id':'vm" + n + "','device_owner':'compute:x'" : "",
                  n == 5 ? ",'fixed_ips':[{'ip_address':'10.1.0.5'}]" : "");
      case "router" ->
          n < 3
              ? "{'name':'r','external_gateway_info':{'network_id':'" + any("network") + "'}}"
              : "{'name':'r" + n + "'}";
      case "floatingip" ->
          "{'floating_network_id':'%s'%s}"
              .formatted(any("network"), n < 4 ? ",'port_id':'" + any("port") + "'" : "");
      case "security_group" -> "{'name':'g" + n + "'}";
      case "security_group_rule" ->
          "{'security_group_id':'%s','direction':'%s','protocol':'tcp','port_range_min':%d,'port_range_max':9%s}"
              .formatted(
                  any("security_group"),
                  n % 2 == 0 ? "ingress" : "egress",
                  1 + n,
                  n < 3 ? ",'remote_group_id':'" + any("security_group") + "'" : "");
      default -> "{'port_id':'" + any("port") + "','name':'t'}";
    };
  }

  private String change(String kind) {
    int n = random.nextInt(6);
    return switch (kind) {
      case "network" -> "{'name':'m" + n + "','router:external':" + (n < 2) + "}";
      case "subnet" ->
          n < 3
              ? "{'gateway_ip':'10." + n + ".0.9'}"
              : "{'dns_nameservers':['8.8.8.8'],'host_routes':[]}";
      case "port" ->
          switch (n) {
            case 0 -> "{'device_id':'vm" + random.nextInt(3) + "'}";
            case 1 -> "{'device_id':'','device_owner':''}";
            case 2 -> "{'fixed_ips':[{'subnet_id':'" + any("subnet") + "'}]}";
            case 3 -> "{'security_groups':['" + any("security_group") + "']}";
            case 4 -> "{'security_groups':[],'port_security_enabled':false}";
            default -> "{'name':'q','port_security_enabled':true}";
          };
      case "router" ->
          n < 3
              ? "{'external_gateway_info':{'network_id':'" + any("network") + "'}}"
              : "{'external_gateway_info':null}";
      case "floatingip" -> n < 4 ? "{'port_id':'" + any("port") + "'}" : "{'port_id':null}";
      default -> "{'description':'d" + n + "'}";
    };
  }

  private void listsEqualReads() throws IOException {
    for (String kind : KINDS) {
      JsonNode list = one.list(kind, "{}");
      List<String> listed = new ArrayList<>();
      for (JsonNode item : list) {
        String id = item.path("id").asString();
        listed.add(id);
        assertThat(one.read(kind, id)).as(kind).isEqualTo(item);
        assertThat(one.list(kind, "{'id':['" + id + "']}").path(0)).as(kind).isEqualTo(item);
      }
      assertThat(listed).as(kind).doesNotHaveDuplicates();
      if (WHOLE.contains(kind)) {
        assertThat(listed).as(kind).containsAll(ids.get(kind));
      }
      assertThat(one.ok(kind, "READCOUNT", "{}").path("count").asInt()).isEqualTo(list.size());
    }
  }

  private void deleteAll() throws IOException {
    for (JsonNode router : one.list("router", "{}")) {
      String id = router.path("id").asString();
      for (JsonNode floating : one.list("floatingip", "{}")) {
        one.update("floatingip", floating.path("id").asString(), "{'port_id':null}");
      }
      for (JsonNode port :
          one.list(
              "port", "{'device_owner':['network:router_interface'],'device_id':['" + id + "']}")) {
        one.ok(
            "router",
            "DELINTERFACE",
            "{'id':'" + id + "','resource':{'port_id':'" + port.path("id").asString() + "'}}");
      }
    }
    for (String kind : BACKWARDS) {
      for (JsonNode item : one.list(kind, "{}")) {
        boolean kept =
            kind.equals("security_group") && item.path("name").asString().equals("default");
        if (!kept) {
          one.delete(kind, item.path("id").asString());
        }
      }
    }
  }

  /** All objects and all allocations, but for what changes with every write. */
  private static Map<String, String> contents(ConfigImage image) {
    Map<String, String> contents = new TreeMap<>();
    TreeSet<String> pools = new TreeSet<>();
    for (var type : Schema.types()) {
      List<ConfigObject> objects = new ArrayList<>(image.objects(type.name()));
      objects.sort(Comparator.comparing(ConfigObject::uuid));
      for (ConfigObject object : objects) {
        contents.put(object.uuid().toString(), type.name() + " " + object.fqName());
        if (type.name().equals("project")) {
          for (String resource :
              List.of(
                  "virtual_network",
                  "subnet",
                  "virtual_machine_interface",
                  "logical_router",
                  "floating_ip",
                  "security_group",
                  "security_group_rule")) {
            pools.add("quota/" + object.uuid() + "/" + resource);
          }
        }
      }
    }
    pools.addAll(List.of("virtual-network-id", "security-group-id"));
    for (String pool : pools) {
      contents.put(pool, Json.tree(image.allocations(pool)).toString());
    }
    return contents;
  }
}
