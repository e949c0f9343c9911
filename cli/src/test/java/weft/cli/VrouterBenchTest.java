package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import weft.bench.Figure;
import weft.bench.Report;
import weft.bench.vrouter.VrouterBench;

/** That the benchmark of the datapath comes to its end; what it finds is no matter here. */
@Tag("lab")
class VrouterBenchTest {
  private static final VrouterBench.Size TINY =
      new VrouterBench.Size(1, Duration.ofMillis(50), 1, 10, 100, 100, 5);

  @Test
  void measuresToTheEnd() throws Exception {
    List<String> said = new ArrayList<>();
    Report report = new Report(said::add);
    new VrouterBench(TINY, EnumSet.allOf(VrouterBench.Part.class), report).run();
    assertThat(report.figures().stream().map(Figure::name))
        .contains(
            "UDP, 64 bytes: MPLSoUDP",
            "connect, request, close: MPLSoGRE",
            "TCP, one stream: kernel VXLAN + bridge",
            "new flows",
            "memory of 100 routes",
            "port add to first packet, p99, 5 ports")
        .doesNotHaveDuplicates();
    assertThat(report.figures())
        .filteredOn(figure -> figure.name().contains("plain routing"))
        .isNotEmpty()
        .allMatch(figure -> figure.value() > 0);
  }
}
