package weft.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import weft.store.RocksFiles.Commit;

class TailTest {
  private final Tail tail = new Tail();

  private void add(long from, long to) {
    for (long revision = from; revision <= to; revision++) {
      tail.add(new Commit(revision, List.of()));
    }
  }

  private List<Long> held(long from, long to) {
    return LongStream.rangeClosed(from, to)
        .filter(revision -> tail.get(revision) != null)
        .boxed()
        .toList();
  }

  @Test
  void holdsWhatWasNotForgotten() {
    assertThat(held(0, 2000)).isEmpty();
    tail.forget(7);
    add(500, 510);
    tail.forget(505);
    assertThat(held(0, 2000)).containsExactly(505L, 506L, 507L, 508L, 509L, 510L);
    tail.forget(511);
    tail.forget(503);
    assertThat(held(0, 2000)).isEmpty();
    add(511, 512);
    assertThat(held(0, 2000)).containsExactly(511L, 512L);
  }

  @Test
  void holdsNoMoreThanTheLast() {
    add(10, 3000);
    assertThat(held(0, 4000)).hasSize(1024).startsWith(1977L).endsWith(3000L);
    tail.forget(2999);
    assertThat(held(0, 4000)).containsExactly(2999L, 3000L);
  }
}
