package weft.neutron;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.NullNode;
import tools.jackson.databind.node.ObjectNode;
import weft.http.Json;
import weft.net.IpPrefix;
import weft.schema.ConfigObject;

/**
 * Pools that subnets take their prefixes from: IPAMs with the pool in their extras. A network that
 * has a subnet of a pool refers to that IPAM.
 */
final class SubnetPools implements Resource {
  /** In the extras of a subnet: the pool that it is of. */
  static final String ID = "subnetpool_id";

  private static final String IPAM = "network-ipam";
  private static final String POOL = "subnetpool";
  private static final String PREFIXES = "prefixes";
  private static final String QUOTA = "default_quota";
  private static final int SMALLEST_V4 = 8;
  private static final int SMALLEST_V6 = 64;

  @Override
  public String name() {
    return POOL;
  }

  static NeutronException notFound(String id) {
    return NeutronException.of("SubnetPoolNotFound", ID, id);
  }

  /** Whether an IPAM is a pool of this kind. */
  static boolean isPool(ConfigObject ipam) {
    return Extras.of(ipam.body()).path(POOL).isObject();
  }

  /** How many a project has. */
  static long count(ConfigObject project, Lookup lookup) {
    return lookup.children(project.uuid(), IPAM).stream().filter(SubnetPools::isPool).count();
  }

  private static JsonNode pool(ConfigObject ipam) {
    return Extras.of(ipam.body()).path(POOL);
  }

  private static boolean shared(ConfigObject ipam) {
    return pool(ipam).path("shared").asBoolean(false);
  }

  private static boolean visible(ConfigObject ipam, Lookup lookup) {
    return isPool(ipam) && (shared(ipam) || lookup.context().owns(ipam.parentUuid()));
  }

  /** A pool that whoever calls may take from. */
  static ConfigObject usable(String id, Lookup lookup) {
    ConfigObject ipam = lookup.object(IPAM, id);
    if (ipam == null || !visible(ipam, lookup)) {
      throw notFound(id);
    }
    return ipam;
  }

  private static ConfigObject owned(String id, Lookup lookup) {
    ConfigObject ipam = usable(id, lookup);
    if (!lookup.context().owns(ipam.parentUuid())) {
      throw notFound(id);
    }
    return ipam;
  }

  @Override
  public String create(Sent sent, Change change) {
    ConfigObject project = change.project(sent);
    Quotas.demandRoom(name(), project, change);
    UUID uuid = change.uuid(sent);
    ObjectNode body = change.below(project, IPAM, sent.string("name"), uuid);
    Standard.read(sent, body, uuid);
    ObjectNode extras = Json.object();
    extras.set(POOL, described(sent, Json.object()));
    Extras.put(body, body, extras);
    change.create(IPAM, body);
    return uuid.toString();
  }

  /** What was there before with what is sent, checked as a whole. */
  private static ObjectNode described(Sent sent, JsonNode before) {
    List<IpPrefix> prefixes = prefixes(sent, before);
    boolean v4 = prefixes.getFirst().isV4();
    int most = v4 ? 32 : 128;
    int min = number(sent, "min_prefixlen", before, v4 ? SMALLEST_V4 : SMALLEST_V6);
    int max = number(sent, "max_prefixlen", before, most);
    int usual = number(sent, "default_prefixlen", before, min);
    checkBounds("min_prefixlen", min, "max_prefixlen", max, min > max);
    checkBounds("max_prefixlen", max, "base_prefixlen", most, max > most);
    checkBounds("default_prefixlen", usual, "min_prefixlen", min, usual < min);
    checkBounds("default_prefixlen", usual, "max_prefixlen", max, usual > max);
    ObjectNode pool = Json.object();
    ArrayNode list = pool.putArray(PREFIXES);
    prefixes.forEach(prefix -> list.add(prefix.toString()));
    pool.put("min_prefixlen", min).put("max_prefixlen", max).put("default_prefixlen", usual);
    JsonNode quota = sent.has(QUOTA) ? sent.get(QUOTA) : before.path(QUOTA);
    if (quota.isNumber()) {
      pool.put(QUOTA, quota.asLong());
    }
    pool.put("shared", sent.flag("shared", before.path("shared").asBoolean(false)));
    pool.put("is_default", sent.flag("is_default", before.path("is_default").asBoolean(false)));
    return pool;
  }

  private static int number(Sent sent, String name, JsonNode before, int otherwise) {
    return sent.number(name).orElse(before.path(name).asInt(otherwise));
  }

