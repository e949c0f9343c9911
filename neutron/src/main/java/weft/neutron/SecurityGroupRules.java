package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/** Rules of security groups: entries of a group. */
final class SecurityGroupRules implements Resource {
  private static final String GIVEN = "prefixes_given";

  private final Hints hints;

  SecurityGroupRules(Hints hints) {
    this.hints = hints;
  }

  @Override
  public String name() {
    return "security_group_rule";
  }

  private static NeutronException notFound(String id) {
    return NeutronException.of("SecurityGroupRuleNotFound", "id", id);
  }

  /** A rule where it stands. */
  private record Place(ConfigObject group, JsonNode node) {
    static @Nullable Place of(ConfigObject group, String id) {
      for (JsonNode rule : SecurityGroups.rules(group)) {
        if (rule.path("rule_uuid").asString("").equals(id)) {
          return new Place(group, rule);
        }
      }
      return null;
    }
  }

  private Place usable(String id, Lookup lookup) {
    Place place = hints.find(id, lookup, group -> Place.of(group, id));
    if (place == null || !SecurityGroups.visible(place.group(), lookup.context())) {
      throw notFound(id);
    }
    return place;
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject group = SecurityGroups.owned(sent.string("security_group_id"), change);
    Rule rule = Rule.read(sent, change);
    Set<String> given = given(group);
    ArrayNode rules = Json.array();
    for (JsonNode each : SecurityGroups.rules(group)) {
      if (rule.same(Rule.of(each))) {
        String id = each.path("rule_uuid").asString("");
        throw NeutronException.of(
            "SecurityGroupRuleExists", "resource", name(), "id", id, "rule_id", id);
      }
      rules.add(each);
    }
    ObjectNode node = rule.node(change);
    if (sent.set("id")) {
      node.put("rule_uuid", change.uuid(sent).toString());
    }
    rules.add(node);
    if (sent.text("remote_ip_prefix") != null && rule.everywhere()) {
      given.add(node.path("rule_uuid").asString());
    }
    write(group, rules, given, change);
    return node.path("rule_uuid").asString();
  }

  /** The rules for everywhere in which somebody has written so. */
  private static Set<String> given(ConfigObject group) {
    Set<String> given = new TreeSet<>();
    Extras.of(group.body()).path(GIVEN).forEach(id -> given.add(id.asString("")));
    return given;
  }

  private static void write(ConfigObject group, ArrayNode rules, Set<String> given, Change change) {
    ObjectNode request = Json.object();
    if (!given.equals(given(group))) {
      ObjectNode extras = Extras.of(group.body()).deepCopy();
      extras.remove(GIVEN);
      if (!given.isEmpty()) {
        given.forEach(extras.putArray(GIVEN)::add);
      }
      Extras.put(request, group.body(), extras);
    }
    request.putObject(SecurityGroups.ENTRIES).set("policy_rule", rules);
    change.update(group, request);
  }

  @Override
  public ObjectNode read(String id, View view) {
    Place place = usable(id, view);
    return item(place.group(), place.node(), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    Set<String> ids = selection.ids();
    if (ids != null) {
      List<Place> places = new ArrayList<>();
      for (String id : ids) {
        Place place = hints.find(id, view, group -> Place.of(group, id));
        if (place != null && SecurityGroups.visible(place.group(), view.context())) {
          places.add(place);
        }
      }
      return places.stream().map(place -> item(place.group(), place.node(), view));
    }
    Set<String> groups = selection.only("security_group_id");
    Stream<ConfigObject> holders =
        groups == null
            ? SecurityGroups.all(selection, view)
            : view.byId(Lookup.GROUP, groups).stream()
                .filter(group -> SecurityGroups.visible(group, view.context()));
    return holders.flatMap(group -> {
      List<ObjectNode> items = new ArrayList<>();
      SecurityGroups.rules(group).forEach(rule -> items.add(item(group, rule, view)));
      return items.stream();
    });
  }

  static ObjectNode item(ConfigObject group, JsonNode node, View view) {
    Rule rule = Rule.of(node);
    ObjectNode item = Json.object();
    item.put("id", node.path("rule_uuid").asString(""));
    Standard.owner(item, view.tenant(Networks.projectOf(group)));
    item.put("security_group_id", group.uuid().toString());
    item.put("ethertype", rule.ethertype());
    item.put("direction", rule.direction());
    item.put("protocol", rule.protocol());
    item.put("port_range_min", rule.first());
    item.put("port_range_max", rule.last());
    item.put("remote_ip_prefix", rule.prefix());
    boolean said = !rule.everywhere() || given(group).contains(item.path("id").asString());
    item.put("normalized_cidr", said ? rule.prefix() : null);
    item.put("remote_group_id", remote(rule, group, view));
    item.putNull("remote_address_group_id");
    item.put("created_at", Standard.text(node.path("created")));
    item.put("updated_at", Standard.text(node.path("last_modified")));
    item.put("description", rule.description());
    item.put("revision_number", group.revision());
    return item;
  }

  private static @Nullable String remote(Rule rule, ConfigObject group, View view) {
    String name = rule.group();
    if (name == null || name.equals("any")) {
      return null;
    }
    FqName full = new FqName(List.of(name.split(":", -1)));
    if (full.equals(group.fqName())) {
      return group.uuid().toString();
    }
    ConfigObject remote = view.image().object(Lookup.GROUP, full);
    return remote == null ? null : remote.uuid().toString();
  }

  @Override
  public void delete(String id, Change change) {
    Place place = usable(id, change);
    if (!change.context().owns(place.group().parentUuid())) {
      throw notFound(id);
    }
    ArrayNode rules = Json.array();
    for (JsonNode each : SecurityGroups.rules(place.group())) {
      if (!each.path("rule_uuid").asString("").equals(id)) {
        rules.add(each);
      }
    }
    Set<String> given = given(place.group());
    given.remove(id);
    write(place.group(), rules, given, change);
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    Place place = usable(id, change);
    if (!change.context().owns(place.group().parentUuid())) {
      throw notFound(id);
    }
    ArrayNode rules = Json.array();
    for (JsonNode each : SecurityGroups.rules(place.group())) {
      if (each.path("rule_uuid").asString("").equals(id)) {
        ObjectNode changed = (ObjectNode) each.deepCopy();
        sent.ifSent("description", text -> changed.put("description", text));
        rules.add(changed);
      } else {
        rules.add(each);
      }
    }
    write(place.group(), rules, given(place.group()), change);
  }
}
