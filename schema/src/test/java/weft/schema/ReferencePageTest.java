package weft.schema;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ReferencePageTest {
  private final String page = ReferencePage.html();

  @Test
  void everyTypeHasAChapterAndEveryLinkAnEnd() {
    Set<String> chapters = found("<h2 id=\"([^\"]+)\">");
    assertThat(chapters).hasSize(126 + 229);
    assertThat(chapters).containsAll(found("<a href=\"#([^\"]+)\">"));
  }

  @Test
  void valuesAreEscaped() {
    assertThat(page).contains("<code>&gt;</code> | <code>&lt;&gt;</code>");
  }

  private Set<String> found(String pattern) {
    Set<String> all = new TreeSet<>();
    Matcher matcher = Pattern.compile(pattern).matcher(page);
    while (matcher.find()) {
      all.add(matcher.group(1));
    }
    return all;
  }
}