  private static void checkBounds(
      String one, int length, String other, int otherLength, boolean wrong) {
    if (wrong) {
      throw NeutronException.of(
          "IllegalSubnetPoolPrefixBounds",
          "prefix_type",
          one,
          "prefixlen",
          Integer.toString(length),
          "base_prefix_type",
          other,
          "base_prefixlen",
          Integer.toString(otherLength));
    }
  }

  private static List<IpPrefix> prefixes(Sent sent, JsonNode before) {
    List<IpPrefix> old = parsed(before.path(PREFIXES));
    if (!sent.has(PREFIXES)) {
      if (old.isEmpty()) {
        throw NeutronException.of("EmptySubnetPoolPrefixList");
      }
      return old;
    }
    List<IpPrefix> now = parsed(sent.get(PREFIXES));
    if (now.isEmpty()) {
      throw NeutronException.of("EmptySubnetPoolPrefixList");
    }
    if (now.stream().map(IpPrefix::isV4).distinct().count() > 1) {
      throw NeutronException.of("PrefixVersionMismatch");
    }
    List<IpPrefix> joined = PrefixSpace.joined(now);
    for (IpPrefix each : old) {
      if (joined.stream().noneMatch(prefix -> prefix.contains(each))) {
        throw NeutronException.of(
            "IllegalSubnetPoolPrefixUpdate",
            "msg",
            "Existing prefixes must be a subset of the new prefixes");
      }
    }
    return joined;
  }

  private static List<IpPrefix> parsed(JsonNode list) {
    List<IpPrefix> prefixes = new ArrayList<>();
    for (JsonNode each : list) {
      try {
        IpPrefix prefix = IpPrefix.parse(each.asString(""));
        prefixes.add(new IpPrefix(prefix.address().masked(prefix.length()), prefix.length()));
      } catch (IllegalArgumentException _) {
        throw NeutronException.invalidInput("'" + each.asString("") + "' is not a valid CIDR");
      }
    }
    return prefixes;
  }

  @Override
  public ObjectNode read(String id, View view) {
    return item(usable(id, view), view);
  }

  @Override
  public Stream<ObjectNode> list(Selection selection, View view) {
    return view.image().objects(IPAM).stream()
        .filter(ipam -> visible(ipam, view))
        .map(ipam -> item(ipam, view));
  }

  private static ObjectNode item(ConfigObject ipam, View view) {
    ObjectNode item = Standard.begin(ipam, view);
    JsonNode pool = pool(ipam);
    List<IpPrefix> prefixes = parsed(pool.path(PREFIXES));
    item.set(PREFIXES, pool.path(PREFIXES));
    item.put("ip_version", prefixes.getFirst().isV4() ? 4 : 6);
    for (String length : List.of("min_prefixlen", "max_prefixlen", "default_prefixlen")) {
      item.put(length, Integer.toString(pool.path(length).asInt()));
    }
    item.set(QUOTA, pool.hasNonNull(QUOTA) ? pool.get(QUOTA) : NullNode.instance);
    item.set("shared", pool.path("shared"));
    item.set("is_default", pool.path("is_default"));
    item.putNull("address_scope_id");
    Standard.end(item, ipam);
    item.remove("fq_name");
    return item;
  }

  @Override
  public void update(String id, Sent sent, Change change) {
    ConfigObject ipam = owned(id, change);
    ObjectNode request = Json.object();
    Standard.read(sent, request, ipam.uuid());
    ObjectNode extras = Extras.of(ipam.body()).deepCopy();
    extras.set(POOL, described(sent, pool(ipam)));
    Extras.put(request, ipam.body(), extras);
    change.update(ipam, request);
  }

  @Override
  public void delete(String id, Change change) {
    ConfigObject ipam = owned(id, change);
    if (!change.referrers(ipam.uuid(), Lookup.NETWORK).isEmpty()) {
      throw inUse(id, "");
    }
    Tags.drop(ipam, change);
    change.delete(ipam);
  }

  @Override
  public NeutronException inUse(String id, String reason) {
    return NeutronException.of(
        "SubnetPoolDeleteError", "reason", "Subnet pool has existing allocations");
  }

