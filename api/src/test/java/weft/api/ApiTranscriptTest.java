package weft.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.Json;

/**
 * The requests of a recorded session with the system that we are compatible with: each is answered
 * as it was there, but for uuids, times and the order of keys and of unordered lists.
 */
class ApiTranscriptTest {
  private static final Pattern UUID =
      Pattern.compile("[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}");
  private static final Pattern TIME =
      Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}");
  private static final Pattern MAC = Pattern.compile("02(:[0-9a-f]{2}){5}");
  private static final Pattern BASE = Pattern.compile("http://127.0.0.1:\\d+");
  private static final String REFERRED = "409 Delete when resource still referred: ";

  /** One exchange of the transcript. */
  private record Exchange(
      String method, String path, String body, int status, String contentType, String answer) {}

  @Test
  void answersAsRecordedFromMemory() throws IOException {
    try (TestApi api = TestApi.inMemory()) {
      replay(api);
    }
  }

  @Test
  void answersAsRecordedFromDisk(@TempDir Path directory) throws IOException {
    try (TestApi api = TestApi.onDisk(directory)) {
      replay(api);
    }
  }

  private static void replay(TestApi api) throws IOException {
    Path file =
        Path.of(System.getProperty("weft.shared", "../shared"), "data/vnc-transcripts/wire.txt");
    assumeTrue(Files.exists(file), "no transcript at " + file);
    List<Exchange> exchanges = read(Files.readString(file).replace("\r", ""));
    assertThat(exchanges).hasSizeGreaterThan(70);
    Map<String, String> ours = new HashMap<>();
    List<String> differences = new ArrayList<>();
    for (Exchange exchange : exchanges) {
      HttpCalls.Reply reply =
          api.calls.call(
              exchange.method(),
              translate(exchange.path(), ours),
              translate(exchange.body(), ours));
      if (exchange.status() == 500) {
        // There a failure, here a refusal that says why.
        if (reply.status() != 400 || reply.text().isEmpty()) {
          differences.add(exchange.path() + " -> " + reply);
        }
        continue;
      }
      if (exchange.path().startsWith("/documentation/")) {
        // There not installed, here a page.
        if (!reply.ok()) {
          differences.add(exchange.path() + " -> " + reply);
        }
        continue;
      }
      learn(exchange.answer(), reply.text(), ours);
      String expected =
          exchange.status() + " " + canonical(translate(exchange.answer(), ours), api);
      String actual = reply.status() + " " + canonical(reply.text(), api);
      // There the referrers of one type are named, here all.
      boolean named = expected.startsWith(REFERRED) && actual.startsWith(REFERRED);
      if (!actual.equals(expected) && !(named && actual.contains(expected.split("'")[1]))) {
        differences.add(
            exchange.method()
                + " "
                + exchange.path()
                + " "
                + exchange.body()
                + "\n  recorded "
                + expected
                + "\n  ours     "
                + actual);
      }
      boolean typed = exchange.contentType().equals(reply.header("content-type"));
      if (!typed) {
        differences.add(exchange.path() + " content type " + reply.header("content-type"));
      }
    }
    assertThat(differences).as(String.join("\n", differences)).isEmpty();
  }

  /** Pairs the uuids of two answers that are found at the same place. */
  private static void learn(String recorded, String actual, Map<String, String> ours) {
    if (!recorded.startsWith("{") || !actual.startsWith("{")) {
      pair(recorded, actual, ours);
      return;
    }
    learn(Json.parse(recorded), Json.parse(actual), ours);
  }

  private static void learn(JsonNode recorded, JsonNode actual, Map<String, String> ours) {
    if (recorded.isObject()) {
      recorded.properties().forEach(e -> learn(e.getValue(), actual.path(e.getKey()), ours));
    } else if (recorded.isArray()) {
      for (int i = 0; i < recorded.size(); i++) {
        JsonNode item = recorded.get(i);
        JsonNode same = actual.path(i);
        for (JsonNode candidate : actual) {
          if (item.has("fq_name") && item.get("fq_name").equals(candidate.path("fq_name"))) {
            same = candidate;
          }
        }
        learn(item, same, ours);
      }
    } else if (recorded.isString() && actual.isString()) {
      pair(recorded.stringValue(), actual.stringValue(), ours);
    }
  }

  private static void pair(String recorded, String actual, Map<String, String> ours) {
    Matcher one = UUID.matcher(recorded);
    Matcher other = UUID.matcher(actual);
    while (one.find() && other.find()) {
      ours.putIfAbsent(one.group(), other.group());
    }
  }

  private static String translate(String text, Map<String, String> ours) {
    return text == null
        ? null
        : UUID.matcher(text).replaceAll(match -> ours.getOrDefault(match.group(), match.group()));
  }

  /** With sorted keys and sorted lists of objects, and without what differs by nature. */
  private static String canonical(String text, TestApi api) {
    String plain = BASE.matcher(text.strip()).replaceAll("http://HOST");
    if (plain.startsWith("{")) {
      plain = canonical(Json.parse(plain));
    }
    plain = TIME.matcher(plain).replaceAll("TIME");
    plain = MAC.matcher(plain).replaceAll("MAC");
    return plain.replaceAll("uuid_([ml])slong=\\d+", "uuid_$1slong=N");
  }

  private static String canonical(JsonNode node) {
    if (node.isObject()) {
      Map<String, String> sorted = new TreeMap<>();
      node.properties().forEach(e -> sorted.put(e.getKey(), canonical(e.getValue())));
      return sorted.toString();
    }
    if (node.isArray()) {
      boolean objects = !node.isEmpty() && node.get(0).isObject();
      List<String> items = new ArrayList<>();
      node.forEach(item -> items.add(canonical(item)));
      return objects ? new TreeSet<>(items) + "#" + items.size() : items.toString();
    }
    return node.toString();
  }

  private static List<Exchange> read(String transcript) {
    List<Exchange> exchanges = new ArrayList<>();
    for (String block : transcript.split("(?m)^### ")) {
      if (block.isBlank()) {
        continue;
      }
      String[] lines = block.split("\n", -1);
      int line = 1;
      String body = null;
      if (lines[line].startsWith("> ")) {
        body = lines[line++].substring(2);
      }
      int status = Integer.parseInt(lines[line++].split(" ")[1]);
      String contentType = "";
      while (!lines[line].isEmpty()) {
        if (lines[line].startsWith("Content-Type: ")) {
          contentType = lines[line].substring(14);
        }
        line++;
      }
      String[] first = lines[0].split(" ");
      exchanges.add(
          new Exchange(
              first[0],
              first[1],
              body,
              status,
              contentType,
              String.join("\n", List.of(lines).subList(line + 1, lines.length)).strip()));
    }
    return exchanges;
  }
}
