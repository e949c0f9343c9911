package weft.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import weft.schema.FqName;
import weft.schema.ObjectType;
import weft.schema.ReferenceType;
import weft.schema.Schema;

/** What has to change on the server for it to be as the files say, as one transaction. */
final class ApplyPlan {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Pattern REFUSAL =
      Pattern.compile("Operation (\\d+), \\S+ ([^ ]+ [^ ]+): (.*)", Pattern.DOTALL);

  private final ConfigClient client;

  /** What the objects are now, as the API shows them; those that exist. */
  private final Map<Manifest.Key, ObjectNode> present = new LinkedHashMap<>();

  private final ArrayNode operations = JSON.arrayNode();

  /** Where each operation comes from; empty if from no file. */
  private final List<String> places = new ArrayList<>();

  private final ArrayNode expected = JSON.arrayNode();
  private final List<String> diff = new ArrayList<>();
  private int created;
  private int updated;
  private int deleted;

  private ApplyPlan(ConfigClient client) {
    this.client = client;
  }

  /**
   * Compares files with the server.
   *
   * @param label borne by all that the files name; null for none
   * @param prune whether what bears the label and is not in the files is deleted
   */
  static ApplyPlan of(
      List<Manifest> manifests, ConfigClient client, @Nullable String label, boolean prune) {
    ApplyPlan plan = new ApplyPlan(client);
    Map<Manifest.Key, Manifest> wanted = new LinkedHashMap<>();
    for (Manifest manifest : manifests) {
      Manifest twin = wanted.putIfAbsent(manifest.key(), manifest);
      if (twin != null) {
        throw new Failure(
            "%s: fq_name: %s is in %s already".formatted(manifest.at(), manifest.key(), twin.at()));
      }
    }
    plan.fetch(wanted.keySet());
    List<Manifest> absent = new ArrayList<>();
    List<Manifest> there = new ArrayList<>();
    wanted
        .values()
        .forEach(each -> (plan.present.containsKey(each.key()) ? there : absent).add(each));
    if (label != null) {
      manifests.forEach(each -> Label.put(label, each, plan.present.get(each.key())));
    }
    plan.create(absent);
    there.forEach(plan::update);
    if (label != null && prune) {
      plan.prune(Label.bearers(label, client), wanted);
    }
    return plan;
  }

  /** Deletes objects as the API has shown them. */
  static ApplyPlan deletion(ObjectType type, List<ObjectNode> objects, ConfigClient client) {
    ApplyPlan plan = new ApplyPlan(client);
    for (ObjectNode each : objects) {
      plan.present.put(new Manifest.Key(type.name(), FqName.of(each.path("fq_name"))), each);
    }
    plan.deleteAll(List.copyOf(plan.present.keySet()));
    return plan;
  }

  /** Changes fields of one object as the API has shown it, unless it has changed since. */
  static ApplyPlan change(ObjectType type, ObjectNode now, ObjectNode fields, ConfigClient client) {
    ApplyPlan plan = new ApplyPlan(client);
    ObjectNode body = JSON.objectNode();
    body.set("uuid", now.path("uuid"));
    body.setAll(fields);
    plan.operation("update", type, body, "");
    plan.expect(new Manifest.Key(type.name(), FqName.of(now.path("fq_name"))), now);
    return plan;
  }

  private void fetch(Collection<Manifest.Key> keys) {
    Map<String, List<FqName>> byType = new LinkedHashMap<>();
    keys.forEach(
        key -> byType.computeIfAbsent(key.type(), _ -> new ArrayList<>()).add(key.fqName()));
    byType.forEach((type, names) ->
        client
            .named(Schema.required(type), names)
            .forEach((name, object) -> present.put(new Manifest.Key(type, name), object)));
  }

  boolean isEmpty() {
    return operations.isEmpty();
  }

  /** What changes, as unified diffs. */
  List<String> diff() {
    return diff;
  }

