package weft.neutron;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.schema.ConfigObject;
import weft.schema.FqName;

/**
 * Tags of resources: each value is an object `neutron_tag=VALUE` of the project, made when it is
 * first used and deleted when nothing bears it any more. Those of subnets are kept by the network.
 */
final class Tags implements Resource {
  private static final String TAG = "tag";
  private static final String KIND = "neutron_tag";
  private static final int LONGEST = 255;

  /** Neutron's names, singular and plural, to config types. */
  private static final Map<String, String> TYPES =
      Map.ofEntries(
          Map.entry("network", Lookup.NETWORK),
          Map.entry("port", Lookup.PORT),
          Map.entry("router", Lookup.ROUTER),
          Map.entry("floatingip", Lookup.FLOATING),
          Map.entry("security_group", Lookup.GROUP),
          Map.entry("trunk", Lookup.TRUNK),
          Map.entry("subnetpool", "network-ipam"),
          Map.entry("policy", "network-policy"));

  private final Subnets subnets;

  Tags(Subnets subnets) {
    this.subnets = subnets;
  }

  @Override
  public String name() {
    return "tags";
  }

  /** Whose tags are meant. */
  private record Bearer(String kind, String id) {
    static Bearer of(String id, Sent sent) {
      String kind = sent.string("resource_type");
      kind = kind.isEmpty() ? sent.string("resource") : kind;
      if (kind.endsWith("s") && !TYPES.containsKey(kind)) {
        kind = kind.substring(0, kind.length() - 1);
      }
      String bearer = sent.string("resource_id");
      return new Bearer(kind.replace('-', '_'), bearer.isEmpty() ? id : bearer);
    }

    NeutronException notFound() {
      return NeutronException.of("TagResourceNotFound", "resource", kind, "resource_id", id);
    }
  }

  /** Adds tags, makes them those that are sent, or takes them away; the answer is all of them. */
  ObjectNode apply(Operation operation, String id, Sent sent, Change change) {
    Bearer bearer = Bearer.of(id, sent);
    Set<String> now = new LinkedHashSet<>(texts(tags(bearer, change)));
    List<String> named = new ArrayList<>(sent.texts("tags"));
    if (sent.set(TAG)) {
      named.add(sent.string(TAG));
    }
    switch (operation) {
      case CREATE -> now.addAll(named);
      case UPDATE -> {
        now.clear();
        now.addAll(named);
      }
      case DELETE -> {
        for (String tag : named) {
          if (!now.remove(tag)) {
            throw NeutronException.of("TagNotFound", TAG, tag);
          }
        }
        if (named.isEmpty()) {
          now.clear();
        }
      }
      case READ -> {}
      case READALL,
          READCOUNT,
          ADDINTERFACE,
          DELINTERFACE,
          ADD_SUBPORTS,
          REMOVE_SUBPORTS,
          INSERT_RULE,
          REMOVE_RULE,
          ADD_EXTRAROUTES,
          REMOVE_EXTRAROUTES ->
          throw NeutronException.badRequest(name(), operation + " is not supported");
    }
    if (operation != Operation.READ) {
      set(bearer, now, change);
    }
    ObjectNode answer = Json.object();
    ArrayNode list = answer.putArray("tags");
    now.stream().sorted().forEach(list::add);
    return answer;
  }

  private ArrayNode tags(Bearer bearer, Change change) {
    if (bearer.kind().equals("subnet")) {
      return subnets.usable(bearer.id(), change).extra().path("tags") instanceof ArrayNode tags
          ? tags
          : Json.array();
    }
    return Standard.tags(object(bearer, change));
  }

  private static ConfigObject object(Bearer bearer, Change change) {
    String type = TYPES.get(bearer.kind());
    if (type == null) {
      throw NeutronException.badRequest("tags", "resource of unknown type: " + bearer.kind());
    }
    ConfigObject object = change.object(type, bearer.id());
    if (object == null) {
      throw bearer.notFound();
    }
    UUID project =
        type.equals(Lookup.FLOATING)
            ? Ids.parse(object.body().path("project_refs").path(0).path("uuid").asString(""))
            : object.parentUuid();
    if (!change.context().owns(project)) {
      throw bearer.notFound();
    }
    return object;
  }

