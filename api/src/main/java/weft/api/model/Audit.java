package weft.api.model;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import weft.config.AllocationKey;
import weft.config.ConfigImage;
import weft.schema.ConfigObject;
import weft.schema.ObjectType;
import weft.schema.Schema;

/**
 * Whether objects and allocations agree: each object holds what it bears, and whatever is allocated
 * is borne by an object.
 */
public final class Audit {
  /** What the objects of a type bear; told to {@link Behaviour#bears}. */
  interface Bearing {
    /** Of `keys`, the object holds at least one. */
    void oneOf(Collection<AllocationKey> keys);

    /** The object may hold any of `keys`. */
    void anyOf(Collection<AllocationKey> keys);

    default void one(AllocationKey key) {
      oneOf(List.of(key));
    }
  }

  private static final Pattern QUOTA = Pattern.compile("quota/([^/]+)/([^/]+)");
  private static final Pattern ADDRESSES = Pattern.compile("ip/([^/]+)/([^/]+)");

  private final ConfigImage image;
  private final List<String> problems = new ArrayList<>();
  private final Set<AllocationKey> explained = new HashSet<>();
  private final Map<Quotas.Account, Map<String, Integer>> places = new HashMap<>();

  private Audit(ConfigImage image) {
    this.image = image;
  }

  /** What does not agree, one line each. */
  public static List<String> problems(ConfigImage image) {
    Audit audit = new Audit(image);
    for (ObjectType type : Schema.types()) {
      for (ConfigObject object : image.objects(type.name())) {
        audit.check(object);
      }
    }
    image.forEachAllocation(audit::check);
    audit.places.forEach((account, missing) ->
        missing.forEach((owner, count) -> audit.checkPlaces(account, owner, count)));
    return List.copyOf(audit.problems);
  }

  private void check(ConfigObject object) {
    String owner = object.uuid().toString();
    Behaviours.of(object.type())
        .bears(
            object,
            image,
            new Bearing() {
              @Override
              public void oneOf(Collection<AllocationKey> keys) {
                if (!explain(keys, owner)) {
                  problems.add(
                      object.type() + " " + owner + " bears " + keys + " but holds none of it");
                }
              }

              @Override
              public void anyOf(Collection<AllocationKey> keys) {
                explain(keys, owner);
              }
            });
    Quotas.uses(object, image::object).forEach((account, count) -> count(account, owner, -count));
  }

  private boolean explain(Collection<AllocationKey> keys, String owner) {
    boolean any = false;
    for (AllocationKey key : keys) {
      if (owner.equals(image.owner(key))) {
        explained.add(key);
        any = true;
      }
    }
    return any;
  }

  private void count(Quotas.Account account, String owner, int by) {
    places.computeIfAbsent(account, _ -> new HashMap<>()).merge(owner, by, Integer::sum);
  }

  private void check(AllocationKey key, String owner) {
    var quota = QUOTA.matcher(key.pool());
    var addresses = ADDRESSES.matcher(key.pool());
    if (quota.matches()) {
      count(new Quotas.Account(UUID.fromString(quota.group(1)), quota.group(2)), owner, 1);
    } else if (addresses.matches()) {
      boolean own =
          addresses.group(1).equals(owner) && image.object(UUID.fromString(owner)) != null;
      if (!own && !explained.contains(key)) {
        orphan(key, owner);
      }
    } else if (Behaviours.POOLS.stream().anyMatch(key.pool()::startsWith)
        && !explained.contains(key)) {
      orphan(key, owner);
    }
  }

  private void orphan(AllocationKey key, @Nullable String owner) {
    problems.add(key + " is held by " + owner + ", which does not bear it");
  }

  private void checkPlaces(Quotas.Account account, String owner, int surplus) {
    if (surplus != 0) {
      problems.add(
          owner
              + (surplus > 0 ? " holds " : " lacks ")
              + Math.abs(surplus)
              + " places in "
              + account.pool());
    }
  }
}
