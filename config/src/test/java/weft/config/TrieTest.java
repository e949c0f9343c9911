package weft.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import weft.testkit.Seeds;

class TrieTest {
  /** A key whose hash is what the test makes it. */
  private record Clashing(int value, int hash) {
    @Override
    public int hashCode() {
      return hash;
    }
  }

  private static <K, V> Map<K, V> content(Trie<K, V> trie) {
    Map<K, V> content = new HashMap<>();
    trie.forEach((key, value) -> assertThat(content.put(key, value)).isNull());
    assertThat(trie.size()).isEqualTo(content.size());
    return content;
  }

  @Test
  void isAMapThatDoesNotChange() {
    Seeds.each(
        200,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          int keys = random.nextInt(1, 400);
          int hashes = random.nextBoolean() ? keys : random.nextInt(1, 20);
          Trie<Clashing, Integer> trie = Trie.empty();
          Map<Clashing, Integer> model = new HashMap<>();
          for (int i = 0; i < 600; i++) {
            int value = random.nextInt(keys);
            Clashing key = new Clashing(value, value % hashes);
            Trie<Clashing, Integer> before = trie;
            Map<Clashing, Integer> contentBefore = i % 50 == 0 ? content(before) : null;
            if (random.nextInt(100) < 55) {
              trie = trie.with(key, i);
              model.put(key, i);
            } else {
              trie = trie.without(key);
              model.remove(key);
            }
            assertThat(trie.get(key)).isEqualTo(model.get(key));
            if (contentBefore != null) {
              assertThat(content(before)).isEqualTo(contentBefore);
              assertThat(content(trie)).isEqualTo(model);
            }
          }
          Trie<Clashing, Integer> whole = Trie.of(model);
          assertThat(content(whole)).isEqualTo(model);
          for (Clashing key : model.keySet()) {
            assertThat(whole.get(key)).isEqualTo(model.get(key));
            assertThat(whole.without(key).with(key, -1).get(key)).isEqualTo(-1);
            assertThat(content(whole.without(key))).hasSize(model.size() - 1);
          }
          for (Clashing key : Map.copyOf(model).keySet()) {
            trie = trie.without(key);
          }
          assertThat(trie.isEmpty()).isTrue();
          assertThat(content(trie)).isEmpty();
        });
  }
}
