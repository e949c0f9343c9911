package weft.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class GraphTest {
  private static final List<String> RUNS = new ArrayList<>();

  private record Number(String name) implements Graph.Input<Integer> {}

  private record Parity(String name) implements Graph.Computed<Boolean> {
    @Override
    public Boolean compute(Graph.Reads reads) {
      RUNS.add("parity " + name);
      Integer number = reads.input(new Number(name));
      return number != null && number % 2 == 0;
    }
  }

  private record BothEven(String first, String second) implements Graph.Computed<String> {
    @Override
    public String compute(Graph.Reads reads) {
      RUNS.add("both");
      if (!reads.value(new Parity(first))) {
        return "no, " + first;
      }
      return reads.value(new Parity(second)) ? "yes" : "no, " + second;
    }
  }

  private record Endless() implements Graph.Computed<String> {
    @Override
    public String compute(Graph.Reads reads) {
      return reads.value(new Endless());
    }
  }

  private final Graph graph = new Graph();
  private final BothEven both = new BothEven("a", "b");

  GraphTest() {
    RUNS.clear();
  }

  private List<String> runsOf(Runnable task) {
    RUNS.clear();
    task.run();
    return List.copyOf(RUNS);
  }

  @Test
  void computesWhatIsHeldAndReportsChanges() {
    graph.hold(both);
    assertThat(graph.settle()).containsExactly(both);
    assertThat(graph.value(both)).isEqualTo("no, a");
    graph.set(new Number("a"), 2);
    graph.set(new Number("b"), 4);
    assertThat(graph.settle()).containsExactly(both);
    assertThat(graph.value(both)).isEqualTo("yes");
    assertThat(graph.settle()).isEmpty();
  }

  @Test
  void stopsWhereAValueComesOutAsBefore() {
    graph.set(new Number("a"), 2);
    graph.set(new Number("b"), 4);
    graph.hold(both);
    graph.settle();
    graph.set(new Number("a"), 8);
    assertThat(runsOf(() -> assertThat(graph.settle()).isEmpty())).containsExactly("parity a");
  }

  @Test
  void doesNotComputeWhatNobodyReadsAnyMore() {
    graph.set(new Number("a"), 2);
    graph.set(new Number("b"), 4);
    graph.hold(both);
    graph.settle();
    graph.set(new Number("a"), 1);
    graph.set(new Number("b"), 5);
    assertThat(runsOf(graph::settle)).containsExactly("parity a", "both");
    assertThat(runsOf(() -> graph.set(new Number("b"), 6))).isEmpty();
    assertThat(graph.settle()).isEmpty();
  }

  @Test
  void reportsWhatWasComputedForAnother() {
    Parity parity = new Parity("a");
    graph.hold(both);
    graph.hold(parity);
    graph.settle();
    graph.set(new Number("a"), 2);
    assertThat(graph.settle()).containsExactlyInAnyOrder(both, parity);
  }

  @Test
  void namesTheInputsOfAValue() {
    graph.set(new Number("a"), 1);
    graph.set(new Number("b"), 4);
    graph.hold(both);
    graph.settle();
    assertThat(graph.inputsOf(both)).containsExactly(new Number("a"));
    graph.set(new Number("a"), 2);
    graph.settle();
    assertThat(graph.inputsOf(both)).containsExactly(new Number("a"), new Number("b"));
  }

  @Test
  void forgetsWhatIsReleased() {
    graph.set(new Number("a"), 2);
    graph.hold(both);
    graph.settle();
    graph.release(both);
    assertThat(graph.size()).isEqualTo(1);
    graph.set(new Number("a"), null);
    assertThat(graph.size()).isZero();
    assertThat(graph.settle()).isEmpty();
    assertThatThrownBy(() -> graph.value(both)).hasMessageContaining("not held");
  }

  @Test
  void refusesACircle() {
    graph.hold(new Endless());
    assertThatThrownBy(graph::settle).hasMessageContaining("depends on itself");
  }
}
