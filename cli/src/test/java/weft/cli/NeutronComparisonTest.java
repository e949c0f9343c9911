package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Each kind of difference between Neutron, the config API and a vRouter is named. */
class NeutronComparisonTest {
  private static final String NETWORK = "{'id':'n','name':'net'}";
  private static final String SUBNET = "{'id':'s','cidr':'10.0.0.0/24'}";
  private static final String PORT =
      "{'id':'p','mac_address':'02:00:00:00:00:01','network_id':'n','status':'ACTIVE',"
          + "'binding:host_id':'h','fixed_ips':[{'ip_address':'10.0.0.5','subnet_id':'s'}]}";
  private static final String VIRTUAL_NETWORK =
      "{'uuid':'n','parent_type':'project','fq_name':['d','p','net'],'network_ipam_refs':[{'attr':"
          + "{'ipam_subnets':[{'subnet_uuid':'s','subnet':"
          + "{'ip_prefix':'10.0.0.0','ip_prefix_len':24}}]}}]}";
  private static final String INTERFACE =
      "{'uuid':'p','parent_type':'project','fq_name':['d','p','p'],"
          + "'virtual_network_refs':[{'uuid':'n'}],'virtual_machine_interface_mac_addresses':"
          + "{'mac_address':['02:00:00:00:00:01']}}";
  private static final String ADDRESS =
      "{'uuid':'i','instance_ip_address':'10.0.0.5',"
          + "'virtual_machine_interface_refs':[{'uuid':'p'}]}";
  private static final String PLUGGED =
      "{'id':'p','mac':'02:00:00:00:00:01','state':'active','addresses':['10.0.0.5']}";

  private final Map<String, Map<String, JsonNode>> neutron = new LinkedHashMap<>();
  private final Map<String, Map<String, JsonNode>> config = new LinkedHashMap<>();

  private static JsonNode json(String text) {
    return Rest.JSON.readTree(text.replace('\'', '"'));
  }

  private static Map<String, JsonNode> by(String key, String... objects) {
    Map<String, JsonNode> map = new LinkedHashMap<>();
    for (String object : objects) {
      JsonNode node = json(object);
      map.put(node.path(key).asString(), node);
    }
    return map;
  }

  private List<String> differences(String ports) {
    neutron.putIfAbsent("networks", by("id", NETWORK));
    neutron.putIfAbsent("subnets", by("id", SUBNET));
    neutron.putIfAbsent("ports", by("id", PORT));
    config.putIfAbsent("virtual-network", by("uuid", VIRTUAL_NETWORK));
    config.putIfAbsent("virtual-machine-interface", by("uuid", INTERFACE));
    config.putIfAbsent("instance-ip", by("uuid", ADDRESS));
    return new NeutronComparison(neutron, config)
        .differences(Map.of("h", json(ports))).stream()
            .map(NeutronComparison.Difference::toString)
            .toList();
  }

  @Test
  void whatAgreesIsNotNamed() {
    assertThat(differences("[" + PLUGGED + "]")).isEmpty();
  }

  @Test
  void whatOneOfThemLacksIsNamed() {
    neutron.put("networks", Map.of());
    config.put("virtual-machine-interface", Map.of());
    assertThat(differences("[]"))
        .containsExactly(
            "network n: the config API has the virtual-network, Neutron does not show it",
            "port p: Neutron has it, the config API has no virtual-machine-interface",
            "port p: ACTIVE on h in Neutron, the vRouter there has no such port");
  }

  @Test
  void otherAddressesAndSubnetsAreNamed() {
    config.put("instance-ip", by("uuid", ADDRESS.replace("10.0.0.5", "10.0.0.6")));
    config.put("virtual-network", by("uuid", VIRTUAL_NETWORK.replace("10.0.0.0", "10.1.0.0")));
    assertThat(differences("[" + PLUGGED + "]"))
        .containsExactly(
            "subnet s: prefix is 10.0.0.0/24 in Neutron, 10.1.0.0/24 in the config API",
            "port p: addresses is [10.0.0.5] in Neutron, [10.0.0.6] in the config API");
  }

  @Test
  void whatAVrouterDoesOtherwiseIsNamed() {
    String other =
        PLUGGED.replace("00:01", "00:02").replace("10.0.0.5", "10.0.0.7").replace("active", "down");
    String unknown = PLUGGED.replace("'p'", "'q'");
    assertThat(differences("[" + other + "," + unknown + "]"))
        .containsExactly(
            "port p: MAC is 02:00:00:00:00:01 in Neutron, 02:00:00:00:00:02 on h",
            "port p: addresses are [10.0.0.5] in Neutron, [10.0.0.7] on h",
            "port p: status is ACTIVE in Neutron, down on h",
            "port q: plugged on h, Neutron does not show it");
  }
}
