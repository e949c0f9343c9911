package weft.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import weft.config.ConfigImage.Place;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;

/** Makes the indices of many objects at once, with a number for each object instead of its uuid. */
final class Indices {
  private final ConfigObject[] objects;

  /** The numbers of the objects, at the places of their uuids' hashes or behind; -1 for none. */
  private final int[] table;

  /** Those that are referred to without being there; their numbers follow those of the objects. */
  private final List<UUID> absent = new ArrayList<>();

  private final Map<UUID, Integer> absentNumbers = new HashMap<>();
  private final Pairs children = new Pairs();
  private final Pairs referrers = new Pairs();

  Indices(List<ConfigObject> all) {
    objects = all.toArray(new ConfigObject[0]);
    table = new int[Integer.highestOneBit(Math.max(8, objects.length)) * 4];
    Arrays.fill(table, -1);
    for (int number = 0; number < objects.length; number++) {
      int at = at(objects[number].uuid());
      table[at] = number;
    }
    for (int number = 0; number < objects.length; number++) {
      int source = number;
      int first = referrers.size;
      objects[number].links(
          parent -> children.add(number(parent), source),
          target -> referrers.addUnlessSince(first, number(target), source));
    }
  }

  /** The place of a uuid, or the free one where it would be. */
  private int at(UUID uuid) {
    int at = Trie.hash(uuid) & (table.length - 1);
    while (table[at] >= 0 && !objects[table[at]].uuid().equals(uuid)) {
      at = (at + 1) & (table.length - 1);
    }
    return at;
  }

  private int number(UUID uuid) {
    int number = table[at(uuid)];
    return number >= 0
        ? number
        : absentNumbers.computeIfAbsent(
            uuid,
            first -> {
              absent.add(uuid);
              return objects.length + absent.size() - 1;
            });
  }

  Trie<UUID, Place> places() {
    int count = objects.length + absent.size();
    Groups ofChildren = new Groups(children, count);
    Groups ofReferrers = new Groups(referrers, count);
    Object[] slots = new Object[2 * count];
    for (int number = 0; number < count; number++) {
      @Nullable ConfigObject object = number < objects.length ? objects[number] : null;
      slots[2 * number] = object == null ? absent.get(number - objects.length) : object.uuid();
      slots[2 * number + 1] = new Place(object, ofChildren.of(number), ofReferrers.of(number));
    }
    return Trie.ofSlots(slots);
  }

  static Trie<String, TreePMap<FqName, UUID>> names(List<ConfigObject> objects) {
    Map<ObjectType, List<ConfigObject>> byType = new HashMap<>();
    for (ConfigObject object : objects) {
      byType.computeIfAbsent(object.type(), first -> new ArrayList<>()).add(object);
    }
    Map<String, TreePMap<FqName, UUID>> names = HashMap.newHashMap(byType.size());
    byType.forEach((type, ofType) -> {
      ofType.sort(Comparator.comparing(ConfigObject::fqName));
      TreeMap<FqName, UUID> sorted = new TreeMap<>();
      ofType.forEach(object -> sorted.put(object.fqName(), object.uuid()));
      names.put(type.name(), TreePMap.fromSortedMap(sorted));
    });
    return Trie.of(names);
  }

  /** Links, as the numbers of target and source. */
  private static final class Pairs {
    int[] targets = new int[64];
    int[] sources = new int[64];
    int size;

    void add(int target, int source) {
      if (size == targets.length) {
        targets = Arrays.copyOf(targets, 2 * size);
        sources = Arrays.copyOf(sources, 2 * size);
      }
      targets[size] = target;
      sources[size] = source;
      size++;
    }

    /** Leaves out what is there already, of the pairs from `first` on. */
    void addUnlessSince(int first, int target, int source) {
      for (int i = first; i < size; i++) {
        if (targets[i] == target) {
          return;
        }
      }
      add(target, source);
    }
  }

  /** The sources of each target. */
  private final class Groups {
    /** Where the sources of a target begin; those of the next one follow. */
    private final int[] starts;

    private final int[] sources;

    Groups(Pairs pairs, int count) {
      starts = new int[count + 1];
      for (int i = 0; i < pairs.size; i++) {
        starts[pairs.targets[i] + 1]++;
      }
      for (int i = 0; i < count; i++) {
        starts[i + 1] += starts[i];
      }
      sources = new int[pairs.size];
      int[] next = Arrays.copyOf(starts, count);
      for (int i = 0; i < pairs.size; i++) {
        sources[next[pairs.targets[i]]++] = pairs.sources[i];
      }
    }

    Trie<UUID, Boolean> of(int target) {
      int from = starts[target];
      Object[] slots = new Object[2 * (starts[target + 1] - from)];
      for (int i = 0; i < slots.length; i += 2) {
        slots[i] = objects[sources[from + i / 2]].uuid();
        slots[i + 1] = true;
      }
      return Trie.ofSlots(slots);
    }
  }
}
