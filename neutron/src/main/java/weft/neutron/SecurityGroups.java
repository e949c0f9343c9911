package weft.neutron;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;

/** Security groups; each project has one named default, made when it is first needed. */
final class SecurityGroups implements Resource {
  static final String DEFAULT = "default";
  static final String ENTRIES = "security_group_entries";

  /** The group of ports that have none. */
  static final String NO_RULE = "__no_rule__";

  @Override
  public String name() {
    return "security_group";
  }

  static NeutronException notFound(String id) {
    return NeutronException.of("SecurityGroupNotFound", "id", id);
  }

  static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject group = lookup.object(Lookup.GROUP, id);
    if (group == null || hidden(group) || !visible(group, lookup.context())) {
      throw notFound(id);
    }
    return group;
  }

  static boolean visible(ConfigObject group, Context context) {
    return context.sees(group)
        || context.access() == null
            && (Sharing.withAll(group) || Sharing.with(group, context.tenant()));
  }

  private static boolean hidden(ConfigObject group) {
    return Lookup.hidden(group) || group.name().equals(NO_RULE);
  }

  /** The group of a project that its ports get if they name none. */
  ConfigObject ensureDefault(ConfigObject project, Change change) {
    ConfigObject there = change.edit().current(Lookup.GROUP, project.fqName().child(DEFAULT));
    if (there != null) {
      return there;
    }
    UUID uuid = change.edit().newUuid();
    ObjectNode body = change.below(project, Lookup.GROUP, DEFAULT, uuid);
    body.putObject("id_perms").put("description", "Default security group");
    ArrayNode rules = body.putObject(ENTRIES).putArray("policy_rule");
    String self = String.join(":", project.fqName().parts()) + ":" + DEFAULT;
    for (String ethertype : List.of("IPv4", "IPv6")) {
      rules.add(new Rule("ingress", ethertype, "any", 0, 65535, null, self, null).node(change));
    }
    egress(rules, null, change);
    return change.create(Lookup.GROUP, body);
  }

  private static void egress(ArrayNode rules, @Nullable String description, Change change) {
    rules.add(
        new Rule("egress", "IPv4", "any", 0, 65535, "0.0.0.0/0", null, description).node(change));
    rules.add(new Rule("egress", "IPv6", "any", 0, 65535, "::/0", null, description).node(change));
  }

  @Override
  public boolean lacks(Call call, View view) {
    UUID tenant = listed(call);
    if (tenant == null || call.operation() != Operation.READALL) {
      return false;
    }
    ConfigObject project = view.object(Lookup.PROJECT, tenant);
    return project == null
        || view.image().object(Lookup.GROUP, project.fqName().child(DEFAULT)) == null;
  }

  /** The project whose groups are listed: the one that is asked for, else that of who asks. */
  private static @Nullable UUID listed(Call call) {
    for (String attribute : List.of("project_id", "tenant_id")) {
      Set<String> asked = call.selection().only(attribute);
      UUID tenant = asked == null || asked.size() != 1 ? null : Ids.parse(asked.iterator().next());
      if (tenant != null && call.context().owns(tenant)) {
        return tenant;
      }
    }
    return call.context().tenant();
  }

  @Override
  public void supply(Call call, Change change) {
    UUID tenant = listed(call);
    if (tenant != null) {
      ensureDefault(change.project(tenant), change);
    }
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject project = change.project(sent);
    ensureDefault(project, change);
    if (sent.string("name").equals(DEFAULT)) {
      throw NeutronException.of("SecurityGroupDefaultAlreadyExists");
    }
    UUID uuid = change.uuid(sent);
    ObjectNode body = change.below(project, Lookup.GROUP, sent.string("name"), uuid);
    Standard.read(sent, body, uuid);
    if (!sent.flag("stateful", true)) {
      Extras.put(body, Json.object(), Json.object().put("stateful", false));
    }
    egress(body.putObject(ENTRIES).putArray("policy_rule"), "", change);
    change.create(Lookup.GROUP, body);
    return uuid.toString();
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return all(selection, view).map(group -> item(group, view));
  }

  /** The groups that may be seen. */
  static Stream<ConfigObject> all(Selection selection, View view) {
    // Groups of others may be shared.
    boolean all = !view.context().admin() && selection.ids() == null;
    return (all ? view.image().objects(Lookup.GROUP) : view.below(Lookup.GROUP, selection))
        .stream().filter(group -> !hidden(group) && visible(group, view.context()));
  }

  private static ObjectNode item(ConfigObject group, View view) {
    ObjectNode item = Standard.begin(group, view);
    ArrayNode rules = item.putArray("security_group_rules");
    for (JsonNode rule : rules(group)) {
      rules.add(SecurityGroupRules.item(group, rule, view));
    }
    item.put("stateful", Extras.of(group.body()).path("stateful").asBoolean(true));
    item.put("shared", Sharing.withAll(group) || Sharing.with(group, view.context().tenant()));
    Standard.end(item, group);
    return item;
  }

  static JsonNode rules(ConfigObject group) {
    return group.body().path(ENTRIES).path("policy_rule");
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject group = owned(id, change);
    if (group.name().equals(DEFAULT) && sent.has("name") && !sent.string("name").equals(DEFAULT)) {
      throw NeutronException.of("SecurityGroupCannotUpdateDefault");
    }
    ObjectNode request = Json.object();
    Standard.read(sent, request, group.uuid());
    if (sent.has("stateful")) {
      ObjectNode extras = Extras.of(group.body()).deepCopy();
      if (sent.flag("stateful", true)) {
        extras.remove("stateful");
      } else {
        extras.put("stateful", false);
      }
      Extras.put(request, group.body(), extras);
    }
    change.update(group, request);
  }

  static ConfigObject owned(String id, Lookup lookup) {
    ConfigObject group = usable(id, lookup);
    if (!lookup.context().owns(group.parentUuid())) {
      throw notFound(id);
    }
    return group;
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject group = owned(id, change);
    if (group.name().equals(DEFAULT) && !change.context().admin()) {
      throw NeutronException.of("SecurityGroupCannotRemoveDefault");
    }
    if (!change.referrers(group.uuid(), Lookup.PORT).isEmpty()) {
      throw inUse(id, "");
    }
    Tags.drop(group, change);
    change.delete(group);
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of("SecurityGroupInUse", "id", id, "reason", "in use");
  }
}
