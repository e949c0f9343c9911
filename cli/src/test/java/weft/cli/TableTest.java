package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.Json;

class TableTest {
  private static String print(String json, String... first) {
    List<JsonNode> rows = new ArrayList<>();
    Json.parse(json).forEach(rows::add);
    return String.join("\n", Table.of(rows, List.of(first)).lines()) + "\n";
  }

  @Test
  void columnsAreAlignedAndInTheOrderAskedFor() {
    assertThat(
            print(
                """
                [{"label":16,"prefix":"10.1.1.3/32","next_hop":null},
                 {"label":-1,"prefix":"0.0.0.0/0","next_hop":{"type":"tunnel","to":"172.31.0.12"},"groups":[1,2]}]
                """,
                "prefix",
                "absent",
                "label"))
        .isEqualTo(
            """
            PREFIX       LABEL  NEXT HOP                      GROUPS
            10.1.1.3/32  16
            0.0.0.0/0    -1     {type=tunnel to=172.31.0.12}  1,2
            """);
  }

  @Test
  void aColumnWithoutAnyValueIsLeftOut() {
    assertThat(print("[{\"a\":1,\"b\":null,\"c\":[],\"d\":{}}]", "d")).isEqualTo("A\n1\n");
  }

  @Test
  void anEmptyTableSaysSo() {
    assertThat(print("[]", "prefix")).isEqualTo("(none)\n");
  }
}
