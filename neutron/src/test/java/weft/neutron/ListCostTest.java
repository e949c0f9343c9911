package weft.neutron;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import weft.config.ConfigImage;
import weft.http.Json;

/** A list of all ports is one pass over the image: some 30 microseconds of CPU a port. */
class ListCostTest {
  private static final UUID ONE = new UUID(0x1111, 1);
  private static final int PORTS = 2_000;
  private static final int BULK = 500;
  private static final long MOST_CPU_MS = 120;

  @Test
  void manyPortsAreOnePass() throws IOException {
    try (TestNeutron neutron = new TestNeutron()) {
      TestNeutron.Asking one = neutron.user(ONE);
      String network = one.make("network", "{'name':'n'}");
      one.make("subnet", "{'network_id':'" + network + "','cidr':'10.0.0.0/16'}");
      for (int made = 0; made < PORTS; made += BULK) {
        StringBuilder ports = new StringBuilder();
        for (int i = 0; i < BULK; i++) {
          ports
              .append(i == 0 ? "" : ",")
              .append("{'name':'p','network_id':'")
              .append(network)
              .append("','device_id':'vm")
              .append(made + i)
              .append("','binding:host_id':'h'}");
        }
        JsonNode answer = one.ok("port", "CREATE", "{'resources':[" + ports + "]}");
        assertThat(answer).hasSize(BULK);
      }
      long best = Long.MAX_VALUE;
      for (int round = 0; round < 5; round++) {
        best = Math.min(best, cpuMs(neutron.db.image()));
      }
      assertThat(best).as("CPU time of a list of %d ports in ms", PORTS).isLessThan(MOST_CPU_MS);
    }
  }

  private static long cpuMs(ConfigImage image) {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadCpuTime();
    View view = new View(image, new Context(false, ONE, null, "", null), Plugging.UNKNOWN);
    Ports ports = new Ports(new SecurityGroups());
    Stream<ObjectNode> all = ports.list(Selection.ALL, view);
    var list = Json.array();
    Selection.ALL.apply(all, "port").forEach(list::add);
    byte[] text = Json.bytes(list);
    long ms = (threads.getCurrentThreadCpuTime() - before) / 1_000_000;
    assertThat(list).hasSize(PORTS);
    assertThat(text.length).isGreaterThan(PORTS);
    return ms;
  }
}