  /**
   * Takes from a pool what a new subnet asks for, its `cidr` or a length, and puts the prefix into
   * what is sent.
   */
  static void take(ConfigObject ipam, ConfigObject network, Sent sent, Change change) {
    JsonNode pool = pool(ipam);
    List<IpPrefix> prefixes = parsed(pool.path(PREFIXES));
    boolean v4 = prefixes.getFirst().isV4();
    int version = sent.number("ip_version").orElse(v4 ? 4 : 6);
    if (version != (v4 ? 4 : 6)) {
      throw NeutronException.badRequest(
          "subnets",
          "Cannot allocate IPv%d subnet from subnet pool %s of IPv%d"
              .formatted(version, ipam.uuid(), v4 ? 4 : 6));
    }
    change.edit().demandUndisturbed(ipam);
    List<SubnetEntry> taken = taken(ipam, change);
    IpPrefix prefix = chosen(ipam, prefixes, taken, sent);
    checkQuota(pool, taken, network, prefix);
    sent.node().put("cidr", prefix.toString());
  }

  private static IpPrefix chosen(
      ConfigObject ipam, List<IpPrefix> prefixes, List<SubnetEntry> entries, Sent sent) {
    JsonNode pool = pool(ipam);
    List<IpPrefix> taken = entries.stream().map(SubnetEntry::prefix).toList();
    String cidr = sent.string("cidr");
    if (cidr.isEmpty()) {
      int length = sent.number("prefixlen").orElse(pool.path("default_prefixlen").asInt());
      checkLength(pool, length);
      IpPrefix free = PrefixSpace.free(prefixes, length, taken);
      if (free == null) {
        throw refused("Insufficient prefix space to allocate subnet size /" + length);
      }
      return free;
    }
    IpPrefix asked = parsed(Json.array().add(cidr)).getFirst();
    checkLength(pool, asked.length());
    boolean inside = prefixes.stream().anyMatch(prefix -> prefix.contains(asked));
    if (!inside || taken.stream().anyMatch(asked::overlaps)) {
      throw refused("Cannot allocate requested subnet from the available set of prefixes");
    }
    return asked;
  }

  private static NeutronException refused(String reason) {
    return NeutronException.of("SubnetAllocationError", "reason", reason);
  }

  private static void checkLength(JsonNode pool, int length) {
    for (String bound : List.of("min", "max")) {
      int limit = pool.path(bound + "_prefixlen").asInt();
      if (bound.equals("min") ? length < limit : length > limit) {
        String name =
            bound.substring(0, 1).toUpperCase(Locale.ROOT)
                + bound.substring(1)
                + "PrefixSubnetAllocationError";
        throw NeutronException.of(
            name,
            "prefixlen",
            Integer.toString(length),
            bound + "_prefixlen",
            Integer.toString(limit));
      }
    }
  }

  /** All subnets of one family on a network are of one pool, or of none. */
  static void checkAffinity(@Nullable String pool, ConfigObject network, IpPrefix prefix) {
    for (SubnetEntry other : SubnetEntry.of(network)) {
      boolean same = Objects.equals(pool, Standard.text(other.extra().path(ID)));
      if (other.prefix().isV4() == prefix.isV4() && !same) {
        throw NeutronException.of("NetworkSubnetPoolAffinityError");
      }
    }
  }

  private static List<SubnetEntry> taken(ConfigObject ipam, Change change) {
    List<SubnetEntry> taken = new ArrayList<>();
    for (ConfigObject network : change.referrers(ipam.uuid(), Lookup.NETWORK)) {
      for (SubnetEntry entry : SubnetEntry.of(network)) {
        if (entry.extra().path(ID).asString("").equals(ipam.uuid().toString())) {
          taken.add(entry);
        }
      }
    }
    return taken;
  }

  /** A project may take so much of the pool: counted in /32 of IPv4, and in /64 of IPv6. */
  private static void checkQuota(
      JsonNode pool, List<SubnetEntry> taken, ConfigObject network, IpPrefix wanted) {
    if (!pool.hasNonNull(QUOTA)) {
      return;
    }
    double used = size(wanted);
    for (SubnetEntry entry : taken) {
      if (network.parentUuid() != null
          && network.parentUuid().equals(entry.network().parentUuid())) {
        used += size(entry.prefix());
      }
    }
    if (used > pool.path(QUOTA).asLong()) {
      throw NeutronException.of("SubnetPoolQuotaExceeded");
    }
  }

  private static double size(IpPrefix prefix) {
    return Math.pow(2, (prefix.isV4() ? 32 : 64) - prefix.length());
  }

  /** What is not named is null. */
  static @Nullable String asked(Sent sent) {
    String id = sent.string(ID);
    return id.isEmpty() ? null : id;
  }
}
