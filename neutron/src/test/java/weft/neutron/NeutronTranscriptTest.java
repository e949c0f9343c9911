package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.Json;

/**
 * Calls recorded with the system that we are compatible with are answered as there, field by field,
 * but for uuids, times and MACs. Where we say more, the field is named here.
 */
class NeutronTranscriptTest {
  private static final Pattern UUIDS =
      Pattern.compile(
          "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\\b[0-9a-f]{32}\\b");

  /** Fields that are always there here and were not there. */
  private static final Set<String> MORE =
      Set.of(
          "project_id",
          "description",
          "revision_number",
          "tags",
          "availability_zones",
          "availability_zone_hints",
          "is_default",
          "provider:network_type",
          "provider:physical_network",
          "provider:segmentation_id",
          "subnetpool_id",
          "segment_id",
          "service_types",
          "binding:profile",
          "extra_dhcp_opts",
          "stateful",
          "normalized_cidr",
          "remote_address_group_id",
          "routes",
          "ha",
          "distributed",
          "flavor_id",
          "external_fixed_ips",
          "port_details",
          "network_id",
          "subnet_ids",
          "shared");

  /** Fields that were left null there and are known here. */
  private static final Set<String> KNOWN_HERE =
      Set.of("created_at", "updated_at", "gw_port_id", "rule_uuid");

  /** One exchange of the transcript. */
  private record Exchange(
      String resource,
      String operation,
      JsonNode data,
      int status,
      String contentType,
      String answer) {}

  private final Map<String, String> ours = new HashMap<>();
  private final List<String> differences = new ArrayList<>();

  @Test
  void answersAsRecorded() throws IOException {
    Path file =
        Path.of(System.getProperty("weft.shared", "../shared"), "data/vnc-transcripts/nwire.txt");
    assumeTrue(Files.exists(file), "no transcript at " + file);
    List<Exchange> exchanges = read(Files.readString(file).replace("\r", ""));
    assertThat(exchanges).hasSizeGreaterThan(25);
    try (TestNeutron neutron = new TestNeutron()) {
      UUID project = neutron.defaultProject();
      ours.put("f5b0bfee444e4d0bb4dcf61c5623b4d6", Ids.undashed(project));
      ours.put("f5b0bfee-444e-4d0b-b4dc-f61c5623b4d6", project.toString());
      for (Exchange exchange : exchanges) {
        replay(exchange, neutron.admin(project));
      }
    }
    assertThat(differences).as(String.join("\n", differences)).isEmpty();
  }

  private void replay(Exchange exchange, TestNeutron.Asking admin) throws IOException {
    String data = translate(Json.text(exchange.data()));
    HttpCalls.Reply reply = admin.call(exchange.resource(), exchange.operation(), data);
    String at = exchange.operation() + " " + exchange.resource() + " " + data;
    if (reply.status() != exchange.status()
        || !exchange.contentType().equals(reply.header("content-type"))) {
      differences.add(
          at + ": " + reply.status() + " " + reply.header("content-type") + " " + reply.text());
    }
    if (exchange.answer().isEmpty()) {
      assertThat(reply.text()).isEmpty();
    } else {
      compare(at, Json.parse(exchange.answer()), reply.json());
    }
  }

  private void compare(String at, JsonNode recorded, JsonNode actual) {
    if (recorded.isObject() && actual.isObject()) {
      for (Map.Entry<String, JsonNode> field : recorded.properties()) {
        String name = field.getKey();
        if (!(KNOWN_HERE.contains(name) && field.getValue().isNull())) {
          compare(at + " ." + name, field.getValue(), actual.path(name));
        }
      }
      Set<String> more = new TreeSet<>(actual.propertyNames());
      more.removeAll(recorded.propertyNames());
      more.removeAll(MORE);
      if (!more.isEmpty()) {
        differences.add(at + " says more: " + more);
      }
    } else if (recorded.isArray() && actual.isArray()) {
      if (recorded.size() != actual.size()) {
        differences.add(at + ": recorded " + recorded + ", ours " + actual);
      }
      for (int i = 0; i < Math.min(recorded.size(), actual.size()); i++) {
        compare(at + "[" + i + "]", recorded.get(i), actual.get(i));
      }
    } else if (recorded.isString() && actual.isString()) {
      compareText(at, recorded.stringValue(), actual.stringValue());
    } else if (!recorded.equals(actual)) {
      differences.add(at + ": recorded " + recorded + ", ours " + actual);
    }
  }

  private void compareText(String at, String recorded, String actual) {
    Matcher one = UUIDS.matcher(recorded);
    Matcher other = UUIDS.matcher(actual);
    while (one.find() && other.find()) {
      ours.putIfAbsent(one.group(), other.group());
    }
    if (!canonical(translate(recorded)).equals(canonical(actual))) {
      differences.add(at + ": recorded " + recorded + ", ours " + actual);
    }
  }

  private static String canonical(String text) {
    return text.replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{6}", "TIME")
        .replaceAll("^02(:[0-9a-f]{2}){5}$", "MAC");
  }

  private String translate(String text) {
    return UUIDS.matcher(text).replaceAll(match -> ours.getOrDefault(match.group(), match.group()));
  }

  private static List<Exchange> read(String transcript) {
    List<Exchange> exchanges = new ArrayList<>();
    for (String block : transcript.split("(?m)^### ")) {
      if (!block.startsWith("POST /neutron/")) {
        continue;
      }
      String[] lines = block.split("\n", -1);
      String[] first = lines[0].split("\\s+");
      String contentType = "";
      int line = 3;
      while (!lines[line].isEmpty()) {
        if (lines[line].startsWith("Content-Type: ")) {
          contentType = lines[line].substring(14);
        }
        line++;
      }
      exchanges.add(
          new Exchange(
              first[1].substring("/neutron/".length()),
              first[2],
              Json.parse(lines[1].substring("> data: ".length())),
              Integer.parseInt(lines[2].split(" ")[1]),
              contentType,
              String.join("\n", List.of(lines).subList(line + 1, lines.length)).strip()));
    }
    return exchanges;
  }
}
