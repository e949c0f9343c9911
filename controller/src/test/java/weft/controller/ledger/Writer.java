package weft.controller.ledger;

import java.io.IOException;
import java.net.ConnectException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.HttpCalls;
import weft.http.Json;

/** One writer: what it made and may still change, and its next call. */
final class Writer {
  /** Enough objects a kind that deletions keep up with creations. */
  private static final int MANY = 6;

  /** An object of which this writer knows the state. */
  private static final class Thing {
    final Ledger.Kind kind;
    final String uuid;
    SortedMap<String, String> state;
    final List<Thing> needs = new ArrayList<>();
    int users;

    Thing(Ledger.Kind kind, String uuid, SortedMap<String, String> state) {
      this.kind = kind;
      this.uuid = uuid;
      this.state = state;
    }
  }

  private enum Answer {
    YES,
    NO,
    NONE
  }

  private final int number;
  private final Ledger ledger;
  private final Site site;
  private final Ground ground;
  private final Random random;
  private final Map<Ledger.Kind, List<Thing>> things = new EnumMap<>(Ledger.Kind.class);
  private int count;

  Writer(int number, Ledger ledger, Site site, Ground ground, long seed) {
    this.number = number;
    this.ledger = ledger;
    this.site = site;
    this.ground = ground;
    this.random = new Random(seed);
    for (Ledger.Kind kind : Ledger.Kind.values()) {
      things.put(kind, new ArrayList<>());
    }
  }

  void step() throws InterruptedException {
    count++;
    switch (random.nextInt(10)) {
      case 0 -> createNetwork();
      case 1, 2 -> createPort();
      case 3, 4 -> createAddress();
      case 5 -> create(Ledger.Kind.GROUP, Json.object(), List.of());
      case 6 -> rename();
      case 7 -> bind();
      case 8 -> attach();
      default -> store();
    }
    for (Ledger.Kind kind : Ledger.Kind.values()) {
      if (things.get(kind).size() > MANY) {
        delete(kind);
      }
    }
  }

  private void createNetwork() throws InterruptedException {
    ObjectNode body = Json.object();
    Ground.subnet(body, "10." + (number + 1) + ".0.0", 24);
    create(Ledger.Kind.NETWORK, body, List.of());
  }

  private void createPort() throws InterruptedException {
    ObjectNode body = Json.object();
    Thing network = random.nextBoolean() ? null : any(Ledger.Kind.NETWORK);
    refer(body, "virtual_network_refs", network == null ? ground.network() : network.uuid);
    create(Ledger.Kind.PORT, body, network == null ? List.of() : List.of(network));
  }

  private void createAddress() throws InterruptedException {
    Thing port = any(Ledger.Kind.PORT);
    if (port == null) {
      return;
    }
    ObjectNode body = Json.object();
    String network = port.needs.isEmpty() ? ground.network() : port.needs.getFirst().uuid;
    refer(body, "virtual_network_refs", network);
    refer(body, "virtual_machine_interface_refs", port.uuid);
    List<Thing> needs = new ArrayList<>(port.needs);
    needs.add(port);
    create(Ledger.Kind.ADDRESS, body, needs);
  }

  private static void refer(ObjectNode body, String list, String uuid) {
    body.putArray(list).addObject().put("uuid", uuid);
  }

  private void create(Ledger.Kind kind, ObjectNode body, List<Thing> needs)
      throws InterruptedException {
    String uuid = new UUID(random.nextLong(), random.nextLong()).toString();
    body.put("uuid", uuid).put("display_name", "0");
    var fqName = body.putArray("fq_name");
    if (kind != Ledger.Kind.ADDRESS) {
      Ground.PROJECT.forEach(fqName::add);
      body.put("parent_type", "project");
    }
    fqName.add(Ledger.PREFIX + number + "-" + count);
    ObjectNode wrapped = Json.object();
    wrapped.set(kind.type, body);
    Thing thing = new Thing(kind, uuid, kind.state(body));
    Answer answer = call("POST", "/" + kind.type + "s", wrapped);
    if (answer != Answer.NO) {
      thing.needs.addAll(needs);
      needs.forEach(need -> need.users++);
    }
    if (answer == Answer.YES) {
      things.get(kind).add(thing);
    }
    note(answer, thing, thing.state);
  }