  private void set(Bearer bearer, Set<String> tags, Change change) {
    for (String tag : tags) {
      if (tag.isEmpty() || tag.length() > LONGEST || tag.indexOf(',') >= 0) {
        throw NeutronException.invalidInput(
            "'" + tag + "' is not a valid tag: 1 to " + LONGEST + " characters without comma");
      }
    }
    if (bearer.kind().equals("subnet")) {
      SubnetEntry entry = subnets.usable(bearer.id(), change);
      if (!change.context().owns(entry.network().parentUuid())) {
        throw bearer.notFound();
      }
      ObjectNode extra = Json.object();
      if (entry.extra() instanceof ObjectNode before) {
        extra.setAll(before);
      }
      extra.remove("tags");
      if (!tags.isEmpty()) {
        tags.stream().sorted().forEach(extra.putArray("tags")::add);
      }
      subnets.replace(entry, entry.copy(), extra, change);
    } else {
      set(object(bearer, change), tags, change);
    }
  }

  private static void set(ConfigObject object, Set<String> tags, Change change) {
    ArrayNode refs = Json.array();
    Set<String> kept = new LinkedHashSet<>();
    List<UUID> left = new ArrayList<>();
    for (JsonNode ref : object.body().path("tag_refs")) {
      JsonNode to = ref.path("to");
      String name = to.path(to.size() - 1).asString("");
      UUID uuid = UUID.fromString(ref.path("uuid").asString());
      String value = name.startsWith(KIND + "=") ? decode(name.substring(KIND.length() + 1)) : null;
      if (value == null || tags.contains(value)) {
        refs.addObject().put("uuid", uuid.toString());
        if (value != null) {
          kept.add(value);
        }
      } else {
        left.add(uuid);
      }
    }
    for (String tag : tags) {
      if (!kept.contains(tag)) {
        refs.add(Change.ref(tag(object, tag, change)));
      }
    }
    ObjectNode request = Json.object();
    request.set("tag_refs", refs);
    change.update(object, request);
    left.forEach(uuid -> leave(uuid, object, change));
  }

  private static ConfigObject tag(ConfigObject object, String value, Change change) {
    FqName project = new FqName(object.fqName().parts().subList(0, 2));
    String name = KIND + "=" + encode(value);
    ConfigObject there = change.edit().current(TAG, project.child(name));
    if (there != null) {
      return there;
    }
    ObjectNode body = Json.object();
    body.set("fq_name", project.child(name).toJson());
    body.put("parent_type", Lookup.PROJECT);
    body.put("tag_type_name", KIND).put("tag_value", encode(value));
    return change.create(TAG, body);
  }

  /** Deletes a tag that `object` leaves if nothing else bears it. */
  private static void leave(UUID uuid, ConfigObject object, Change change) {
    ConfigObject tag = change.object(TAG, uuid);
    if (tag == null) {
      return;
    }
    change.edit().demandUndisturbed(tag);
    boolean others =
        change.image().referrers(uuid).stream()
            .anyMatch(other -> !other.uuid().equals(object.uuid()));
    if (others) {
      change.edit().rely(tag);
    } else {
      change.delete(tag);
    }
  }

  /** Takes the tags from an object that is about to be deleted. */
  static void drop(ConfigObject object, Change change) {
    for (JsonNode ref : object.body().path("tag_refs")) {
      JsonNode to = ref.path("to");
      if (to.path(to.size() - 1).asString("").startsWith(KIND + "=")) {
        leave(UUID.fromString(ref.path("uuid").asString()), object, change);
      }
    }
  }

  private static List<String> texts(ArrayNode list) {
    List<String> texts = new ArrayList<>();
    list.forEach(each -> texts.add(each.asString("")));
    return texts;
  }

  /** Names of objects hold no colons, nor what XML reserves. */
  private static String encode(String value) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean plain = c >= ' ' && "%:<>&\"'".indexOf(c) < 0;
      out.append(plain ? String.valueOf(c) : String.format("%%%04x", (int) c));
    }
    return out.toString();
  }

  static String decode(String text) {
    StringBuilder out = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) == '%' && i + 4 < text.length()) {
        out.append((char) Integer.parseInt(text.substring(i + 1, i + 5), 16));
        i += 4;
      } else {
        out.append(text.charAt(i));
      }
    }
    return out.toString();
  }
}
