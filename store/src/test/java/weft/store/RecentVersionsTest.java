package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RecentVersionsTest {
  private final RecentVersions recent = new RecentVersions();

  @Test
  void whatIsKnownIsWhatWasPutLast() {
    Random random = new Random(5);
    Map<Key, Version> put = new HashMap<>();
    int known = 0;
    for (int i = 1; i <= 200_000; i++) {
      Key key = new Key("config/object/" + random.nextInt(30_000));
      if (random.nextBoolean()) {
        Version version = new Version(random.nextInt(i), i, random.nextInt(3));
        put.put(key, version);
        recent.put(key, version);
        assertThat(recent.get(key)).isEqualTo(version);
      } else {
        Version version = recent.get(key);
        if (version != null) {
          known++;
          assertThat(version).isEqualTo(put.get(key));
        }
      }
    }
    assertThat(known).isGreaterThan(20_000);
  }

  @Test
  void aKeyThatCannotBeKeptIsNotMistakenForAnother() {
    String longest = "k".repeat(127);
    Version version = new Version(1, 2, 0);
    for (String text : new String[] {longest, longest + "k", "ö", "", "config/fq/a:ü", "x"}) {
      recent.put(new Key(text), version);
    }
    assertThat(recent.get(new Key(longest))).isEqualTo(version);
    assertThat(recent.get(new Key("x"))).isEqualTo(version);
    assertThat(recent.get(new Key(longest + "k"))).isNull();
    assertThat(recent.get(new Key("ö"))).isNull();
    assertThat(recent.get(Key.EMPTY)).isNull();
    assertThat(recent.get(new Key("config/fq/a:ü"))).isNull();
    assertThat(recent.get(new Key("config/fq/a:"))).isNull();
  }
}
