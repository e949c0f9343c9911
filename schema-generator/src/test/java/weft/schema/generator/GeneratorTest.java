package weft.schema.generator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GeneratorTest {
  @TempDir Path directory;

  @Test
  void writesARecordAndTheTable() throws IOException {
    generate("{'every_object': {'properties': {'display_name': {'type': 'string'}}}}", "common");
    generate(
        """
        {'objects': {
          'small-net': {'description': 'A net.', 'root': true,
            'properties': {'is_on': {'type': 'boolean', 'description': 'Is it?'}},
            'references': {'small-net': {'attr': 'Way'}}}},
         'types': {'Way': {'description': 'A way.', 'fields': {
            'static': {'type': 'string', 'values': ['a', 'b']},
            'hop_count': {'type': 'integer', 'range': [0, 9], 'list': true, 'xml': 'hop_count'}}}}}
        """,
        "net");
    assertThat(Files.readString(directory.resolve("java/weft/schema/gen/Way.java")))
        .contains("@Nullable String static_", "List<Long> hopCount", "/** A way. */");
    assertThat(Files.readString(directory.resolve("java/weft/schema/gen/SmallNet.java")))
        .contains(
            "@Nullable Boolean isOn",
            "@Nullable String displayName",
            "List<TypedRef<Way>> smallNetRefs");
    assertThat(Files.readString(directory.resolve("resources/weft/schema/schema.table")))
        .isEqualTo(
            """
            complex\tWay\tA way.
             property\tstatic\tstatic\tstring\ta|b\tSINGLE\t\tUNSPECIFIED\t\t
             property\thop_count\thop_count\tinteger\t0|9\tLIST\t\tUNSPECIFIED\t\t
            object\tsmall-net\troot\tA net.
             property\tis_on\tis-on\tboolean\t\tSINGLE\t\tOPTIONAL\t\tIs it?
             property\tdisplay_name\tdisplay-name\tstring\t\tSINGLE\t\tOPTIONAL\t\t
             reference\tsmall_net_refs\tsmall-net\tWay\t\tsmall-net-small-net\tOPTIONAL
            """);
  }

  @Test
  void leavesAloneWhatStaysAndRemovesWhatIsGone() throws IOException {
    generate("{'types': {'A': {'fields': {}}, 'B': {'fields': {}}}}", "x");
    Path kept = directory.resolve("java/weft/schema/gen/A.java");
    Files.setLastModifiedTime(kept, FileTime.fromMillis(1000));
    generate("{'types': {'A': {'fields': {}}}}", "x");
    assertThat(Files.getLastModifiedTime(kept)).isEqualTo(FileTime.fromMillis(1000));
    assertThat(directory.resolve("java/weft/schema/gen/B.java")).doesNotExist();
  }

  @Test
  void refusesMistakesByName() {
    assertThatThrownBy(() -> generate("{'types': {'A': {'feilds': {}}}}", "x"))
        .hasMessage("A: unknown key feilds");
    assertThatThrownBy(() -> generate("{'types': {'A': {'fields': {'f': {'type': 'B'}}}}}", "x"))
        .hasMessage("A: unknown type B");
    assertThatThrownBy(() -> generate("{'objects': {'o': {'parents': {'p': {}}}}}", "x"))
        .hasMessage("o: unknown object type p");
    assertThatThrownBy(
            () -> generate("{'objects': {'a-b': {}}, 'types': {'AB': {'fields': {}}}}", "x"))
        .hasMessage("two types would be the class AB");
  }

  @Test
  void javaNames() {
    assertThat(JavaNames.type("virtual-DNS-record")).isEqualTo("VirtualDNSRecord");
    assertThat(JavaNames.component("ip_prefix_len")).isEqualTo("ipPrefixLen");
    assertThat(JavaNames.component("LANSegmentList")).isEqualTo("lanSegmentList");
    assertThat(JavaNames.component("virtual_DNS_data")).isEqualTo("virtualDNSData");
    assertThat(JavaNames.component("type_")).isEqualTo("type");
    assertThat(JavaNames.component("default")).isEqualTo("default_");
  }

  private void generate(String json, String name) throws IOException {
    Path descriptions = Files.createDirectories(directory.resolve("in"));
    Files.writeString(descriptions.resolve(name + ".json"), json.replace('\'', '"'));
    Generator.main(
        new String[] {
          descriptions.toString(),
          directory.resolve("java").toString(),
          directory.resolve("resources").toString()
        });
  }
}
