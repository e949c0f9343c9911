package weft.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

class OpenApiTest {
  private final ObjectNode document = OpenApi.document();

  @Test
  void everyTypeHasItsFiveCalls() {
    for (ObjectType type : Schema.types()) {
      JsonNode paths = document.path("paths");
      assertThat(paths.path("/" + type.plural()).propertyNames())
          .containsExactlyInAnyOrder("get", "post");
      assertThat(paths.path("/" + type.name() + "/{uuid}").propertyNames())
          .containsExactlyInAnyOrder("parameters", "get", "put", "delete");
    }
  }

  @Test
  void everyLinkWithinTheDocumentLeadsSomewhere() {
    Set<String> targets = new HashSet<>();
    document.findValues("$ref").forEach(ref -> targets.add(ref.asString()));
    assertThat(targets).hasSizeGreaterThan(300);
    assertThat(targets)
        .allSatisfy(
            target -> assertThat(document.at(target.substring(1)).isMissingNode()).isFalse());
  }

  @Test
  void callsHaveNamesOfTheirOwn() {
    assertThat(document.findValues("operationId")).doesNotHaveDuplicates();
  }

  @Test
  void valuesAreRestrictedAsTheSchemaSays() {
    JsonNode network = document.at("/components/schemas/virtual-network/properties");
    assertThat(network.at("/mtu/maximum").intValue()).isEqualTo(9216);
    assertThat(network.at("/virtual_network_category/enum")).hasSize(4);
    assertThat(network.at("/network_ipam_refs/items/properties/attr/$ref").asString())
        .isEqualTo("#/components/schemas/VnSubnetsType");
    assertThat(network.at("/routing_instances/readOnly").booleanValue()).isTrue();
  }
}