  /** `2 to create, 1 to change`. */
  String summary() {
    List<String> parts = new ArrayList<>();
    if (created > 0) {
      parts.add(created + " to create");
    }
    if (updated > 0) {
      parts.add(updated + " to change");
    }
    if (deleted > 0) {
      parts.add(deleted + " to delete");
    }
    return String.join(", ", parts);
  }

  /** Has the server carry it out, or only say whether it would. */
  JsonNode send(boolean dryRun) {
    ObjectNode request = JSON.objectNode();
    request.set("operations", operations);
    request.set("expect", expected);
    request.put("dry_run", dryRun);
    try {
      return client.transaction(request);
    } catch (Failure e) {
      throw placed(e);
    }
  }

  /** Names the line of the file instead of the number of the operation. */
  private Failure placed(Failure refusal) {
    Matcher matcher = REFUSAL.matcher(refusal.text());
    if (!matcher.matches()) {
      return refusal;
    }
    String place = places.get(Integer.parseInt(matcher.group(1)));
    String text = matcher.group(2) + ": " + matcher.group(3);
    return new Failure(place.isEmpty() ? text : place + ": " + text, refusal.status());
  }

  /** Parents and what is referred to first; a reference that would close a circle is added last. */
  private void create(List<Manifest> absent) {
    Map<Manifest.Key, Manifest> left = new LinkedHashMap<>();
    absent.stream()
        .sorted(Comparator.comparingInt(each -> each.fqName().size()))
        .forEach(each -> left.put(each.key(), each));
    Map<Manifest, ObjectNode> later = new LinkedHashMap<>();
    while (!left.isEmpty()) {
      boolean moved = false;
      for (Manifest each : List.copyOf(left.values())) {
        if (!waits(each, left) && openReferences(each, left).isEmpty()) {
          left.remove(each.key());
          create(each, JSON.objectNode());
          moved = true;
        }
      }
      if (!moved) {
        Manifest first =
            left.values().stream().filter(each -> !waits(each, left)).findFirst().orElseThrow();
        ObjectNode open = openReferences(first, left);
        left.remove(first.key());
        create(first, open);
        later.put(first, open);
      }
    }
    later.forEach((manifest, references) -> {
      ObjectNode body = identity(manifest);
      body.setAll(references);
      operation("update", manifest.type(), body, manifest.at());
    });
  }

  private static boolean waits(Manifest manifest, Map<Manifest.Key, Manifest> left) {
    Manifest.Key parent = manifest.parent();
    return parent != null && left.containsKey(parent);
  }

  /** The lists of references that lead to objects that are not there yet. */
  private static ObjectNode openReferences(Manifest manifest, Map<Manifest.Key, Manifest> left) {
    ObjectNode open = JSON.objectNode();
    for (ReferenceType reference : manifest.type().references()) {
      for (JsonNode ref : manifest.body().path(reference.name())) {
        if (ref.has("to")) {
          var target = new Manifest.Key(reference.targetName(), FqName.of(ref.get("to")));
          if (left.containsKey(target) && !target.equals(manifest.key())) {
            open.set(reference.name(), manifest.body().get(reference.name()));
          }
        }
      }
    }
    return open;
  }

  private void create(Manifest manifest, ObjectNode without) {
    ObjectNode body = identity(manifest);
    manifest
        .body()
        .forEachEntry((field, value) -> {
          if (!value.isNull() && !without.has(field)) {
            body.set(field, value);
          }
        });
    operation("create", manifest.type(), body, manifest.at());
    created++;
    ObjectNode whole = body.deepCopy();
    whole.setAll(without);
    show(manifest.key(), null, whole);
  }

