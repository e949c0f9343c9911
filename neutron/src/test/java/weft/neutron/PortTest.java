package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** Ports: addresses, devices, security, binding and status. */
class PortTest {
  private static final UUID ONE = new UUID(0x1111, 1);

  private final Set<String> plugged = new HashSet<>();
  private TestNeutron neutron;
  private TestNeutron.Asking one;
  private String network;
  private String subnet;

  @BeforeEach
  void start() throws IOException {
    neutron =
        new TestNeutron(port ->
            plugged.contains(port.uuid().toString())
                ? Plugging.State.PLUGGED
                : Plugging.State.UNPLUGGED);
    one = neutron.user(ONE);
    network = one.make("network", "{'name':'n'}");
    subnet = one.make("subnet", "{'network_id':'" + network + "','cidr':'10.0.0.0/24'}");
  }

  @AfterEach
  void stop() {
    neutron.close();
  }

  private String on(String more) {
    return "{'network_id':'" + network + "'" + more + "}";
  }

  private static List<String> addresses(JsonNode port) {
    List<String> addresses = new ArrayList<>();
    port.path("fixed_ips").forEach(each -> addresses.add(each.path("ip_address").asString()));
    return addresses;
  }

  @Test
  void keepsWhatWasSent() throws IOException {
    JsonNode port =
        one.create(
            "port",
            on(
                ",'name':'p','description':'d','device_id':'vm 1','device_owner':'compute:nova',"
                    + "'mac_address':'FA:16:3E:00:00:01','binding:host_id':'h',"
                    + "'binding:profile':{'a':1},'allowed_address_pairs':[{'ip_address':'10.0.0.0/25',"
                    + "'mac_address':'fa:16:3e:00:00:02'}],'extra_dhcp_opts':[{'opt_name':'mtu',"
                    + "'opt_value':'1300'},{'opt_name':'x','opt_value':'y','ip_version':6}]"));
    assertThat(port).isEqualTo(one.read("port", port.path("id").asString()));
    assertThat(port.path("description").asString()).isEqualTo("d");
    assertThat(port.path("device_id").asString()).isEqualTo("vm 1");
    assertThat(port.path("mac_address").asString()).isEqualTo("fa:16:3e:00:00:01");
    assertThat(port.path("binding:vif_type").asString()).isEqualTo("vrouter");
    assertThat(port.path("binding:profile").path("a").asInt()).isEqualTo(1);
    assertThat(port.path("allowed_address_pairs").toString())
        .isEqualTo("[{\"mac_address\":\"fa:16:3e:00:00:02\",\"ip_address\":\"10.0.0.0/25\"}]");
    assertThat(port.path("extra_dhcp_opts").toString())
        .isEqualTo(
            "[{\"opt_name\":\"mtu\",\"opt_value\":\"1300\",\"ip_version\":4},"
                + "{\"opt_name\":\"x\",\"opt_value\":\"y\",\"ip_version\":6}]");
    JsonNode changed =
        one.update(
            "port",
            port.path("id").asString(),
            "{'extra_dhcp_opts':[{'opt_name':'mtu','opt_value':null}],'allowed_address_pairs':[],"
                + "'binding:host_id':'','device_id':'','device_owner':''}");
    assertThat(changed.path("extra_dhcp_opts")).hasSize(1);
    assertThat(changed.path("allowed_address_pairs")).isEmpty();
    assertThat(changed.path("binding:vif_type").asString()).isEqualTo("unbound");
    assertThat(changed.path("device_id").asString()).isEmpty();
    assertThat(neutron.db.image().objects("virtual-machine")).isEmpty();
  }

  @Test
  void isActiveWhenItIsPlugged() throws IOException {
    String id = one.make("port", on(",'device_id':'" + new UUID(7, 7) + "','binding:host_id':'h'"));
    assertThat(one.read("port", id).path("status").asString()).isEqualTo("DOWN");
    plugged.add(id);
    assertThat(one.read("port", id).path("status").asString()).isEqualTo("ACTIVE");
    one.update("port", id, "{'admin_state_up':false}");
    assertThat(one.read("port", id).path("status").asString()).isEqualTo("DOWN");
  }

