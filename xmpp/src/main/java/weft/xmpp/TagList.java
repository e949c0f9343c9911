package weft.xmpp;

import java.util.Collection;
import java.util.List;
import weft.net.Tag;

/**
 * The tags of what a next hop leads to, and the form that they are written in.
 *
 * @param wide as OpenSDN writes them, which says so beside the list; else in the short form
 */
public record TagList(boolean wide, List<Tag> tags) {
  public static final TagList NONE = new TagList(false, List.of());

  private static final long MOST_SHORT = 0xffff_ffffL;

  public TagList {
    tags = List.copyOf(tags);
    if (!wide && !areShort(tags)) {
      throw new IllegalArgumentException("too large for the short form: " + tags);
    }
  }

  public static boolean areShort(Collection<Tag> tags) {
    for (Tag tag : tags) {
      if (!tag.isShort()) {
        return false;
      }
    }
    return true;
  }

  /** A number that the short form has no room for is of the wide one, said or not. */
  static TagList read(boolean saidWide, List<Long> words) {
    if (words.isEmpty() && !saidWide) {
      return NONE;
    }
    boolean wide = saidWide || words.stream().anyMatch(word -> word > MOST_SHORT);
    return new TagList(
        wide,
        words.stream().map(word -> wide ? new Tag(word) : Tag.ofShort(word.intValue())).toList());
  }

  /** The numbers as they are written. */
  List<Long> words() {
    return tags.stream().map(tag -> wide ? tag.number() : tag.toShort() & MOST_SHORT).toList();
  }
}
