package weft.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.swagger.v3.parser.OpenAPIV3Parser;
import io.swagger.v3.parser.core.models.ParseOptions;
import io.swagger.v3.parser.core.models.SwaggerParseResult;
import java.io.IOException;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;

/** What the API says of itself: valid, and neither more nor less than it serves. */
class ApiDescriptionTest {
  private static final Set<String> METHODS = Set.of("get", "post", "put", "delete");
  private TestApi api;

  @BeforeEach
  void start() throws IOException {
    api = TestApi.inMemory();
  }

  @AfterEach
  void stop() {
    api.close();
  }

  @Test
  void theDescriptionIsValidOpenApi() throws IOException {
    ParseOptions options = new ParseOptions();
    options.setResolve(true);
    SwaggerParseResult result =
        new OpenAPIV3Parser().readContents(api.get("/openapi.json").text(), null, options);
    assertThat(result.getMessages()).isEmpty();
    assertThat(result.getOpenAPI().getPaths()).hasSizeGreaterThan(250);
  }

  @Test
  void allThatIsServedIsDescribedAndNothingElse() throws IOException {
    Set<String> described = new TreeSet<>();
    JsonNode paths = api.get("/openapi.json").json().path("paths");
    paths.forEachEntry((path, item) ->
        item.forEachEntry((method, operation) -> {
          // Neutron's calls are served where the controller mounts them.
          if (METHODS.contains(method) && !path.startsWith("/neutron/")) {
            described.add(method.toUpperCase(Locale.ROOT) + " " + path);
          }
        }));
    assertThat(described).containsExactlyInAnyOrderElementsOf(api.servedCalls());
  }

  @Test
  void theReferenceOfAllTypesIsWhereTheHomepageSaysItIs() throws IOException {
    JsonNode home = api.get("/").json();
    String page = null;
    for (JsonNode link : home.path("links")) {
      if (link.at("/link/rel").asString("").equals("documentation")) {
        page = link.at("/link/href").asString("");
      }
    }
    assertThat(page).startsWith(api.base);
    HttpCalls.Reply reply = api.get(page.substring(api.base.length()));
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.text()).contains("<h2 id=\"virtual-network\">", "absent means 300");
    assertThat(api.get("/documentation/other.html").status()).isEqualTo(404);
  }
}
