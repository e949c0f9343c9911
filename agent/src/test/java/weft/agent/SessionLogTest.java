package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.agent.core.AgentCore;
import weft.agent.core.Ids;
import weft.http.Json;
import weft.net.IpAddress;
import weft.vrouter.Acl;
import weft.vrouter.DropReason;
import weft.vrouter.Flow;
import weft.vrouter.FlowKey;

class SessionLogTest {
  @TempDir Path directory;

  private static Flow flow(FlowKey key, boolean forward, long packets) {
    return new Flow(
        key,
        Acl.Action.PASS,
        forward,
        forward,
        DropReason.NONE,
        0,
        -1,
        packets,
        packets * 100,
        5000,
        null,
        false,
        null,
        forward ? 0x13 : 0x12);
  }

  private static FlowKey key(int port) {
    return new FlowKey(3, IpAddress.parse("10.1.1.3"), IpAddress.parse("10.1.1.4"), 6, port, 80);
  }

  @Test
  void eachSessionIsARecordAndOldFilesMakePlace() throws Exception {
    Path file = directory.resolve("sessions.jsonl");
    int sessions = 5000;
    SessionLog log = new SessionLog(file, 200_000, new AgentCore(new Ids()));
    try (log) {
      for (int port = 1; port <= sessions; port++) {
        Flow forward = flow(key(port), true, 7);
        Flow reverse = flow(key(port).reverse(), false, 5);
        log.ended(port % 2 == 0 ? forward : reverse, port % 2 == 0 ? reverse : forward);
      }
    }
    assertThat(log.written() + log.lost()).isEqualTo(sessions);
    assertThat(log.lost()).isZero();
    Path before = directory.resolve("sessions.jsonl.1");
    assertThat(Files.size(file) + Files.size(before)).isLessThan(2_000_000);
    List<String> lines = Files.readAllLines(file);
    JsonNode last = Json.parse(lines.getLast().getBytes(java.nio.charset.StandardCharsets.UTF_8));
    assertThat(last.path("source_port").asInt()).isEqualTo(sessions);
    assertThat(last.path("packets").asLong()).isEqualTo(7);
    assertThat(last.path("reverse_packets").asLong()).isEqualTo(5);
    assertThat(last.path("tcp_flags").asInt()).isEqualTo(0x13);
    assertThat(last.path("action").asString()).isEqualTo("pass");
  }

  @Test
  void aDiskThatTakesNothingCostsRecordsThatAreCounted() {
    Path nowhere = directory.resolve("missing").resolve("sessions.jsonl");
    SessionLog log = new SessionLog(nowhere, 1000, new AgentCore(new Ids()));
    try (log) {
      log.ended(flow(key(1), true, 1), null);
    }
    assertThat(log.lost()).isEqualTo(1);
    assertThat(log.written()).isZero();
  }
}
