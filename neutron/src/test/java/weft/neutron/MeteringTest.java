package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Labels of meters and their rules. */
class MeteringTest {
  @Test
  void aLabelIsFoundByItsNameAndHasRules() throws IOException {
    try (TestNeutron neutron = new TestNeutron()) {
      TestNeutron.Asking admin = neutron.admin(new UUID(0xadad, 1));
      String label = admin.make("metering_label", "{'name':'meter'}");
      assertThat(admin.list("metering_label", "{'name':['meter']}")).hasSize(1);
      assertThat(admin.list("metering_label", "{'name':['other']}")).isEmpty();
      String rule =
          "{'metering_label_id':'%s','direction':'ingress','remote_ip_prefix':'10.0.0.0/8'}"
              .formatted(label);
      admin.make("metering_label_rule", rule);
      assertThat(admin.refused("metering_label_rule", rule)).isEqualTo("MeteringLabelRuleOverlaps");
      admin.delete("metering_label", label);
    }
  }
}
