package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import weft.api.ApiOptions;
import weft.api.ApiServer;
import weft.config.ConfigDb;
import weft.state.EventLoop;
import weft.state.FaultHandler;
import weft.store.MemoryStore;

/** A config API of its own, and the program `weft` as its user types it. */
final class ApiFixture implements AutoCloseable {
  private final EventLoop loop;
  private final MemoryStore store;
  private final ConfigDb db;
  private final ApiServer server;
  private String out = "";
  private String err = "";

  ApiFixture() throws IOException {
    loop = EventLoop.start("clock", FaultHandler.rethrow());
    store = new MemoryStore(loop);
    db = ConfigDb.open(store);
    server = ApiServer.start(new ApiOptions("127.0.0.1", 0), db, store);
  }

  String url() {
    return "http://127.0.0.1:" + server.port();
  }

  ConfigDb db() {
    return db;
  }

  /** Runs a command. */
  int weft(String... arguments) {
    return weft("", arguments);
  }

  /** Runs a command that may read `input`. */
  int weft(String input, String[] arguments) {
    StringWriter written = new StringWriter();
    StringWriter wrong = new StringWriter();
    CommandLine weft = Main.commandLine();
    weft.setOut(new PrintWriter(written, true)).setErr(new PrintWriter(wrong, true));
    List<String> all = new java.util.ArrayList<>(List.of(arguments));
    all.addAll(1, List.of("--api", url()));
    InputStream before = System.in;
    int status;
    try {
      System.setIn(new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)));
      status = weft.execute(all.toArray(String[]::new));
    } finally {
      System.setIn(before);
    }
    out = written.toString();
    err = wrong.toString();
    return status;
  }

  /** Runs a command that succeeds, and returns what it prints. */
  String done(String... arguments) {
    assertThat(weft(arguments)).as(String.join(" ", arguments) + ": " + err).isZero();
    return out;
  }

  /** Runs a command that is refused, and returns what it says, without `weft: `. */
  String refused(String... arguments) {
    assertThat(weft(arguments)).isEqualTo(1);
    assertThat(err).startsWith("weft: ").hasLineCount(1);
    return err.strip().substring("weft: ".length());
  }

  String out() {
    return out;
  }

  String err() {
    return err;
  }

  @Override
  public void close() {
    server.close();
    db.close();
    store.close();
    loop.close();
  }
}