  @Test
  void hasTheAddressesAskedForAndChangesThem() throws IOException {
    String six =
        one.make(
            "subnet", "{'network_id':'" + network + "','cidr':'2001:db8::/64','ip_version':6}");
    JsonNode both = one.create("port", on(""));
    assertThat(addresses(both)).containsExactly("10.0.0.3", "2001:db8::3");
    JsonNode port =
        one.create(
            "port",
            on(
                ",'fixed_ips':[{'ip_address':'10.0.0.50'},{'subnet_id':'"
                    + subnet
                    + "'},{'subnet_id':'"
                    + six
                    + "'}]"));
    assertThat(addresses(port)).containsExactlyInAnyOrder("10.0.0.50", "10.0.0.4", "2001:db8::4");
    String id = port.path("id").asString();
    JsonNode changed =
        one.update(
            "port", id, "{'fixed_ips':[{'ip_address':'10.0.0.50'},{'ip_address':'10.0.0.60'}]}");
    assertThat(addresses(changed)).containsExactly("10.0.0.50", "10.0.0.60");
    assertThat(addresses(one.create("port", on("")))).containsExactly("10.0.0.4", "2001:db8::4");
    assertThat(addresses(one.update("port", id, "{'fixed_ips':[]}"))).isEmpty();
    assertThat(addresses(one.create("port", on(",'fixed_ips':[]")))).isEmpty();
  }

  @Test
  void refusesAddressesByNeutronsNames() throws IOException {
    one.make("port", on(",'fixed_ips':[{'ip_address':'10.0.0.9'}]"));
    String address = on(",'fixed_ips':[{'ip_address':'%s'}]");
    assertThat(one.refused("port", address.formatted("10.0.0.9"))).isEqualTo("IpAddressInUse");
    assertThat(one.refused("port", address.formatted("10.0.1.9"))).isEqualTo("InvalidIpForNetwork");
    assertThat(one.refused("port", address.formatted("10.0.0.255")))
        .isEqualTo("InvalidIpForSubnet");
    assertThat(one.refused("port", address.formatted("ten"))).isEqualTo("InvalidInput");
    assertThat(one.refused("port", on(",'fixed_ips':[{'subnet_id':'" + new UUID(1, 9) + "'}]")))
        .isEqualTo("InvalidInput");
    assertThat(
            one.refused(
                "port",
                on(",'fixed_ips':[{'subnet_id':'" + subnet + "','ip_address':'10.9.0.1'}]")))
        .isEqualTo("InvalidIpForSubnet");
    assertThat(one.refused("port", on(",'fixed_ips':[{}]"))).isEqualTo("InvalidInput");
    assertThat(one.refused("port", on(",'fixed_ips':{}"))).isEqualTo("BadRequest");
    String small = one.make("network", "{}");
    one.make("subnet", "{'network_id':'" + small + "','cidr':'10.5.0.0/29'}");
    for (int i = 0; i < 4; i++) {
      one.make("port", "{'network_id':'" + small + "'}");
    }
    assertThat(one.refused("port", "{'network_id':'" + small + "'}"))
        .isEqualTo("IpAddressGenerationFailure");
  }

  @Test
  void macsAreUniqueInANetwork() throws IOException {
    String id = one.make("port", on(",'mac_address':'fa:16:3e:00:00:01'"));
    assertThat(one.refused("port", on(",'mac_address':'fa:16:3e:00:00:01'")))
        .isEqualTo("MacAddressInUse");
    assertThat(one.refused("port", on(",'mac_address':'fa'"))).isEqualTo("InvalidInput");
    assertThat(one.kept("port", id, "{'mac_address':'fa:16:3e:00:00:02'}"))
        .isEqualTo("AdminRequired");
    assertThat(
            neutron
                .admin()
                .update("port", id, "{'mac_address':'fa:16:3e:00:00:02'}")
                .path("mac_address")
                .asString())
        .isEqualTo("fa:16:3e:00:00:02");
  }

