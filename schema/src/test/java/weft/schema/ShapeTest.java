package weft.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Our types have the names and shapes of the model that existing clients know. */
class ShapeTest {

  @Test
  void everyObjectTypeAndTheRoot() {
    assertThat(Schema.types()).hasSize(126);
    assertThat(Schema.complexTypes()).hasSize(229);
    assertThat(Schema.types()).extracting(ObjectType::description).doesNotContain("");
    assertThat(Schema.complexTypes()).extracting(ComplexType::description).doesNotContain("");
  }

  @Test
  void objectTypesAreThoseOfTheDump() throws IOException {
    List<String> expected =
        new ArrayList<>(SchemaDump.ofObjects(SharedData.lines("vnc-schema/schema-dump.txt")));
    expected.add(
        "global-system-config property bgp_ignore_as_path boolean SINGLE null OPTIONAL []");
    assertThat(differences(expected, SchemaDump.ofObjects())).isEmpty();
  }

  @Test
  void complexTypesAreThoseOfTheDumpFieldByField() throws IOException {
    List<String> expected =
        SchemaDump.ofComplexTypes(SharedData.lines("vnc-schema/types-dump.txt")).stream()
            .flatMap(line -> withOurs(line).stream())
            .toList();
    assertThat(differences(expected, SchemaDump.ofComplexTypes())).isEmpty();
    assertThat(SchemaDump.ofComplexTypes().stream().filter(line -> line.startsWith("IdPermsType ")))
        .containsExactlyElementsOf(
            expected.stream().filter(line -> line.startsWith("IdPermsType ")).toList());
    for (ComplexType type : Schema.complexTypes()) {
      List<String> order = fieldNames(expected, type.name());
      assertThat(type.fields()).extracting(Property::name).isEqualTo(order);
    }
  }

  /** What is Weft's own, and other clients need not know: values, ranges, and fields at the end. */
  private static List<String> withOurs(String line) {
    if (line.startsWith("ProtocolType port ")) {
      return List.of(line.replace("[]", "[0, 65535]"));
    }
    if (line.startsWith("ProtocolType ") && line.contains("_aggregate_prefix_length ")) {
      return List.of(line.replace("[]", "[0, 128]"));
    }
    if (line.startsWith("ServiceHealthCheckType monitor_type ")) {
      return List.of(line.replace("[PING, HTTP, BFD]", "[PING, HTTP, BFD, TCP]"));
    }
    return line.startsWith("BgpSessionAttributes route_origin_override ")
        ? List.of(
            line,
            "BgpSessionAttributes send_paths integer SINGLE null OPTIONAL [1, 64]",
            "BgpSessionAttributes max_hops integer SINGLE null OPTIONAL [0, 255]",
            "BgpSessionAttributes bfd BfdParameters SINGLE null OPTIONAL []")
        : List.of(line);
  }

  private static List<String> fieldNames(List<String> lines, String type) {
    return lines.stream()
        .filter(line -> line.startsWith(type + " "))
        .map(line -> line.split(" ", -1)[1])
        .toList();
  }

  private static List<String> differences(List<String> expected, List<String> actual) {
    List<String> differences = new ArrayList<>();
    expected.stream()
        .filter(line -> !actual.contains(line))
        .forEach(l -> differences.add("missing: " + l));
    actual.stream()
        .filter(line -> !expected.contains(line))
        .forEach(l -> differences.add("extra: " + l));
    return differences;
  }
}
