package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import weft.http.HttpCalls;

/** Every path that clients know is answered, and stands in the documentation. */
class ApiPathsTest {
  private static final List<String> HELPERS_OF_THE_FABRIC_MANAGER =
      List.of(
          "POST /execute-job",
          "POST /abort-job",
          "POST /amqp-publish",
          "POST /amqp-request",
          "POST /hbs-get",
          "POST /fetch-records",
          "POST /start-profile",
          "POST /stop-profile",
          "GET /obj-cache",
          "POST /obj-cache",
          "POST /security-policy-draft");

  private static final List<String> REAL =
      List.of(
          "GET /",
          "POST /fqname-to-id",
          "POST /id-to-fqname",
          "POST /ref-update",
          "POST /ref-relax-for-delete",
          "GET /prop-collection-get",
          "POST /prop-collection-update",
          "POST /list-bulk-collection",
          "POST /useragent-kv",
          "POST /set-tag",
          "POST /chown",
          "POST /chmod",
          "GET /obj-perms",
          "GET /aaa-mode",
          "PUT /aaa-mode",
          "POST /transaction",
          "GET /watch",
          "POST /db-check",
          "POST /int-pools",
          "DELETE /int-pools",
          "GET /int-pool",
          "POST /int-pool",
          "DELETE /int-pool",
          "GET /openapi.json",
          "GET /metrics");

  private static String path(String call) {
    return call.substring(call.indexOf(' ') + 1);
  }

  private static HttpCalls.Reply call(TestApi api, String call) throws IOException {
    String method = call.substring(0, call.indexOf(' '));
    return api.call(method, path(call), method.equals("GET") ? null : "{}");
  }

  @Test
  void everyPathIsAnsweredOrRefusedWithAReason() throws IOException {
    String page = Files.readString(Path.of("../docs/api.md"));
    try (TestApi api = TestApi.inMemory()) {
      for (String each : HELPERS_OF_THE_FABRIC_MANAGER) {
        HttpCalls.Reply reply = call(api, each);
        assertThat(reply.status()).as(each).isEqualTo(501);
        assertThat(reply.text()).startsWith(path(each).substring(1) + " is not available: ");
        assertThat(page).contains("`" + path(each) + "`");
      }
      for (String each : REAL) {
        HttpCalls.Reply reply = call(api, each);
        assertThat(reply.status()).as(each + " " + reply.text()).isLessThan(500);
        assertThat(reply.text()).as(each).doesNotStartWith("Not found: ");
        assertThat(page).as(each).contains(path(each) + "`");
      }
      String network = api.network("n", "{'subnet':{'ip_prefix':'10.0.0.0','ip_prefix_len':24}}");
      for (String each : List.of("ip-alloc", "ip-free", "subnet-ip-count")) {
        assertThat(api.post("/virtual-network/" + network + "/" + each, "{}").status())
            .isEqualTo(200);
        assertThat(page).contains("/" + each);
      }
    }
  }
}