  @Test
  void portSecurityGoesWithGroupsAndPairs() throws IOException {
    String group = one.make("security_group", "{'name':'g'}");
    String groups = ",'security_groups':['" + group + "']";
    String off = ",'port_security_enabled':false";
    assertThat(one.refused("port", on(groups + off)))
        .isEqualTo("PortSecurityAndIPRequiredForSecurityGroups");
    assertThat(one.refused("port", on(off + ",'allowed_address_pairs':[{'ip_address':'1.1.1.1'}]")))
        .isEqualTo("AddressPairAndPortSecurityRequired");
    assertThat(one.refused("port", on(",'allowed_address_pairs':[{'mac_address':''}]")))
        .isEqualTo("AllowedAddressPairsMissingIP");
    assertThat(
            one.refused(
                "port",
                on(",'allowed_address_pairs':[{'ip_address':'1.1.1.1'},{'ip_address':'1.1.1.1'}]")))
        .isEqualTo("DuplicateAddressPairInRequest");
    assertThat(one.refused("port", on(",'security_groups':['" + new UUID(5, 5) + "']")))
        .isEqualTo("SecurityGroupNotFound");
    String id = one.make("port", on(groups));
    assertThat(one.kept("port", id, "{'port_security_enabled':false}"))
        .isEqualTo("PortSecurityPortHasSecurityGroup");
    assertThat(one.undeleted("security_group", group)).isEqualTo("SecurityGroupInUse");
    JsonNode bare = one.update("port", id, "{'security_groups':[]}");
    assertThat(bare.path("security_groups")).isEmpty();
    JsonNode open = one.update("port", id, "{'port_security_enabled':false}");
    assertThat(open.path("port_security_enabled").asBoolean()).isFalse();
    one.delete("security_group", group);
    assertThat(one.create("port", on("")).path("security_groups")).hasSize(1);
    assertThat(one.create("port", on(",'security_groups':[]")).path("security_groups")).isEmpty();
  }

  @Test
  void listsByWhatItHas() throws IOException {
    String machine = new UUID(7, 7).toString();
    String id =
        one.make(
            "port",
            on(
                ",'device_id':'"
                    + machine
                    + "','device_owner':'compute:nova','binding:host_id':'h','fixed_ips':"
                    + "[{'ip_address':'10.0.0.77'}]"));
    one.make("port", on(""));
    String mac = one.read("port", id).path("mac_address").asString();
    for (String filter :
        List.of(
            "{'device_id':['" + machine + "']}",
            "{'device_owner':['compute:nova'],'network_id':['" + network + "']}",
            "{'mac_address':['" + mac.toUpperCase(java.util.Locale.ROOT) + "']}",
            "{'fixed_ips':{'ip_address':['10.0.0.77']}}",
            "{'fixed_ips':['ip_address=10.0.0.77','subnet_id=" + subnet + "']}",
            "{'fixed_ips':{'ip_address_substr':['0.77']}}",
            "{'id':['" + id + "']}",
            "{'binding:host_id':['h']}")) {
      JsonNode found = one.list("port", filter);
      assertThat(found).as(filter).hasSize(1);
      assertThat(found.path(0).path("id").asString()).isEqualTo(id);
    }
    assertThat(one.list("port", "{'fixed_ips':{'subnet_id':['" + subnet + "']}}")).hasSize(2);
    assertThat(one.list("port", "{'device_id':['']}")).hasSize(1);
    assertThat(neutron.user(new UUID(8, 8)).list("port", "{}")).isEmpty();
  }

  @Test
  void trunksHaveSubPortsWithVlans() throws IOException {
    String parent = one.make("port", on(""));
    String sub = one.make("port", on(""));
    String trunk =
        one.make(
            "trunk",
            "{'port_id':'%s','sub_ports':[{'port_id':'%s','segmentation_type':'vlan','segmentation_id':5}]}"
                .formatted(parent, sub));
    assertThat(one.read("trunk", trunk).path("sub_ports").toString())
        .isEqualTo(
            "[{\"port_id\":\"" + sub + "\",\"segmentation_type\":\"vlan\",\"segmentation_id\":5}]");
    assertThat(one.undeleted("port", parent)).isEqualTo("PortInUseAsTrunkParent");
    assertThat(one.undeleted("port", sub)).isEqualTo("PortInUseAsSubPort");
    assertThat(one.refused("trunk", "{'port_id':'" + parent + "'}"))
        .isEqualTo("PortInUseAsTrunkParent");
    String more = one.make("port", on(""));
    String call = "{'id':'" + trunk + "','resource':{'sub_ports':[{'port_id':'%s'%s}]}}";
    String five = ",'segmentation_type':'vlan','segmentation_id':5";
    assertThat(one.refusal("trunk", "ADD_SUBPORTS", call.formatted(more, five)))
        .isEqualTo("DuplicateSubPort");
    assertThat(one.refusal("trunk", "REMOVE_SUBPORTS", call.formatted(more, "")))
        .isEqualTo("SubPortNotFound");
    JsonNode added = one.ok("trunk", "ADD_SUBPORTS", call.formatted(more, five.replace("5", "6")));
    assertThat(added.path("sub_ports")).hasSize(2);
    assertThat(one.ok("trunk", "REMOVE_SUBPORTS", call.formatted(sub, "")).path("sub_ports"))
        .hasSize(1);
    one.delete("port", sub);
    one.delete("trunk", trunk);
    one.delete("port", more);
    one.delete("port", parent);
  }
}