  private void delete(Ledger.Kind kind) throws InterruptedException {
    for (Thing thing : things.get(kind)) {
      if (thing.users == 0) {
        Answer answer = call("DELETE", "/" + kind.type + "/" + thing.uuid, null);
        if (answer == Answer.YES) {
          thing.needs.forEach(need -> need.users--);
          things.get(kind).remove(thing);
        }
        note(answer, thing, null);
        return;
      }
    }
  }

  private void rename() throws InterruptedException {
    Thing thing = any(Ledger.Kind.values()[random.nextInt(4)]);
    if (thing != null) {
      ObjectNode body = Json.object();
      body.putObject(thing.kind.type).put("display_name", "" + count);
      change(thing, "display_name", "" + count, "/" + thing.kind.type + "/" + thing.uuid, body);
    }
  }

  private void bind() throws InterruptedException {
    Thing port = any(Ledger.Kind.PORT);
    if (port != null) {
      String key = "k" + random.nextInt(3);
      ObjectNode body = Json.object();
      ObjectNode update = body.put("uuid", port.uuid).putArray("updates").addObject();
      update
          .put("field", "virtual_machine_interface_bindings")
          .put("operation", "set")
          .put("position", key)
          .putObject("value")
          .put("key", key)
          .put("value", "" + count);
      change(port, "binding " + key, "" + count, "/prop-collection-update", body);
    }
  }

  private void attach() throws InterruptedException {
    Thing network = any(Ledger.Kind.NETWORK);
    if (network == null) {
      return;
    }
    String field = "network_policy_refs";
    boolean add = network.state.get(field).equals("[]");
    String policy =
        add
            ? ground.policies().get(random.nextInt(ground.policies().size()))
            : network.state.get(field).substring(1, 37);
    ObjectNode body = Json.object();
    body.put("type", "virtual-network")
        .put("uuid", network.uuid)
        .put("ref-type", "network-policy")
        .put("ref-uuid", policy)
        .put("operation", add ? "ADD" : "DELETE")
        .putObject("attr")
        .putObject("sequence")
        .put("major", 0)
        .put("minor", 0);
    change(network, field, add ? "[" + policy + "]" : "[]", "/ref-update", body);
  }

  private void store() throws InterruptedException {
    String key = Ledger.PREFIX + number + "-" + count;
    ObjectNode body = Json.object();
    body.put("operation", "STORE").put("key", key).put("value", "" + count);
    Answer answer = call("POST", "/useragent-kv", body);
    if (answer != Answer.NO) {
      ledger.stored(key, "" + count, answer == Answer.YES);
    }
  }

  private void change(Thing thing, String field, String value, String path, JsonNode body)
      throws InterruptedException {
    SortedMap<String, String> after = new TreeMap<>(thing.state);
    after.put(field, value);
    Answer answer = call(path.startsWith("/" + thing.kind.type) ? "PUT" : "POST", path, body);
    if (answer == Answer.YES) {
      thing.state = after;
    }
    note(answer, thing, after);
  }

  private void note(Answer answer, Thing thing, @Nullable SortedMap<String, String> after) {
    switch (answer) {
      case YES -> ledger.acknowledged(thing.uuid, thing.kind, after);
      case NO -> {}
      case NONE -> {
        ledger.unanswered(thing.uuid, thing.kind, after);
        things.get(thing.kind).remove(thing);
      }
    }
  }

  private @Nullable Thing any(Ledger.Kind kind) {
    List<Thing> all = things.get(kind);
    return all.isEmpty() ? null : all.get(random.nextInt(all.size()));
  }

  private Answer call(String method, String path, @Nullable JsonNode body)
      throws InterruptedException {
    String call = method + " " + path + " " + body;
    HttpCalls.Reply reply;
    try {
      reply = site.server(number).call(method, path, body == null ? null : Json.text(body));
    } catch (ConnectException _) {
      return Answer.NO;
    } catch (IOException _) {
      return Answer.NONE;
    }
    if (reply.ok()) {
      return Answer.YES;
    }
    if (reply.status() >= 500) {
      return Answer.NONE; // It says that it does not know, or that it has no store.
    }
    ledger.refused(call, reply);
    return Answer.NO;
  }
}
