package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import weft.net.IpProtocol;

/** Security groups and what a rule may say. */
class SecurityGroupTest {
  private static final UUID ONE = new UUID(0x1111, 1);

  private TestNeutron neutron;
  private TestNeutron.Asking one;
  private String group;

  @BeforeEach
  void start() throws IOException {
    neutron = new TestNeutron();
    one = neutron.user(ONE);
    group = one.make("security_group", "{'name':'g'}");
  }

  @AfterEach
  void stop() {
    neutron.close();
  }

  private String rule(String more) {
    return "{'security_group_id':'" + group + "','direction':'ingress'," + more + "}";
  }

  @Test
  void everyProjectHasADefaultGroup() throws IOException {
    TestNeutron.Asking fresh = neutron.user(new UUID(5, 5));
    JsonNode groups = fresh.list("security_group", "{}");
    assertThat(groups).hasSize(1);
    assertThat(groups.path(0).path("name").asString()).isEqualTo("default");
    assertThat(groups.path(0).path("security_group_rules")).hasSize(4);
    String id = groups.path(0).path("id").asString();
    assertThat(fresh.undeleted("security_group", id)).isEqualTo("SecurityGroupCannotRemoveDefault");
    assertThat(fresh.kept("security_group", id, "{'name':'x'}"))
        .isEqualTo("SecurityGroupCannotUpdateDefault");
    assertThat(fresh.refused("security_group", "{'name':'default'}"))
        .isEqualTo("SecurityGroupDefaultAlreadyExists");
    fresh.update("security_group", id, "{'description':'mine'}");
    assertThat(neutron.user(new UUID(6, 6)).undeleted("security_group", id))
        .isEqualTo("SecurityGroupNotFound");
  }

  @Test
  void aPrefixOfEverywhereIsShownIfItWasGiven() throws IOException {
    JsonNode given =
        one.create("security_group_rule", rule("'remote_ip_prefix':'0.0.0.0/0','protocol':'tcp'"));
    assertThat(given.path("normalized_cidr").asString()).isEqualTo("0.0.0.0/0");
    JsonNode none = one.create("security_group_rule", rule("'protocol':'udp'"));
    assertThat(none.path("normalized_cidr").isNull()).isTrue();
    assertThat(one.refused("security_group_rule", rule("'protocol':'tcp'")))
        .isEqualTo("SecurityGroupRuleExists");
    one.delete("security_group_rule", given.path("id").asString());
    assertThat(Extras.of(neutron.db.image().object(UUID.fromString(group)).body())).isEmpty();
  }

  @Test
  void everyProtocolByNameIsTaken() throws IOException {
    for (String name : IpProtocol.names().split(", ")) {
      String ethertype =
          IpProtocol.number(name).getAsInt() == 58 || name.startsWith("ipv6-") ? "6" : "4";
      String id =
          one.make(
              "security_group_rule",
              rule("'protocol':'" + name + "','ethertype':'IPv" + ethertype + "'"));
      assertThat(one.read("security_group_rule", id).path("protocol").asString()).isEqualTo(name);
      one.delete("security_group_rule", id); // Another name of it would be the same rule.
    }
  }

