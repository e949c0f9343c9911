package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import picocli.CommandLine;
import weft.bench.ConfigBench;
import weft.bench.Figure;
import weft.bench.Report;
import weft.bench.XmppBench;

/** That the benchmark drives real servers to its end; what it finds is no matter here. */
class BenchTest {
  private static final ConfigBench.Size TINY = new ConfigBench.Size(80, 80, 80, 5, 400);

  @ParameterizedTest
  @EnumSource(ConfigBench.Engine.class)
  void measuresToTheEnd(ConfigBench.Engine engine) throws Exception {
    List<String> said = new ArrayList<>();
    Report report = new Report(said::add);
    new ConfigBench(TINY, engine).run(report);
    assertThat(report.figures()).allMatch(figure -> figure.value() > 0);
    assertThat(report.figures().stream().map(Figure::name))
        .anyMatch(name -> name.startsWith("port creates, 64 clients"))
        .anyMatch(name -> name.startsWith("list of 5 ports in detail"))
        .doesNotHaveDuplicates();
    assertThat(said).hasSizeGreaterThan(report.figures().size());
    assertThat(report.json())
        .allSatisfy(figure ->
            assertThat(figure.propertyNames())
                .contains("name", "value", "unit", "peer", "ratio", "goal", "met"));
  }

  @Test
  void agentsDriveAControlNodeToTheEnd() throws Exception {
    Report report = new Report(_ -> {});
    new XmppBench(new XmppBench.Size(80, 4, 800, 1), report).run();
    assertThat(report.figures().stream().map(Figure::name))
        .contains("XMPP: 80 agents connect", "XMPP: one route to 80 agents, p99")
        .contains("XMPP: restart, until all 80 agents have all routes")
        .doesNotHaveDuplicates();
  }

  @Test
  void unknownStoreIsRefused() {
    CommandLine weft = Main.commandLine();
    assertThat(weft.execute("bench", "config", "--store", "paper")).isEqualTo(2);
  }
}
