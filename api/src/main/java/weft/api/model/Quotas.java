package weft.api.model;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import weft.config.AllocationKey;
import weft.config.IntegerPool;
import weft.http.HttpError;
import weft.schema.ComplexType;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.Property;
import weft.schema.Ref;
import weft.schema.Schema;

/**
 * How much of each resource a project has, held against its quota.
 *
 * <p>Whatever counts occupies a numbered place, an allocation of its own: `quota/<project>/<T>`,
 * lowest places first. A place is taken only if the limit leaves room for all places below it and
 * all that are occupied above it. As the transaction demands that the project, and so the limit, is
 * the one that was read, and as places under one limit are only ever taken that way, requests that
 * know nothing of each other cannot exceed it together: they would need the same place.
 */
final class Quotas {
  private static final String RULE = "security_group_rule";
  private static final String SUBNET = "subnet";
  private static final String DEFAULTS = "defaults";

  /** Its quota is that of every project as far as that has none of its own. */
  private static final FqName USUAL = FqName.of("default-domain", "default-project");

  private static final Set<String> RESOURCES = resources();

  /** Types that count for the project above their parent. */
  private static final Set<String> GRANDCHILDREN =
      Set.of("floating-ip-pool", "loadbalancer-member");

  private Quotas() {}

  private static Set<String> resources() {
    ComplexType quota = Schema.complexType("QuotaType");
    return quota == null
        ? Set.of()
        : quota.fields().stream()
            .map(Property::name)
            .filter(name -> !name.equals(DEFAULTS))
            .collect(Collectors.toUnmodifiableSet());
  }

  /** A resource of a project. */
  record Account(UUID project, String resource) {
    String pool() {
      return "quota/" + project + "/" + resource;
    }
  }

  static void created(ConfigObject object, Edit edit) {
    settle(object.uuid(), Map.of(), uses(object, edit::current), edit);
  }

  static void changed(ConfigObject before, ConfigObject after, Edit edit) {
    settle(before.uuid(), uses(before, edit::current), uses(after, edit::current), edit);
  }

  static void deleted(ConfigObject object, Edit edit) {
    settle(object.uuid(), uses(object, edit::current), Map.of(), edit);
  }

  private static void settle(
      UUID owner, Map<Account, Integer> before, Map<Account, Integer> after, Edit edit) {
    before.forEach((account, count) -> {
      int surplus = count - after.getOrDefault(account, 0);
      if (surplus > 0) {
        giveBack(account, surplus, owner.toString(), edit);
      }
    });
    after.forEach((account, count) -> {
      int missing = count - before.getOrDefault(account, 0);
      if (missing > 0) {
        take(account, missing, owner.toString(), edit);
      }
    });
  }

  /** What an object counts for; nothing if it is hidden from users or of no project. */
  static Map<Account, Integer> uses(
      ConfigObject object, Function<UUID, @Nullable ConfigObject> current) {
    Map<Account, Integer> uses = new HashMap<>();
    String resource = object.type().name().replace('-', '_');
    if (!RESOURCES.contains(resource)
        || !object.body().path("id_perms").path("user_visible").asBoolean(true)) {
      return uses;
    }
    UUID project = project(object, current);
    if (project == null) {
      return uses;
    }
    uses.put(new Account(project, resource), 1);
    if (resource.equals("security_group")) {
      JsonNode rules = object.body().path("security_group_entries").path("policy_rule");
      uses.put(new Account(project, RULE), rules.size());
    } else if (resource.equals("virtual_network")) {
      int subnets = 0;
      for (JsonNode ref : object.body().path("network_ipam_refs")) {
        subnets += Subnets.read(object.uuid(), ref.path("attr").path("ipam_subnets")).size();
      }
      uses.put(new Account(project, SUBNET), subnets);
    }
    return uses;
  }

  private static @Nullable UUID project(
      ConfigObject object, Function<UUID, @Nullable ConfigObject> current) {
    if (object.type().referenceTo("project") != null) {
      List<Ref> refs = object.refs("project");
      return refs.isEmpty() ? null : refs.getFirst().uuid();
    }
    UUID parent = object.parentUuid();
    if (parent != null && GRANDCHILDREN.contains(object.type().name())) {
      ConfigObject above = current.apply(parent);
      return above == null || !"project".equals(above.parentType()) ? null : above.parentUuid();
    }
    return "project".equals(object.parentType()) ? parent : null;
  }

  private static void take(Account account, int count, String owner, Edit edit) {
    ConfigObject project = edit.current(account.project());
    if (project == null) {
      return; // The commit refuses what belongs to nothing.
    }
    ConfigObject stored = edit.image().object(account.project());
    if (stored != null) {
      edit.rely(stored);
    }
    long limit = limit(project, account.resource(), edit);
    String pool = account.pool();
    long[] below = {edit.image().allocations(pool).size()};
    long from = 0;
    for (int i = 0; i < count; i++) {
      IntegerPool places = new IntegerPool(pool, from, Integer.MAX_VALUE);
      OptionalLong place =
          edit.allocateLowest(
              places,
              owner,
              () -> {
                if (limit >= 0 && below[0] >= limit) {
                  // Claimed places may be let go of: with them in the way the request is made
                  // again.
                  throw exceeded(limit, account.resource());
                }
                below[0]++;
              });
      from = place.orElseThrow() + 1;
    }
  }

  private static void giveBack(Account account, int count, String owner, Edit edit) {
    List<AllocationKey> places = new ArrayList<>();
    edit.image()
        .allocations(account.pool())
        .forEach((place, holder) -> {
          if (holder.equals(owner)) {
            places.add(new AllocationKey(account.pool(), place));
          }
        });
    places.stream().limit(count).forEach(edit::free);
  }

  /** Negative for none. */
  private static long limit(ConfigObject project, String resource, Edit edit) {
    OptionalLong own = limit(project, resource);
    if (own.isPresent()) {
      return own.getAsLong();
    }
    ConfigObject usual = edit.image().object("project", USUAL);
    OptionalLong limit = usual == null ? OptionalLong.empty() : limit(usual, resource);
    if (usual != null && limit.isPresent()) {
      edit.rely(usual);
    }
    return limit.orElse(-1);
  }

  private static OptionalLong limit(ConfigObject project, String resource) {
    JsonNode quota = project.body().path("quota");
    JsonNode own = quota.path(resource);
    JsonNode limit = own.isNumber() ? own : quota.path(DEFAULTS);
    return limit.isNumber() ? OptionalLong.of(limit.asLong()) : OptionalLong.empty();
  }

  private static HttpError exceeded(long limit, String resource) {
    return new HttpError(412, "quota limit (" + limit + ") exceeded for resource " + resource);
  }
}
