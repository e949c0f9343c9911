package weft.api.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import weft.config.AllocationKey;
import weft.config.ConfigDelta;
import weft.config.ConfigImage;
import weft.http.Json;
import weft.net.IpAddress;
import weft.net.IpPrefix;
import weft.state.Change;

/** The order in which subnets give out addresses, to the last one. */
class SubnetTest {
  private static final UUID HOLDER = UUID.fromString("135bfdf3-4865-42bb-ab25-87b1f9f137c6");

  private static Subnet subnet(String prefix, String more) {
    String[] parts = prefix.split("/");
    String json =
        "{'subnet':{'ip_prefix':'"
            + parts[0]
            + "','ip_prefix_len':"
            + parts[1]
            + "},'subnet_uuid':'"
            + HOLDER
            + "'"
            + more
            + "}";
    return Subnet.of(HOLDER, Json.parse(json.replace('\'', '"')));
  }

  private static List<String> all(Subnet subnet) {
    Set<IpAddress> given = new HashSet<>();
    List<String> order = new ArrayList<>();
    while (true) {
      IpAddress next = subnet.next(ConfigImage.EMPTY, address -> !given.contains(address));
      if (next == null) {
        return order;
      }
      given.add(next);
      order.add(next.toString());
    }
  }

  /** With 10,000 addresses in use one look is enough, and it finds what a walk would find. */
  @Test
  void findsTheNextAddressWithoutAWalk() {
    String own = ",'default_gateway':'10.0.0.1','dns_server_address':'10.0.255.254'";
    String own6 = ",'default_gateway':'fd00::1','dns_server_address':'fd00::fffe'";
    for (String more : List.of("", ",'addr_from_start':true")) {
      findsTheNextAddress(subnet("10.0.0.0/16", own + more));
      findsTheNextAddress(subnet("fd00::/112", own6 + more));
      findsTheNextAddress(subnet("fd00::/64", own6 + more));
    }
  }

  private static void findsTheNextAddress(Subnet subnet) {
    Set<IpAddress> given = new HashSet<>();
    List<Change<AllocationKey, String>> owners = new ArrayList<>();
    Subnet.Range hosts = Subnet.hosts(subnet.prefix());
    for (int i = 0; i < 10_000; i++) {
      IpAddress address = subnet.fromStart() ? hosts.first().plus(i) : hosts.last().plus(-i);
      if (i % 4999 != 4998 && !subnet.reserved(address)) {
        given.add(address);
        owners.add(new Change.Put<>(subnet.key(address), null, "owner"));
      }
    }
    ConfigImage image = ConfigImage.EMPTY.with(new ConfigDelta(1, List.of(), owners, true));
    for (int i = 0; i < 4; i++) {
      List<IpAddress> looks = new ArrayList<>();
      IpAddress next =
          subnet.next(image, address -> looks.add(address) && !given.contains(address));
      assertThat(next)
          .isNotNull()
          .isEqualTo(subnet.next(ConfigImage.EMPTY, address -> !given.contains(address)));
      assertThat(looks).hasSize(1 + i);
      given.add(next);
    }
  }

  /**
   * A unit is named by its first address; those with an address of the subnet's own are not given.
   */
  @Test
  void inUnitsOfSeveral() {
    String own = ",'default_gateway':'10.0.0.30','dns_server_address':'10.0.0.5','alloc_unit':4";
    assertThat(all(subnet("10.0.0.0/27", own)))
        .containsExactly("10.0.0.24", "10.0.0.20", "10.0.0.16", "10.0.0.12", "10.0.0.8");
    assertThat(all(subnet("10.0.0.0/27", own + ",'addr_from_start':true")))
        .containsExactly("10.0.0.8", "10.0.0.12", "10.0.0.16", "10.0.0.20", "10.0.0.24");
  }

  @Test
  void withoutEndsGatewayAndDns() {
    String own = ",'default_gateway':'10.0.0.6','dns_server_address':'10.0.0.5'";
    assertThat(all(subnet("10.0.0.0/29", own)))
        .containsExactly("10.0.0.4", "10.0.0.3", "10.0.0.2", "10.0.0.1");
    assertThat(all(subnet("10.0.0.0/29", own + ",'addr_from_start':true")))
        .containsExactly("10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4");
  }

  @Test
  void smallestPrefixesHaveNoEnds() {
    assertThat(all(subnet("10.0.0.0/31", ""))).containsExactly("10.0.0.1", "10.0.0.0");
    assertThat(all(subnet("10.0.0.9/32", ""))).containsExactly("10.0.0.9");
    assertThat(all(subnet("fd00::/126", ",'addr_from_start':true")))
        .containsExactly("fd00::1", "fd00::2");
    assertThat(all(subnet("255.255.255.254/31", ",'addr_from_start':true")))
        .containsExactly("255.255.255.254", "255.255.255.255");
  }

  @Test
  void poolsInOrderOfAddresses() {
    String pools =
        ",'allocation_pools':[{'start':'10.0.0.9','end':'10.0.0.10'},{'start':'10.0.0.3','end':'10.0.0.3'}]";
    assertThat(all(subnet("10.0.0.0/24", pools)))
        .containsExactly("10.0.0.10", "10.0.0.9", "10.0.0.3");
    assertThat(all(subnet("10.0.0.0/24", pools + ",'addr_from_start':true")))
        .containsExactly("10.0.0.3", "10.0.0.9", "10.0.0.10");
  }

  @Test
  void hostsOfAWidePrefix() {
    assertThat(Subnet.hosts(IpPrefix.parse("fd00::/64")).last())
        .hasToString("fd00::ffff:ffff:ffff:fffe");
    assertThat(Subnet.hosts(IpPrefix.parse("0.0.0.0/0")).last()).hasToString("255.255.255.254");
  }

  @Test
  void macOfAPort() {
    assertThat(VirtualMachineInterfaces.mac(HOLDER)).isEqualTo("02:13:5b:fd:f3:48");
    assertThat(VirtualMachineInterfaces.mac(new UUID(-1, 0))).isEqualTo("02:ff:ff:ff:ff:ff");
  }
}
