package weft.agent.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import weft.agent.core.Ids.Pool;
import weft.testkit.Seeds;

class IdsTest {
  @Test
  void a_name_keeps_its_number_and_two_names_never_share_one() {
    Ids ids = new Ids();
    int a = ids.of(Pool.LABEL, "a");
    assertThat(a).isEqualTo(16);
    assertThat(ids.of(Pool.LABEL, "a")).isEqualTo(a);
    assertThat(ids.of(Pool.LABEL, "b")).isNotEqualTo(a);
    assertThat(ids.of(Pool.VIF, "a")).isEqualTo(1);
    assertThat(ids.name(Pool.LABEL, a)).isEqualTo("a");
  }

  @Test
  void a_freed_number_rests_before_another_name_gets_it() {
    Ids ids = new Ids();
    for (int i = 0; i < 8191; i++) {
      ids.of(Pool.VIF, "v" + i);
    }
    assertThatThrownBy(() -> ids.of(Pool.VIF, "more")).isInstanceOf(IllegalStateException.class);
    ids.release(Pool.VIF, "v7");
    ids.release(Pool.VIF, "v9");
    assertThat(ids.of(Pool.VIF, "more")).as("the one that rested longest").isEqualTo(8);
    ids.advance(Ids.QUARANTINE_NS);
    assertThat(ids.of(Pool.VIF, "even more")).isEqualTo(10);
  }

  @Test
  void while_others_are_free_a_number_rests() {
    Ids ids = new Ids();
    int a = ids.of(Pool.VIF, "a");
    ids.release(Pool.VIF, "a");
    for (int i = 0; i < 8190; i++) {
      assertThat(ids.of(Pool.VIF, "v" + i)).isNotEqualTo(a);
    }
    assertThat(ids.of(Pool.VIF, "last")).isEqualTo(a);
  }

  @Test
  void a_name_that_comes_back_while_its_number_rests_gets_it_again() {
    Ids ids = new Ids();
    int a = ids.of(Pool.VRF, "a");
    ids.release(Pool.VRF, "a");
    assertThat(ids.find(Pool.VRF, "a")).isZero();
    assertThat(ids.of(Pool.VRF, "b")).isNotEqualTo(a);
    assertThat(ids.of(Pool.VRF, "a")).isEqualTo(a);
  }

  @Test
  void retain_takes_back_all_others() {
    Ids ids = new Ids();
    ids.of(Pool.VRF, "a");
    ids.of(Pool.VRF, "b");
    ids.retain(Set.of(new Ids.Name(Pool.VRF, "b")));
    assertThat(ids.find(Pool.VRF, "a")).isZero();
    assertThat(ids.find(Pool.VRF, "b")).isEqualTo(2);
  }

  /** The journal, whole or compacted, leads to the same numbers. */
  @Test
  void replay_leads_to_the_same_numbers() {
    Seeds.each(
        100,
        seed -> {
          Random random = new Random(seed);
          Ids ids = new Ids();
          List<Ids.Entry> journal = new ArrayList<>();
          for (int i = 0; i < 200; i++) {
            String name = "n" + random.nextInt(30);
            Pool pool = Pool.values()[random.nextInt(Pool.values().length)];
            if (random.nextInt(3) == 0) {
              ids.release(pool, name);
            } else {
              ids.of(pool, name);
            }
            journal.addAll(ids.drainJournal());
          }
          Ids replayed = Ids.replay(journal, 0);
          Ids compacted = Ids.replay(ids.compacted(), 0);
          for (Pool pool : Pool.values()) {
            for (int n = 0; n < 30; n++) {
              assertThat(replayed.find(pool, "n" + n)).isEqualTo(ids.find(pool, "n" + n));
              assertThat(compacted.find(pool, "n" + n)).isEqualTo(ids.find(pool, "n" + n));
              assertThat(compacted.of(pool, "n" + n)).isEqualTo(replayed.of(pool, "n" + n));
            }
          }
        });
  }
}