  @Test
  void groupsChange() throws IOException {
    JsonNode changed =
        one.update("security_group", group, "{'name':'h','description':'d','stateful':false}");
    assertThat(changed.path("name").asString()).isEqualTo("h");
    assertThat(changed.path("description").asString()).isEqualTo("d");
    assertThat(changed.path("stateful").asBoolean()).isFalse();
    one.delete("security_group", group);
    assertThat(one.undeleted("security_group", group)).isEqualTo("SecurityGroupNotFound");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          'protocol':'foo'                                                   | SecurityGroupRuleInvalidProtocol
          'protocol':300                                                     | SecurityGroupRuleInvalidProtocol
          'ethertype':'IPv5'                                                 | SecurityGroupRuleInvalidEtherType
          'port_range_min':1,'port_range_max':2                              | SecurityGroupProtocolRequiredWithPorts
          'protocol':'tcp','port_range_min':5,'port_range_max':2             | SecurityGroupInvalidPortRange
          'protocol':'tcp','port_range_min':5                                | SecurityGroupInvalidPortRange
          'protocol':'tcp','port_range_min':-3,'port_range_max':2            | SecurityGroupInvalidPortValue
          'protocol':'udp','port_range_min':3,'port_range_max':70000         | SecurityGroupInvalidPortValue
          'protocol':'gre','port_range_min':3,'port_range_max':4             | SecurityGroupInvalidProtocolForPort
          'protocol':'icmp','port_range_min':256                             | SecurityGroupInvalidIcmpValue
          'protocol':'icmp','port_range_max':3                               | SecurityGroupMissingIcmpType
          'protocol':'icmpv6','ethertype':'IPv4'                             | SecurityGroupEthertypeConflictWithProtocol
          'remote_ip_prefix':'::/0'                                          | SecurityGroupRuleParameterConflict
          'remote_ip_prefix':'10.0.0.0/44'                                   | InvalidCIDR
          'remote_group_id':'00000000-0000-0000-0000-000000000009'           | SecurityGroupNotFound
          'remote_group_id':'00000000-0000-0000-0000-000000000009','remote_ip_prefix':'1.0.0.0/8' | SecurityGroupMultipleRemoteEntites
          'protocol':[]                                                      | BadRequest
          """)
  void rulesAreRefused(String sent, String exception) throws IOException {
    assertThat(one.refused("security_group_rule", rule(sent))).isEqualTo(exception);
  }

  @Test
  void aRuleReadsBackAndIsThereOnce() throws IOException {
    String sent =
        rule(
            "'protocol':'tcp','port_range_min':80,'port_range_max':81,'ethertype':'IPv6',"
                + "'remote_group_id':'"
                + group
                + "','description':'web'");
    JsonNode made = one.create("security_group_rule", sent);
    assertThat(made.path("protocol").asString()).isEqualTo("tcp");
    assertThat(made.path("port_range_min").asInt()).isEqualTo(80);
    assertThat(made.path("port_range_max").asInt()).isEqualTo(81);
    assertThat(made.path("remote_group_id").asString()).isEqualTo(group);
    assertThat(made.path("remote_ip_prefix").isNull()).isTrue();
    assertThat(made.path("description").asString()).isEqualTo("web");
    String id = made.path("id").asString();
    assertThat(one.read("security_group_rule", id)).isEqualTo(made);
    assertThat(one.refused("security_group_rule", sent)).isEqualTo("SecurityGroupRuleExists");
    assertThat(one.refused("security_group_rule", sent.replace("'tcp'", "6")))
        .isEqualTo("SecurityGroupRuleExists");
    assertThat(one.list("security_group_rule", "{'security_group_id':['" + group + "']}"))
        .hasSize(3);
    assertThat(one.list("security_group_rule", "{'protocol':['tcp']}")).hasSize(1);
    assertThat(one.read("security_group", group).path("security_group_rules")).hasSize(3);
    one.delete("security_group_rule", id);
    assertThat(one.undeleted("security_group_rule", id)).isEqualTo("SecurityGroupRuleNotFound");
  }

  @Test
  void icmpHasATypeAndACode() throws IOException {
    JsonNode made =
        one.create(
            "security_group_rule", rule("'protocol':'icmp','port_range_min':8,'port_range_max':0"));
    assertThat(made.path("port_range_min").asInt()).isEqualTo(8);
    assertThat(made.path("port_range_max").asInt()).isZero();
    one.make("security_group_rule", rule("'protocol':'icmp','port_range_min':3"));
    one.make("security_group_rule", rule("'protocol':'icmp'"));
    assertThat(one.refused("security_group_rule", rule("'protocol':'1'")))
        .isEqualTo("SecurityGroupRuleExists");
  }

  @Test
  void rulesOfABulkAreAllMadeOrNone() throws IOException {
    String twice = rule("'protocol':'tcp','port_range_min':%d,'port_range_max':9");
    assertThat(
            one.refusal(
                "security_group_rule",
                "CREATE",
                "{'resource':[" + twice.formatted(1) + "," + twice.formatted(1) + "]}"))
        .isEqualTo("SecurityGroupRuleExists");
    assertThat(one.read("security_group", group).path("security_group_rules")).hasSize(2);
    JsonNode both =
        one.ok(
            "security_group_rule",
            "CREATE",
            "{'resource':[" + twice.formatted(1) + "," + twice.formatted(2) + "]}");
    assertThat(both).hasSize(2);
  }
}
