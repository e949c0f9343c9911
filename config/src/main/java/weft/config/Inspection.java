package weft.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import weft.schema.ConfigObject;
import weft.state.Change;
import weft.store.Entry;
import weft.store.Key;
import weft.store.Page;
import weft.store.Snapshot;

/**
 * What the records of a store say, read apart from all that is in memory, and whether they agree.
 *
 * @param image what a server that starts now would see
 * @param problems one line each; none in a store that only {@link ConfigDb} has written to
 */
public record Inspection(ConfigImage image, List<String> problems) {
  private static final int PAGE = 1000;

  public Inspection {
    problems = List.copyOf(problems);
  }

  /** Reads all records of the config. */
  public static Inspection of(Snapshot snapshot) {
    Records records = new Records();
    @Nullable Key after = null;
    while (true) {
      Page page = snapshot.scan(Layout.ROOT, after, PAGE);
      page.entries().forEach(records::add);
      if (!page.more()) {
        break;
      }
      after = page.entries().getLast().key();
    }
    List<String> problems = new ArrayList<>();
    records.checkNames(problems);
    records.checkLinks(problems);
    return new Inspection(records.image(snapshot.revision()), problems);
  }

  private static final class Records {
    private final Map<UUID, ConfigObject> objects = new HashMap<>();
    private final Map<Key, String> names = new HashMap<>();
    private final Set<UUID> guards = new HashSet<>();
    private final List<Change<AllocationKey, String>> allocations = new ArrayList<>();

    void add(Entry entry) {
      switch (Layout.name(entry.key())) {
        case Layout.Name.OfObject(UUID uuid) -> objects.put(uuid, Layout.object(entry));
        case Layout.Name.OfGuard(UUID uuid) -> guards.add(uuid);
        case Layout.Name.OfAllocation(AllocationKey key) ->
            allocations.add(new Change.Put<>(key, null, entry.text()));
        case Layout.Name.OfOther _ -> names.put(entry.key(), entry.text());
      }
    }

    void checkNames(List<String> problems) {
      Map<Key, String> unclaimed = new HashMap<>(names);
      objects.forEach((uuid, object) -> {
        if (!uuid.equals(object.uuid())) {
          problems.add("the record of " + uuid + " holds " + object.uuid());
        }
        String holder = unclaimed.remove(Layout.fqName(object.type(), object.fqName()));
        if (!uuid.toString().equals(holder)) {
          problems.add(text(object) + ": its name leads to " + holder);
        }
      });
      unclaimed.forEach(
          (key, uuid) -> problems.add(key + " leads to " + uuid + ", which has no such name"));
    }

    void checkLinks(List<String> problems) {
      objects.forEach((uuid, object) -> {
        UUID parent = object.parentUuid();
        if (parent != null && !objects.containsKey(parent)) {
          problems.add(text(object) + ": its parent " + parent + " does not exist");
        }
        for (UUID target : object.targets()) {
          if (!objects.containsKey(target)) {
            problems.add(text(object) + " refers to " + target + ", which does not exist");
          }
        }
      });
      for (UUID guard : guards) {
        if (!objects.containsKey(guard)) {
          problems.add("guard of " + guard + ", which does not exist");
        }
      }
    }

    private static String text(ConfigObject object) {
      return object.type() + " " + object.uuid() + " " + object.fqName();
    }

    ConfigImage image(long revision) {
      List<Change<UUID, ConfigObject>> all = new ArrayList<>(objects.size());
      objects.forEach((uuid, object) -> all.add(new Change.Put<>(uuid, null, object)));
      return ConfigImage.EMPTY.with(new ConfigDelta(revision, all, allocations, true));
    }
  }
}
