package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.Json;

class TableTest {
  private static String print(String json, String... first) {
    List<JsonNode> rows = new ArrayList<>();
    Json.parse(json).forEach(rows::add);
    StringWriter text = new StringWriter();
    Table.print(rows, List.of(first), new PrintWriter(text, true));
    return text.toString();
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
  void anEmptyTableSaysSo() {
    assertThat(print("[]", "prefix")).isEqualTo("(none)\n");
  }
}
