package weft.routing;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Which communities a route must have: texts, or regular expressions for them. */
public final class CommunityMatch {
  public static final CommunityMatch ANY = new CommunityMatch(List.of(), false);

  private static final int LONGEST = 64;
  private static final Pattern PLAIN = Pattern.compile("[\\w:-]*");

  private final List<String> wanted;
  private final boolean all;
  private final List<Predicate<String>> tests = new ArrayList<>();

  /**
   * @param wanted each a community as text, `64512:10`, or a regular expression for all of its text
   * @param all whether each of them must be met, rather than one
   * @throws IllegalArgumentException if one is no regular expression, or too long
   */
  public CommunityMatch(List<String> wanted, boolean all) {
    this.wanted = List.copyOf(wanted);
    this.all = all;
    wanted.forEach(text -> tests.add(test(text)));
  }

  private static Predicate<String> test(String text) {
    if (PLAIN.matcher(text).matches()) {
      return text::equals;
    }
    if (text.length() > LONGEST) {
      throw new IllegalArgumentException("longer than " + LONGEST + " characters: " + text);
    }
    try {
      return Pattern.compile(text).asMatchPredicate();
    } catch (PatternSyntaxException e) {
      throw new IllegalArgumentException("no regular expression: " + text, e);
    }
  }

  boolean fits(Stream<String> present) {
    if (tests.isEmpty()) {
      return true;
    }
    List<String> communities = present.toList();
    Predicate<Predicate<String>> met = test -> communities.stream().anyMatch(test);
    return all ? tests.stream().allMatch(met) : tests.stream().anyMatch(met);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof CommunityMatch that && all == that.all && wanted.equals(that.wanted);
  }

  @Override
  public int hashCode() {
    return wanted.hashCode() * 31 + Boolean.hashCode(all);
  }

  @Override
  public String toString() {
    return (all ? "all of " : "one of ") + wanted;
  }
}
