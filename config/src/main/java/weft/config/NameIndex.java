package weft.config;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;
import weft.schema.ConfigObject;
import weft.schema.FqName;
import weft.schema.ObjectType;

/**
 * Makes the index of names of many objects at once.
 *
 * <p>To sort a million names by following them from object to character is to wait for memory most
 * of the time. Therefore what tells the children of one parent apart is drawn together first.
 */
final class NameIndex {
  private NameIndex() {}

  static Trie<String, TreePMap<FqName, UUID>> of(List<ConfigObject> objects) {
    Map<ObjectType, List<ConfigObject>> byType = new HashMap<>();
    for (ConfigObject object : objects) {
      byType.computeIfAbsent(object.type(), first -> new ArrayList<>()).add(object);
    }
    Map<String, TreePMap<FqName, UUID>> names = HashMap.newHashMap(byType.size());
    byType.forEach((type, ofType) ->
        names.put(type.name(), TreePMap.fromSortedMap(new Ordered(sorted(ofType)))));
    return Trie.of(names);
  }

  /** The names under one parent. */
  private static final class Siblings {
    private final String first;

    /** So many characters are the same in all. */
    private int common;

    Siblings(String first) {
      this.first = first;
      this.common = first.length();
    }

    void add(String name) {
      int end = Math.min(common, name.length());
      int at = 0;
      while (at < end && name.charAt(at) == first.charAt(at)) {
        at++;
      }
      common = at;
    }
  }

  /**
   * A name, with what is behind the part that all its siblings share.
   *
   * @param high its first four characters
   * @param low the next four
   */
  private record Named(FqName fqName, UUID uuid, Siblings siblings, long high, long low) {
    static Named of(ConfigObject object, Siblings siblings) {
      FqName fqName = object.fqName();
      String name = fqName.name();
      int from = siblings.common;
      return new Named(fqName, object.uuid(), siblings, four(name, from), four(name, from + 4));
    }

    private static long four(String name, int from) {
      long four = 0;
      for (int i = from; i < from + 4; i++) {
        four = four << 16 | (i < name.length() ? name.charAt(i) : 0);
      }
      return four;
    }

    @SuppressWarnings("ReferenceEquality") // siblings are the same object
    int compare(Named other) {
      if (siblings == other.siblings) {
        int order = Long.compareUnsigned(high, other.high);
        order = order != 0 ? order : Long.compareUnsigned(low, other.low);
        if (order != 0) {
          return order;
        }
      }
      return fqName.compareTo(other.fqName);
    }
  }

  private static Named[] sorted(List<ConfigObject> ofType) {
    Map<List<String>, Siblings> families = new HashMap<>();
    Siblings[] siblings = new Siblings[ofType.size()];
    for (int i = 0; i < siblings.length; i++) {
      List<String> parts = ofType.get(i).fqName().parts();
      String name = parts.getLast();
      Siblings family =
          families.computeIfAbsent(parts.subList(0, parts.size() - 1), first -> new Siblings(name));
      family.add(name);
      siblings[i] = family;
    }
    Named[] names = new Named[siblings.length];
    Arrays.parallelSetAll(names, i -> Named.of(ofType.get(i), siblings[i]));
    Arrays.parallelSort(names, Named::compare);
    return names;
  }

  /** Just as much of a sorted map as it takes to make another of it. */
  @SuppressWarnings("JdkObsolete") // TreePMap asks for no more.
  private static final class Ordered extends AbstractMap<FqName, UUID>
      implements SortedMap<FqName, UUID> {
    private final List<Entry<FqName, UUID>> entries;

    Ordered(Named... sorted) {
      entries = new ArrayList<>(sorted.length);
      for (int i = 0; i < sorted.length; i++) {
        // In a store that is damaged two objects may bear a name.
        if (i == 0 || sorted[i - 1].compare(sorted[i]) != 0) {
          entries.add(Map.entry(sorted[i].fqName(), sorted[i].uuid()));
        }
      }
    }

    @Override
    public Set<Entry<FqName, UUID>> entrySet() {
      return new AbstractSet<>() {
        @Override
        public Iterator<Entry<FqName, UUID>> iterator() {
          return entries.iterator();
        }

        @Override
        public int size() {
          return entries.size();
        }
      };
    }

    @Override
    public @Nullable Comparator<? super FqName> comparator() {
      return null;
    }

    @Override
    public SortedMap<FqName, UUID> subMap(FqName from, FqName to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<FqName, UUID> headMap(FqName to) {
      throw new UnsupportedOperationException();
    }

    @Override
    public SortedMap<FqName, UUID> tailMap(FqName from) {
      throw new UnsupportedOperationException();
    }

    @Override
    public FqName firstKey() {
      throw new UnsupportedOperationException();
    }

    @Override
    public FqName lastKey() {
      throw new UnsupportedOperationException();
    }
  }
}
