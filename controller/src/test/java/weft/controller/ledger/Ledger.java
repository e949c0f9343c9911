package weft.controller.ledger;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.http.HttpCalls;
import weft.http.Json;

/**
 * What writers asked of a config API and what was answered; a config is held against it.
 *
 * <p>Each object is written to by one writer at a time. Once a call about it has no answer, there
 * are two states that it may be in, and nobody writes to it any more.
 */
public final class Ledger {
  /** Names of what writers make begin so; everything else is left out of account. */
  static final String PREFIX = "led-";

  /** How the states of the objects of a type are told from what the API shows. */
  enum Kind {
    NETWORK("virtual-network", List.of("network_policy_refs")),
    PORT("virtual-machine-interface", List.of("virtual_network_refs")),
    ADDRESS("instance-ip", List.of("virtual_network_refs", "virtual_machine_interface_refs")),
    GROUP("security-group", List.of()),
    POLICY("network-policy", List.of());

    final String type;
    final List<String> refs;

    Kind(String type, List<String> refs) {
      this.type = type;
      this.refs = refs;
    }

    /** What of an object writers determine. */
    SortedMap<String, String> state(JsonNode object) {
      SortedMap<String, String> state = new TreeMap<>();
      state.put("name", object.path("fq_name").toString());
      state.put("display_name", object.path("display_name").asString(""));
      for (String list : refs) {
        Set<String> targets = new java.util.TreeSet<>();
        object.path(list).forEach(ref -> targets.add(ref.path("uuid").asString()));
        state.put(list, targets.toString());
      }
      for (JsonNode pair : object.at("/virtual_machine_interface_bindings/key_value_pair")) {
        state.put("binding " + pair.path("key").asString(), pair.path("value").asString());
      }
      return state;
    }
  }

  /** The states that an object may be in; null where it may not exist. */
  private record Page(Kind kind, List<@Nullable SortedMap<String, String>> possible) {}

  private final Map<String, Page> objects = new LinkedHashMap<>();
  private final Map<String, List<@Nullable String>> values = new HashMap<>();
  private final List<String> refusals = new ArrayList<>();
  private long acknowledged;
  private long unanswered;

  /** The one state that an object is in now. */
  synchronized void acknowledged(
      String uuid, Kind kind, @Nullable SortedMap<String, String> state) {
    List<@Nullable SortedMap<String, String>> one = new ArrayList<>();
    one.add(state == null ? null : new TreeMap<>(state));
    objects.put(uuid, new Page(kind, one));
    told();
  }

  /** A call that had no answer: the object is as before or so. */
  synchronized void unanswered(String uuid, Kind kind, @Nullable SortedMap<String, String> state) {
    Page page = objects.computeIfAbsent(uuid, _ -> new Page(kind, new ArrayList<>()));
    if (page.possible().isEmpty()) {
      page.possible().add(null);
    }
    page.possible().add(state == null ? null : new TreeMap<>(state));
    unanswered++;
  }

  synchronized void stored(String key, String value, boolean answered) {
    List<@Nullable String> possible = values.computeIfAbsent(key, _ -> new ArrayList<>());
    if (answered) {
      possible.clear();
      told();
    } else {
      unanswered++;
      if (possible.isEmpty()) {
        possible.add(null);
      }
    }
    possible.add(value);
  }

  /** A refusal that nothing explains. */
  synchronized void refused(String call, HttpCalls.Reply reply) {
    refusals.add(call + " -> " + reply.status() + " " + reply.text());
    notifyAll();
  }

  private void told() {
    acknowledged++;
    notifyAll();
  }

  /** Waits until so many calls more are acknowledged. */
  public synchronized void awaitAcknowledged(long more) throws InterruptedException {
    long until = acknowledged + more;
    long deadline = System.nanoTime() + 60_000_000_000L;
    while (acknowledged < until && refusals.isEmpty()) {
      long leftMs = (deadline - System.nanoTime()) / 1_000_000;
      if (leftMs <= 0) {
        throw new AssertionError("no " + more + " calls were acknowledged within a minute");
      }
      wait(leftMs);
    }
  }

  public synchronized long acknowledgedCalls() {
    return acknowledged;
  }

  public synchronized long unansweredCalls() {
    return unanswered;
  }

  public synchronized int objects() {
    return objects.size();
  }

  /**
   * Holds a config against the ledger; nobody writes meanwhile.
   *
   * @return what is lost, doubled, half there or held by nobody, one line each
   */
  public synchronized List<String> problems(HttpCalls api) throws IOException {
    List<String> problems = new ArrayList<>(refusals);
    for (Kind kind : Kind.values()) {
      check(kind, api, problems);
    }
    Map<String, String> stored = new HashMap<>();
    JsonNode all = Json.parse("{\"operation\":\"RETRIEVE\",\"key\":null}");
    for (JsonNode pair : api.post("/useragent-kv", all).json().path("value")) {
      stored.put(pair.path("key").asString(), pair.path("value").asString());
    }
    values.forEach((key, possible) -> {
      if (!possible.contains(stored.get(key))) {
        problems.add("useragent-kv " + key + " is " + stored.get(key) + ", not of " + possible);
      }
    });
    problems.addAll(damage(api));
    return problems;
  }

  /** What the server itself finds wrong in its records. */
  public static List<String> damage(HttpCalls api) throws IOException {
    List<String> damage = new ArrayList<>();
    HttpCalls.Reply check = api.post("/db-check", Json.object());
    check.json().path("results").forEach(line -> damage.add(line.asString()));
    return damage;
  }

  private void check(Kind kind, HttpCalls api, List<String> problems) throws IOException {
    Map<String, SortedMap<String, String>> found = new HashMap<>();
    Set<String> names = new HashSet<>();
    Set<String> numbers = new HashSet<>();
    JsonNode list = api.get("/" + kind.type + "s?detail=true").json().path(kind.type + "s");
    for (JsonNode item : list) {
      JsonNode object = item.path(kind.type);
      if (!object.path("name").asString("").startsWith(PREFIX)) {
        continue;
      }
      String uuid = object.path("uuid").asString();
      if (!names.add(object.path("fq_name").toString())) {
        problems.add("twice: " + kind.type + " " + object.path("fq_name"));
      }
      if (found.put(uuid, kind.state(object)) != null) {
        problems.add("twice: " + kind.type + " " + uuid);
      }
      String number = number(kind, object);
      if (number.isEmpty() || !numbers.add(number)) {
        problems.add(kind.type + " " + uuid + " has '" + number + "', as another has");
      }
      Page page = objects.get(uuid);
      if (page == null || page.kind() != kind) {
        problems.add("never asked for: " + kind.type + " " + uuid);
      }
    }
    objects.forEach((uuid, page) -> {
      if (page.kind() == kind && !page.possible().contains(found.get(uuid))) {
        problems.add(
            kind.type + " " + uuid + " is " + found.get(uuid) + ", not of " + page.possible());
      }
    });
  }

  /** What no two objects of a kind may share. */
  private static String number(Kind kind, JsonNode object) {
    return switch (kind) {
      case NETWORK -> object.path("virtual_network_network_id").asString("");
      case GROUP -> object.path("security_group_id").asString("");
      case PORT -> object.at("/virtual_machine_interface_mac_addresses/mac_address/0").asString("");
      case ADDRESS ->
          object.at("/virtual_network_refs/0/uuid").asString("")
              + " "
              + object.path("instance_ip_address").asString("");
      case POLICY -> object.path("uuid").asString();
    };
  }
}
