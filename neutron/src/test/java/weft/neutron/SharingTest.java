package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What RBAC policies let others do. */
class SharingTest {
  private static final UUID ONE = new UUID(0x1111, 1);
  private static final UUID TWO = new UUID(0x2222, 2);
  private static final UUID THREE = new UUID(0x3333, 3);

  private TestNeutron neutron;
  private TestNeutron.Asking admin;
  private TestNeutron.Asking one;
  private TestNeutron.Asking two;
  private TestNeutron.Asking three;
  private String network;

  @BeforeEach
  void start() throws IOException {
    neutron = new TestNeutron();
    admin = neutron.admin(new UUID(0xadad, 1));
    one = neutron.user(ONE);
    two = neutron.user(TWO);
    three = neutron.user(THREE);
    network = one.make("network", "{'name':'n'}");
    one.make("subnet", "{'network_id':'" + network + "','cidr':'10.0.0.0/24'}");
  }

  @AfterEach
  void stop() {
    neutron.close();
  }

  private static String policy(String type, String object, String action, Object target) {
    return "{'object_type':'%s','object_id':'%s','action':'%s','target_tenant':'%s'}"
        .formatted(type, object, action, target);
  }

  @Test
  void aPolicyKeepsItsIdWhenItsTargetChanges() throws IOException {
    String id = one.make("rbac_policy", policy("network", network, "access_as_shared", TWO));
    assertThat(two.list("network", "{}")).hasSize(1);
    assertThat(two.list("subnet", "{'shared':[true]}")).hasSize(1);
    JsonNode moved = one.update("rbac_policy", id, "{'target_tenant':'" + THREE + "'}");
    assertThat(moved.path("id").asString()).isEqualTo(id);
    assertThat(two.list("network", "{}")).isEmpty();
    assertThat(three.list("network", "{}")).hasSize(1);
    String again = one.make("rbac_policy", policy("network", network, "access_as_shared", TWO));
    assertThat(again).isNotEqualTo(id);
    assertThat(one.list("rbac_policy", "{}")).hasSize(2);
    one.delete("rbac_policy", id);
    one.delete("rbac_policy", again);
    assertThat(one.list("rbac_policy", "{}")).isEmpty();
    assertThat(Extras.of(neutron.db.image().object(UUID.fromString(network)).body())).isEmpty();
  }

  @Test
  void whoOnlySeesAnObjectSharesItWithNobody() throws IOException {
    one.make("rbac_policy", policy("network", network, "access_as_shared", TWO));
    String onwards = policy("network", network, "access_as_shared", THREE);
    assertThat(two.refused("rbac_policy", onwards)).isEqualTo("InvalidInput");
    assertThat(three.refused("rbac_policy", onwards)).isEqualTo("NetworkNotFound");
  }

  @Test
  void aNetworkMayBeExternalForSome() throws IOException {
    String id = one.make("rbac_policy", policy("network", network, "access_as_external", TWO));
    assertThat(one.read("network", network).path("router:external").asBoolean()).isTrue();
    assertThat(two.list("network", "{}")).hasSize(1);
    assertThat(two.list("subnet", "{}")).as("its subnets stay hidden").isEmpty();
    assertThat(three.list("network", "{}")).isEmpty();
    String router =
        two.make("router", "{'external_gateway_info':{'network_id':'" + network + "'}}");
    assertThat(one.undeleted("rbac_policy", id)).isEqualTo("RbacPolicyInUse");
    two.delete("router", router);
    one.delete("rbac_policy", id);
    assertThat(one.read("network", network).path("router:external").asBoolean()).isFalse();
    assertThat(neutron.db.image().objects(Lookup.POOL)).isEmpty();
  }

  @Test
  void anExternalNetworkHasAPolicyForAll() throws IOException {
    String outside = admin.make("network", "{'name':'out','router:external':true}");
    JsonNode policies = admin.list("rbac_policy", "{'object_id':['" + outside + "']}");
    assertThat(policies).hasSize(1);
    assertThat(policies.path(0).path("target_tenant").asString()).isEqualTo("*");
    admin.update(
        "rbac_policy", policies.path(0).path("id").asString(), "{'target_tenant':'" + THREE + "'}");
    assertThat(three.list("network", "{}")).hasSize(1);
    assertThat(two.list("network", "{}")).isEmpty();
  }

  @Test
  void aSecurityGroupMayBeForAll() throws IOException {
    String group = one.make("security_group", "{'name':'g'}");
    String id = admin.make("rbac_policy", policy("security_group", group, "access_as_shared", "*"));
    assertThat(three.read("security_group", group).path("shared").asBoolean()).isTrue();
    admin.delete("rbac_policy", id);
    assertThat(three.refusal("security_group", "READ", "{'id':'" + group + "'}"))
        .isEqualTo("SecurityGroupNotFound");
  }

  @Test
  void fieldsAreThoseAskedFor() throws IOException {
    one.make("rbac_policy", policy("network", network, "access_as_shared", TWO));
    JsonNode items = one.ok("rbac_policy", "READALL", "{'fields':['object_type'],'filters':{}}");
    assertThat(items.path(0).has("id")).isFalse();
    assertThat(items.path(0).has("object_type")).isTrue();
  }
}
