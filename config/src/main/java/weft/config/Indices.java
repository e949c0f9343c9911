package weft.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import weft.config.ConfigImage.Place;
import weft.schema.ConfigObject;

/**
 * Makes the places of many objects at once, on all processors, with a number for each object
 * instead of its uuid.
 */
final class Indices {
  /** So many objects go to one task. */
  private static final int PART = 1 << 13;

  private final ConfigObject[] objects;

  /** The two halves of the uuid of each object, side by side. */
  private final long[] uuids;

  /** The numbers of the objects, at the places of their uuids' hashes or behind; -1 for none. */
  private final int[] table;

  /** Those that are referred to without being there; their numbers follow those of the objects. */
  private final List<UUID> absent = new ArrayList<>();

  private final List<Pairs> children = new ArrayList<>();
  private final List<Pairs> referrers = new ArrayList<>();

  Indices(List<ConfigObject> all) {
    objects = all.toArray(new ConfigObject[0]);
    uuids = new long[2 * objects.length];
    table = new int[Integer.highestOneBit(Math.max(8, objects.length)) * 4];
    Arrays.fill(table, -1);
    int[] hashes = new int[objects.length];
    each((from, to) -> {
      for (int number = from; number < to; number++) {
        UUID uuid = objects[number].uuid();
        hashes[number] = Trie.hash(uuid);
        uuids[2 * number] = uuid.getMostSignificantBits();
        uuids[2 * number + 1] = uuid.getLeastSignificantBits();
      }
    });
    for (int number = 0; number < objects.length; number++) {
      int at = at(hashes[number], uuids[2 * number], uuids[2 * number + 1]);
      table[at] = number;
    }
    link();
  }

  private interface Span {
    void over(int from, int to);
  }

  private void each(Span span) {
    parts()
        .parallel()
        .forEach(part -> span.over(part * PART, Math.min(objects.length, (part + 1) * PART)));
  }

  private IntStream parts() {
    return IntStream.range(0, (objects.length + PART - 1) / PART);
  }

  /** The place of a uuid, or the free one where it would be. */
  private int at(int hash, long high, long low) {
    int at = hash & (table.length - 1);
    for (int number = table[at]; number >= 0; number = table[at]) {
      if (uuids[2 * number] == high && uuids[2 * number + 1] == low) {
        return at;
      }
      at = (at + 1) & (table.length - 1);
    }
    return at;
  }

  /** The links of some objects; the absent are numbered by themselves. */
  private final class Linked {
    final Pairs children = new Pairs();
    final Pairs referrers = new Pairs();
    final List<UUID> absent = new ArrayList<>();
    private final Map<UUID, Integer> absentNumbers = new HashMap<>();

    Linked(int from, int to) {
      for (int source = from; source < to; source++) {
        int number = source;
        int first = referrers.size;
        objects[source].links(
            parent -> children.add(number(parent), number),
            target -> referrers.addUnlessSince(first, number(target), number));
      }
    }

    private int number(UUID uuid) {
      long high = uuid.getMostSignificantBits();
      int number = table[at(Trie.hash(uuid), high, uuid.getLeastSignificantBits())];
      return number >= 0 ? number : objects.length + absentNumber(uuid);
    }

    private int absentNumber(UUID uuid) {
      return absentNumbers.computeIfAbsent(
          uuid,
          first -> {
            absent.add(uuid);
            return absent.size() - 1;
          });
    }
  }

  private void link() {
    List<Linked> links =
        parts()
            .parallel()
            .mapToObj(part -> new Linked(part * PART, Math.min(objects.length, (part + 1) * PART)))
            .toList();
    Map<UUID, Integer> absentNumbers = new HashMap<>();
    for (Linked some : links) {
      int[] numbers = new int[some.absent.size()];
      for (int i = 0; i < numbers.length; i++) {
        UUID uuid = some.absent.get(i);
        numbers[i] =
            absentNumbers.computeIfAbsent(
                uuid,
                first -> {
                  absent.add(uuid);
                  return objects.length + absent.size() - 1;
                });
      }
      some.children.renumber(objects.length, numbers);
      some.referrers.renumber(objects.length, numbers);
      children.add(some.children);
      referrers.add(some.referrers);
    }
  }

  Trie<UUID, Place> places() {
    int count = objects.length + absent.size();
    Groups ofChildren = new Groups(children, count);
    Groups ofReferrers = new Groups(referrers, count);
    Object[] slots = new Object[2 * count];
    each((from, to) -> {
      for (int number = from; number < to; number++) {
        slots[2 * number] = objects[number].uuid();
        slots[2 * number + 1] = place(objects[number], number, ofChildren, ofReferrers);
      }
    });
    for (int number = objects.length; number < count; number++) {
      slots[2 * number] = absent.get(number - objects.length);
      slots[2 * number + 1] = place(null, number, ofChildren, ofReferrers);
    }
    return Trie.ofSlots(slots);
  }

  private static Place place(
      @Nullable ConfigObject object, int number, Groups ofChildren, Groups ofReferrers) {
    return new Place(object, ofChildren.of(number), ofReferrers.of(number));
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

    /** Gives the targets from `first` on the numbers that they have among all. */
    void renumber(int first, int... numbers) {
      if (numbers.length == 0) {
        return;
      }
      for (int i = 0; i < size; i++) {
        if (targets[i] >= first) {
          targets[i] = numbers[targets[i] - first];
        }
      }
    }
  }

  /** The sources of each target. */
  private final class Groups {
    /** Where the sources of a target begin; those of the next one follow. */
    private final int[] starts;

    private final int[] sources;

    Groups(List<Pairs> all, int count) {
      starts = new int[count + 1];
      for (Pairs pairs : all) {
        for (int i = 0; i < pairs.size; i++) {
          starts[pairs.targets[i] + 1]++;
        }
      }
      for (int i = 0; i < count; i++) {
        starts[i + 1] += starts[i];
      }
      sources = new int[starts[count]];
      int[] next = Arrays.copyOf(starts, count);
      for (Pairs pairs : all) {
        for (int i = 0; i < pairs.size; i++) {
          sources[next[pairs.targets[i]]++] = pairs.sources[i];
        }
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
