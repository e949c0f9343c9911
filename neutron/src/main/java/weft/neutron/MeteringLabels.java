package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/**
 * Metering labels, and their rules in their extras: tag objects `neutron_metering=UUID`. They are
 * kept and shown; nothing is counted by them.
 */
final class MeteringLabels implements Resource {
  private static final String TAG = "tag";
  private static final String KIND = "neutron_metering";
  private static final String NAME = "name";
  private static final String RULES = "rules";

  @Override
  public String name() {
    return "metering_label";
  }

  private static NeutronException notFound(String id) {
    return NeutronException.of("MeteringLabelNotFound", "label_id", id);
  }

  private static boolean seen(ConfigObject tag, Lookup lookup) {
    return tag.name().startsWith(KIND + "=")
        && (lookup.context().owns(tag.parentUuid()) || extra(tag).path("shared").asBoolean(false));
  }

  private static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject tag = lookup.object(TAG, id);
    if (tag == null || !seen(tag, lookup)) {
      throw notFound(id);
    }
    return tag;
  }

  private static ObjectNode extra(ConfigObject tag) {
    return Extras.of(tag.body());
  }

  private static Stream<ConfigObject> all(View view) {
    return view.image().objects(TAG).stream().filter(tag -> seen(tag, view));
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject project = change.project(sent);
    UUID uuid = change.uuid(sent);
    ObjectNode body = change.below(project, TAG, sent.string("name"), uuid);
    body.set("fq_name", project.fqName().child(KIND + "=" + uuid).toJson());
    body.put("tag_type_name", KIND).put("tag_value", uuid.toString());
    Standard.read(sent, body, uuid);
    ObjectNode extra = Json.object().put("shared", sent.flag("shared", false));
    extra.put(NAME, sent.string("name")); // A tag's own name is its value.
    extra.putArray(RULES);
    Extras.put(body, body, extra);
    change.create(TAG, body);
    return uuid.toString();
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return all(view).map(tag -> item(tag, view));
  }

  private static ObjectNode item(ConfigObject tag, View view) {
    ObjectNode item = Standard.begin(tag, view);
    item.put("name", extra(tag).path(NAME).asString(""));
    item.put("description", Standard.description(tag));
    item.put("shared", extra(tag).path("shared").asBoolean(false));
    return item;
  }

  @Override
  public void delete(String id, Change change) {
    change.delete(usable(id, change));
  }

  /** The rules of labels. */
  static final class Rules implements Resource {
    private static final String LABEL = "metering_label_id";

    @Override
    public String name() {
      return "metering_label_rule";
    }

    @Override
    public String create(Sent sent, Change change) {
      ConfigObject label = usable(sent.string(LABEL), change);
      UUID uuid = change.uuid(sent);
      ObjectNode rule = Json.object().put("id", uuid.toString()).put(LABEL, label.uuid() + "");
      rule.put("direction", sent.string("direction"));
      rule.put("excluded", sent.flag("excluded", false));
      for (String prefix :
          List.of("remote_ip_prefix", "source_ip_prefix", "destination_ip_prefix")) {
        rule.put(prefix, sent.text(prefix));
      }
      List<JsonNode> rules = rules(label);
      for (JsonNode other : rules) {
        if (same(other, rule)) {
          throw NeutronException.of(
              "MeteringLabelRuleOverlaps", "remote_ip_prefix", sent.string("remote_ip_prefix"));
        }
      }
      rules.add(rule);
      write(label, rules, change);
      return uuid.toString();
    }

    private static boolean same(JsonNode one, ObjectNode other) {
      return Stream.of("direction", "remote_ip_prefix", "source_ip_prefix", "destination_ip_prefix")
          .allMatch(name -> one.path(name).equals(other.path(name)));
    }

    private static List<JsonNode> rules(ConfigObject label) {
      List<JsonNode> rules = new ArrayList<>();
      extra(label).path(RULES).forEach(rules::add);
      return rules;
    }

    private static void write(ConfigObject label, List<JsonNode> rules, Change change) {
      ObjectNode extra = extra(label).deepCopy();
      ArrayNode list = extra.putArray(RULES);
      rules.forEach(list::add);
      ObjectNode request = Json.object();
      Extras.put(request, label.body(), extra);
      change.update(label, request);
    }

    @Override
    public ObjectNode read(String id, View view) {
      return list(Selection.ALL, view)
          .filter(rule -> rule.path("id").asString("").equals(id))
          .findFirst()
          .orElseThrow(() -> missing(id));
    }

    private static NeutronException missing(String id) {
      return NeutronException.of("MeteringLabelRuleNotFound", "rule_id", id);
    }

    @Override
    public Stream<ObjectNode> list(Selection selection, View view) {
      return all(view)
          .flatMap(label ->
              rules(label).stream()
                  .map(rule -> {
                    ObjectNode item = (ObjectNode) rule.deepCopy();
                    Standard.owner(item, view.tenant(Networks.projectOf(label)));
                    return item;
                  }));
    }

    @Override
    public void delete(String id, Change change) {
      for (ConfigObject label : change.image().objects(TAG)) {
        if (!seen(label, change)) {
          continue;
        }
        ConfigObject now = usable(label.uuid().toString(), change);
        List<JsonNode> rules = rules(now);
        if (rules.removeIf(rule -> rule.path("id").asString("").equals(id))) {
          write(now, rules, change);
          return;
        }
      }
      throw missing(id);
    }
  }
}
