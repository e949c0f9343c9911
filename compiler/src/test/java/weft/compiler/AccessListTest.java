package weft.compiler;

import static org.assertj.core.api.Assertions.assertThat;
import static weft.compiler.Config.network;
import static weft.compiler.Config.policy;
import static weft.compiler.Config.securityGroup;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.schema.FqName;

class AccessListTest {
  private static JsonNode entries(Compiler compiler, String name) {
    DerivedObject object =
        compiler.desired().get(new DerivedKey("access-control-list", FqName.parse(name)));
    assertThat(object).as(name).isNotNull();
    return object.properties().get("access_control_list_entries");
  }

  /** `pass 6 d:p:red[0-65535] d:p:blue[80-80]`. */
  private static List<String> rules(Compiler compiler, String name) {
    List<String> rules = new ArrayList<>();
    for (JsonNode rule : entries(compiler, name).get("acl_rule")) {
      JsonNode match = rule.get("match_condition");
      rules.add(
          "%s %s %s[%s-%s] %s[%s-%s]"
              .formatted(
                  rule.at("/action_list/simple_action").asString(),
                  match.get("protocol").asString(),
                  side(match.get("src_address")),
                  match.at("/src_port/start_port"),
                  match.at("/src_port/end_port"),
                  side(match.get("dst_address")),
                  match.at("/dst_port/start_port"),
                  match.at("/dst_port/end_port")));
    }
    return rules;
  }

  private static String side(JsonNode address) {
    if (address.has("subnet")) {
      return address.at("/subnet/ip_prefix").asString() + "/" + address.at("/subnet/ip_prefix_len");
    }
    return address.path("virtual_network").asString(address.path("security_group").asString(""));
  }

