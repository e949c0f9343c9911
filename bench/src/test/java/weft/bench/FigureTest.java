package weft.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class FigureTest {
  @Test
  void rateIsMetByMore() {
    Figure figure = Figure.rate("creates", 1234.5, "1/s").beside("other", 309).goal(1000);
    assertThat(figure.met()).isTrue();
    assertThat(figure.json().toString())
        .isEqualTo(
            "{\"name\":\"creates\",\"value\":1235.0,\"unit\":\"1/s\",\"peer\":\"other\","
                + "\"peer_value\":309.0,\"ratio\":4.0,\"goal\":\">= 1000\",\"met\":true}");
    assertThat(figure.goal(2000).met()).isFalse();
  }

  @Test
  void costIsMetByLess() {
    Figure figure = Figure.cost("list", 12.34, "ms").beside("other", 101).goal(15);
    assertThat(figure.met()).isTrue();
    assertThat(figure.ratio().getAsDouble()).isGreaterThan(8);
    assertThat(figure.goal(12).met()).isFalse();
  }

  @Test
  void reportMissesAGoalWithAnyOfItsFigures() {
    Report report = new Report(text -> {});
    report.add(Figure.cost("without goal", 5, "ms"));
    report.add(Figure.cost("met", 5, "ms").goal(5));
    assertThat(report.met()).isTrue();
    report.add(Figure.cost("missed", 5, "ms").goal(4.9));
    assertThat(report.met()).isFalse();
    assertThat(report.json()).hasSize(3);
  }
}
