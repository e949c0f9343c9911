package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.lab.ApiClient;
import weft.lab.Await;
import weft.lab.Cluster;
import weft.lab.Guest;
import weft.lab.Tenant;

/** What clients that guests have make of our answers; udhcpc is in every other test with guests. */
@Tag("lab")
class DhcpClientsTest {
  private static final Duration SOON = Duration.ofSeconds(60);

  @Test
  @Timeout(240)
  void dhclientAndNetworkdConfigureTheirGuests() {
    try (Cluster cluster = Cluster.start("wdhc", List.of("h1"))) {
      ApiClient api = new ApiClient(cluster.api());
      cluster.awaitApi(SOON);
      Tenant.registerHosts(api, cluster.hosts());
      Tenant tenant = Tenant.create(api, "dhc", "10.9.9.0/24");
      Tenant.Network four = withOptions(api);
      Tenant.Network six = tenant.addNetwork("six", "fd00:1::/64");
      for (String name : List.of("isc4", "net4")) {
        tenant.addGuest(name, four, cluster.host("h1"));
      }
      tenant.addGuest("net6", six, cluster.host("h1"));

      // The router is among the routes: who asks for these hears of it nowhere else (RFC 3442).
      assertThat(tenant.guest("isc4").dhclient(SOON))
          .containsExactly(
              "address " + tenant.address("isc4"),
              "mask 255.255.255.0",
              "router ",
              "dns 9.9.9.9",
              "domain lab.example",
              "mtu 1450",
              "routes 16 10 7 10 1 1 9 0 10 1 1 1");

      Guest net4 = tenant.guest("net4");
      net4.networkd();
      shows(net4, tenant.address("net4") + "/24", "-4", "address");
      shows(net4, "default via 10.1.1.1", "-4", "route");
      shows(net4, "10.7.0.0/16 via 10.1.1.9", "-4", "route");
      reaches(net4, tenant.address("isc4"));

      Guest net6 = tenant.guest("net6");
      net6.networkd();
      shows(net6, tenant.address("net6") + "/128", "-6", "address");
      shows(net6, "default via fe80::200:5eff:fe00:100 dev eth0 proto ra", "-6", "route");
      reaches(net6, "fd00:1::1");
    }
  }

  private static Tenant.Network withOptions(ApiClient api) {
    String name = "default-domain:dhc:four";
    String id =
        api.create(
            "virtual-network",
            "project",
            name,
            Map.of(
                "network_ipam_refs",
                ApiClient.json(
                    """
                    [{'to':['default-domain','default-project','default-network-ipam'],'attr':{'ipam_subnets':[{
                      'subnet':{'ip_prefix':'10.1.1.0','ip_prefix_len':24},'addr_from_start':true,'enable_dhcp':true,
                      'dns_nameservers':['9.9.9.9'],
                      'dhcp_option_list':{'dhcp_option':[
                        {'dhcp_option_name':'domain-name','dhcp_option_value':'lab.example'},
                        {'dhcp_option_name':'6','dhcp_option_value':'9.9.9.9'},
                        {'dhcp_option_name':'26','dhcp_option_value':'1450'}]},
                      'host_routes':{'route':[{'prefix':'10.7.0.0/16','next_hop':'10.1.1.9'}]}}]}}]
                    """)));
    return new Tenant.Network(id, name, "10.1.1.0/24", false);
  }

  private static void shows(Guest guest, String wanted, String family, String what) {
    Await.until(
        guest.name() + " has " + wanted,
        SOON,
        () ->
            guest
                .namespace()
                .run("ip", family, what, "show", "dev", "eth0")
                .output()
                .contains(wanted.replace(" dev eth0", "")));
  }

  private static void reaches(Guest guest, String address) {
    Await.until(guest.name() + " reaches " + address, SOON, () -> guest.pings(address));
  }
}