  @Test
  void makesTwoRulesOfOneThatGoesBothWays() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue", "p:web"),
                network("p:red"),
                policy("p:web", "<> pass tcp p:red p:blue"))
            .compiled();
    assertThat(rules(compiler, "d:p:blue:blue"))
        .containsExactly(
            "pass 6 d:p:red[-1--1] d:p:blue[-1--1]",
            "pass 6 d:p:blue[-1--1] d:p:red[-1--1]",
            "pass any d:p:blue[0-65535] d:p:blue[0-65535]",
            "deny any any[0-65535] any[0-65535]");
    JsonNode list = entries(compiler, "d:p:blue:blue").get("acl_rule");
    assertThat(list.get(0).get("rule_uuid").asString()).isEqualTo("rule <> pass tcp p:red p:blue");
    assertThat(list.get(0).get("direction").asString()).isEqualTo(">");
    assertThat(list.get(2).get("rule_uuid").asString())
        .isEqualTo("00000000-0000-0000-0000-100000000001");
    assertThat(list.get(3).get("rule_uuid").asString())
        .isEqualTo("00000000-0000-0000-0000-100000000002");
    assertThat(compiler.desired())
        .doesNotContainKey(new DerivedKey("access-control-list", FqName.parse("d:p:red:red")));
  }

  @Test
  void leavesOutWhatDoesNotConcernTheNetwork() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue", "p:web"),
                policy(
                    "p:web",
                    "> pass udp p:red p:green",
                    "> pass icmp local p:red",
                    "> deny any any p:red",
                    "> pass any 10.0.0.0/8 10.1.0.0/16",
                    "> pass nonsense local any",
                    "> pass any nonsense/33 local"))
            .compiled();
    assertThat(rules(compiler, "d:p:blue:blue"))
        .containsExactly(
            "pass 1 d:p:blue[-1--1] d:p:red[-1--1]",
            "deny any any[-1--1] d:p:red[-1--1]",
            "pass any 10.0.0.0/8[-1--1] 10.1.0.0/16[-1--1]",
            "pass any d:p:blue[0-65535] d:p:blue[0-65535]",
            "deny any any[0-65535] any[0-65535]");
  }

  @Test
  void leavesOutWhatAnEarlierRuleHides() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue", "p:web"),
                policy("p:web", "<> pass any any any", "> deny tcp p:blue p:red"))
            .compiled();
    assertThat(rules(compiler, "d:p:blue:blue")).containsExactly("pass any any[-1--1] any[-1--1]");
  }

  @Test
  void takesPoliciesInTheirOrder() {
    Compiler compiler =
        new Config()
            .with(
                network("p:blue", "p:second", "p:first"),
                policy("p:first", "> deny tcp local p:red"),
                policy("p:second", "> pass tcp local p:red"))
            .compiled();
    assertThat(rules(compiler, "d:p:blue:blue").getFirst()).startsWith("pass");
  }

  @Test
  void canLetUnnamedPeersPass() {
    Compiler compiler =
        new Config()
            .with(network("p:blue", "p:web"), policy("p:web", "> pass tcp p:red p:blue"))
            .compiled(new CompilerOptions(CompilerOptions.UnnamedPeers.PASS));
    assertThat(rules(compiler, "d:p:blue:blue"))
        .containsExactly(
            "pass 6 d:p:red[-1--1] d:p:blue[-1--1]",
            "pass any d:p:blue[0-65535] d:p:blue[0-65535]",
            "deny any d:p:red[0-65535] d:p:blue[0-65535]",
            "pass any any[0-65535] any[0-65535]");
  }

  @Test
  void deniesByAPolicyWithoutRules() {
    Compiler compiler = new Config().with(network("p:blue", "p:web"), policy("p:web")).compiled();
    assertThat(rules(compiler, "d:p:blue:blue")).hasSize(2);
  }

  private static final String FROM_GROUP =
      "{'direction':'>','protocol':'%s','ethertype':'IPv4','rule_uuid':'%s',"
          + "'src_addresses':[{'security_group':'%s'}],'dst_addresses':[{'security_group':'local'}],"
          + "'src_ports':[{'start_port':0,'end_port':65535}],"
          + "'dst_ports':[{'start_port':80,'end_port':443}]}";
  private static final String TO_ALL =
      "{'direction':'>','protocol':'any','ethertype':'IPv6','rule_uuid':'r2',"
          + "'src_addresses':[{'security_group':'local'}],"
          + "'dst_addresses':[{'subnet':{'ip_prefix':'::','ip_prefix_len':0}}]}";

  @Test
  void splitsASecurityGroupByTheSideThatIsLocal() {
    Compiler compiler =
        new Config()
            .with(
                securityGroup(
                    "p:web", 8000001, FROM_GROUP.formatted("tcp", "r1", "d:p:web") + "," + TO_ALL))
            .compiled();
    assertThat(entries(compiler, "d:p:web:ingress-access-control-list"))
        .isEqualTo(
            Config.json(
                "{'dynamic':false,'acl_rule':[{'match_condition':{'protocol':'6',"
                    + "'src_address':{'security_group':'8000001'},"
                    + "'src_port':{'start_port':0,'end_port':65535},"
                    + "'dst_address':{},'dst_port':{'start_port':80,'end_port':443},"
                    + "'ethertype':'IPv4'},'action_list':{'simple_action':'pass'},"
                    + "'rule_uuid':'r1'}]}"));
    assertThat(entries(compiler, "d:p:web:egress-access-control-list"))
        .isEqualTo(
            Config.json(
                "{'dynamic':false,'acl_rule':[{'match_condition':{'protocol':'any',"
                    + "'src_address':{},'src_port':{'start_port':0,'end_port':65535},"
                    + "'dst_address':{'subnet':{'ip_prefix':'::','ip_prefix_len':0}},"
                    + "'dst_port':{'start_port':0,'end_port':65535},'ethertype':'IPv6'},"
                    + "'action_list':{'simple_action':'pass'},'rule_uuid':'r2'}]}"));
  }

  @Test
  void namesAnotherGroupOnceItHasANumber() {
    Config config =
        new Config()
            .with(
                securityGroup(
                    "p:web",
                    8000001,
                    FROM_GROUP.formatted("icmp", "r1", "d:p:db")
                        + ","
                        + FROM_GROUP.formatted("udp", "r2", "any")));
    Compiler compiler = config.compiled();
    assertThat(rules(compiler, "d:p:web:ingress-access-control-list"))
        .containsExactly("pass 17 -1[0-65535] [80-443]");
    Config unnumbered = config.copy().with(securityGroup("p:db", 0, ""));
    assertThat(
            compiler.on(2, unnumbered.objectsSince(config), List.of(), false).objects().changes())
        .hasSize(2);
    Config numbered = config.copy().with(securityGroup("p:db", 8000002, ""));
    compiler.on(3, numbered.objectsSince(unnumbered), List.of(), false);
    assertThat(rules(compiler, "d:p:web:ingress-access-control-list"))
        .containsExactly("pass 1 8000002[0-65535] [80-443]", "pass 17 -1[0-65535] [80-443]");
  }

  @Test
  void makesEmptyListsOfAGroupWithoutRules() {
    Compiler compiler = new Config().with(securityGroup("p:none", 8000001, "")).compiled();
    assertThat(rules(compiler, "d:p:none:ingress-access-control-list")).isEmpty();
    assertThat(rules(compiler, "d:p:none:egress-access-control-list")).isEmpty();
  }
}