  private void update(Manifest manifest) {
    ObjectNode now = present(manifest.key());
    checkIdentity(manifest, now);
    ObjectNode after = now.deepCopy();
    ObjectNode body = identity(manifest);
    manifest
        .body()
        .forEachEntry((field, value) -> {
          if (field.equals("parent_type") || field.equals("uuid")) {
            return;
          }
          JsonNode have = now.path(field);
          boolean blank = have.isMissingNode() || have.isNull();
          if (value.isNull() || manifest.type().reference(field) != null && value.isEmpty()) {
            if (!blank) {
              body.set(field, value);
              after.remove(field);
            }
            return;
          }
          JsonNode merged =
              manifest.type().reference(field) == null
                  ? Merge.value(have, value)
                  : Merge.references(have, value);
          if (!merged.equals(have)) {
            body.set(field, merged);
            after.set(field, merged);
          }
        });
    if (body.size() > 1) {
      operation("update", manifest.type(), body, manifest.at());
      updated++;
      expect(manifest.key(), now);
      show(manifest.key(), now, after);
    }
  }

  private static void checkIdentity(Manifest manifest, ObjectNode now) {
    for (String field : new String[] {"parent_type", "uuid"}) {
      JsonNode said = manifest.body().path(field);
      if (said.isString() && !said.equals(now.path(field))) {
        throw new Failure(
            "%s: %s: %s has %s, which cannot change"
                .formatted(
                    manifest.at(field), field, manifest.key(), now.path(field).asString("none")));
      }
    }
  }

  private void prune(Collection<Manifest.Key> bearers, Map<Manifest.Key, Manifest> wanted) {
    List<Manifest.Key> surplus = bearers.stream().filter(key -> !wanted.containsKey(key)).toList();
    fetch(surplus);
    deleteAll(surplus);
  }

  /** Children and those who refer to others go first. */
  private void deleteAll(Collection<Manifest.Key> keys) {
    Set<Manifest.Key> left = new LinkedHashSet<>(keys);
    left.retainAll(present.keySet());
    while (!left.isEmpty()) {
      Set<String> held = new HashSet<>();
      left.forEach(key -> held.addAll(links(key)));
      List<Manifest.Key> free =
          left.stream().filter(key -> !held.contains(uuid(present(key)))).toList();
      // The server judges by what is left in the end, so a circle may go in any order.
      List<Manifest.Key> next = free.isEmpty() ? List.copyOf(left) : free;
      next.forEach(this::delete);
      next.forEach(left::remove);
    }
  }

  private Set<String> links(Manifest.Key key) {
    ObjectNode object = present(key);
    Set<String> uuids = new HashSet<>();
    uuids.add(object.path("parent_uuid").asString(""));
    for (ReferenceType reference : Schema.required(key.type()).references()) {
      object.path(reference.name()).forEach(ref -> uuids.add(uuid(ref)));
    }
    uuids.remove(uuid(object));
    return uuids;
  }

  private static String uuid(JsonNode object) {
    return object.path("uuid").asString("");
  }

  private void delete(Manifest.Key key) {
    ObjectNode now = present(key);
    ObjectNode body = JSON.objectNode();
    body.set("uuid", now.path("uuid"));
    operation("delete", Schema.required(key.type()), body, "");
    deleted++;
    expect(key, now);
    show(key, now, null);
  }

  private ObjectNode present(Manifest.Key key) {
    return Objects.requireNonNull(present.get(key));
  }

  private static ObjectNode identity(Manifest manifest) {
    ObjectNode body = JSON.objectNode();
    body.set("fq_name", manifest.fqName().toJson());
    return body;
  }

  private void operation(String kind, ObjectType type, ObjectNode body, String place) {
    operations.addObject().set(kind, ConfigClient.wrapped(type, body));
    places.add(place);
  }

  private void expect(Manifest.Key key, ObjectNode now) {
    ObjectNode each = expected.addObject();
    each.put("type", key.type());
    each.set("uuid", now.path("uuid"));
    each.set("last_modified", now.path("id_perms").path("last_modified"));
  }

  private void show(Manifest.Key key, @Nullable ObjectNode before, @Nullable ObjectNode after) {
    ObjectType type = Schema.required(key.type());
    diff.addAll(
        UnifiedDiff.of(
            key.toString(),
            before == null ? null : Yaml.write(Manifest.of(type, before)),
            after == null ? null : Yaml.write(Manifest.of(type, after))));
  }
}
