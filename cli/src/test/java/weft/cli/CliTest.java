package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import weft.http.HttpOptions;
import weft.http.HttpServer;
import weft.http.Json;
import weft.http.Request;
import weft.http.Response;
import weft.http.Routes;

/** The commands as typed, against a server that plays controller, control node and vRouter. */
class CliTest {
  private final List<String> requests = new ArrayList<>();
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private HttpServer server;
  private String url;

  @BeforeEach
  void serve() throws IOException {
    Routes routes =
        Routes.builder()
            .get("/", _ -> json("{'links':[]}"))
            .get("/peers", _ -> json("{'peers':[{'state':'up','peer':'h1'}]}"))
            .get("/rt", this::routeTable)
            .get("/routes", this::routes)
            .get(
                "/status",
                _ ->
                    json(
                        "{'roles':[{'role':'api'}],'config':{'objects':7},'control':'Established',"
                            + "'ports':3,'ports_active':2,'tables_in_sync':true,'up_seconds':5}"))
            .get("/why", _ -> json("{'derived':[{'type':'t','name':'n','from':['x y']}]}"))
            .post("/trace", this::trace)
            .build();
    server = HttpServer.start(new HttpOptions("127.0.0.1", 0), routes);
    url = "http://127.0.0.1:" + server.port();
  }

  @AfterEach
  void stop() {
    server.close();
  }

  private static Response json(String text) {
    return Response.json(Json.parse(text.replace('\'', '"')));
  }

  private Response routeTable(Request request) {
    return json(
        "{'rt':[{'label':16,'prefix':'10.1.1.3/32','vrf':'"
            + request.query().first("vrf")
            + "'}]}");
  }

  /** Five routes in pages. */
  private Response routes(Request request) {
    requests.add(String.valueOf(request.query().parameters()));
    int at = Integer.parseInt(Objects.requireNonNullElse(request.query().first("after"), "0"));
    int end = Math.min(5, at + Integer.parseInt(request.query().first("limit")));
    StringBuilder rows = new StringBuilder();
    for (int i = at; i < end; i++) {
      rows.append(i == at ? "" : ",").append("{'prefix':'10.0.0." + i + "/32','med':7}");
    }
    return json("{'routes':[" + rows + "]" + (end < 5 ? ",'next':'" + end + "'}" : "}"));
  }

  private Response trace(Request request) {
    requests.add(request.text());
    return json("{'decisions':['vif 3','route 10.1.1.0/24'],'outcome':'forwarded'}");
  }

  private int weft(String... arguments) {
    CommandLine weft = Main.commandLine();
    weft.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(1, List.of("--api", url, "--control", url, "--controller", url, "--vrouter", url));
    return weft.execute(all.toArray(String[]::new));
  }

  @Test
  void tellsWhatIsWrongOnOneLine() {
    stop();
    assertThat(weft("peers")).isEqualTo(1);
    assertThat(err.toString()).startsWith("weft: cannot reach " + url).hasLineCount(1);
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    assertThat(weft("get", "vn")).isEqualTo(2);
    assertThat(err.toString()).contains("'NAME'").hasLineCount(1);
    assertThat(weft("peers", "--tabel", "x")).isEqualTo(2);
    CommandLine weft = Main.commandLine().setErr(new PrintWriter(err, true));
    err.getBuffer().setLength(0);
    assertThat(weft.execute("stauts")).isEqualTo(2);
    assertThat(err.toString()).contains("status").hasLineCount(1);
  }

  @Test
  void printsTables() {
    assertThat(weft("peers")).isZero();
    assertThat(weft("rt", "--vrf", "d:p:blue:blue")).isZero();
    assertThat(out.toString())
        .isEqualTo(
            """
            PEER  STATE
            h1    up
            VRF            PREFIX       LABEL
            d:p:blue:blue  10.1.1.3/32  16
            """);
  }

  @Test
  void longTablesComeInPages() {
    assertThat(weft("routes", "--limit", "2", "--prefix", "10.0.0.0/8")).isZero();
    assertThat(out.toString()).isEqualTo("PREFIX\n10.0.0.0/32\n10.0.0.1/32\n");
    assertThat(err.toString()).isEqualTo("There is more: --after 2, or --limit 0\n");
    assertThat(requests).containsExactly("{limit=[2], prefix=[10.0.0.0/8]}");
    out.getBuffer().setLength(0);
    assertThat(weft("routes", "--after", "2", "--limit", "0", "--wide")).isZero();
    assertThat(out.toString().lines()).hasSize(4).first().isEqualTo("PREFIX       MED");
    out.getBuffer().setLength(0);
    assertThat(weft("routes", "--limit", "5", "-o", "yaml")).isZero();
    assertThat(out.toString()).startsWith("routes:\n").doesNotContain("next");
    assertThat(weft("routes", "--limit", "many")).isEqualTo(2);
  }

  @Test
  void traces() {
    assertThat(
            weft(
                "trace",
                "--vif",
                "tap1",
                "--src",
                "10.1.1.3",
                "--dst",
                "10.1.1.4",
                "--proto",
                "tcp",
                "--dport",
                "80"))
        .isZero();
    assertThat(out.toString()).isEqualTo("vif 3\nroute 10.1.1.0/24\n=> forwarded\n");
    assertThat(Json.parse(requests.getFirst()).path("destination_port").asInt()).isEqualTo(80);
  }

  @Test
  void tellsTheStatusOfAll() {
    assertThat(weft("status")).isZero();
    assertThat(out.toString().lines())
        .hasSize(5)
        .anyMatch(line ->
            line.endsWith("control node Established, 2 of 3 ports active, tables in sync, up 5 s"))
        .anyMatch(line -> line.startsWith("controller") && line.contains("runs api; 7 objects"))
        .anyMatch(line -> line.startsWith("control node") && line.contains("h1 up"));
    stop();
    assertThat(weft("status")).isEqualTo(1);
    assertThat(out.toString()).contains("down");
  }

  @Test
  void saysWhy() {
    assertThat(weft("why", "d:p:blue:blue")).isZero();
    assertThat(out.toString()).isEqualTo("t n\n  x y\n");
  }

  @Test
  void printsTheDefaultsOfTheController() {
    CommandLine weft = Main.commandLine().setOut(new PrintWriter(out, true));
    assertThat(weft.execute("controller", "--defaults")).isZero();
    assertThat(out.toString()).contains("control.bgp.port=179");
  }

  @Test
  void refusesAnUnknownKeyOfTheController(@TempDir Path directory) throws IOException {
    Path file = directory.resolve("controller.properties");
    Files.writeString(file, "api.prot=1\n");
    CommandLine weft = Main.commandLine().setErr(new PrintWriter(err, true));
    assertThat(weft.execute("controller", "--config", file.toString())).isEqualTo(2);
    assertThat(err.toString()).contains("unknown key api.prot; did you mean api.port?");
  }
}
