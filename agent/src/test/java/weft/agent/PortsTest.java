package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.agent.core.Event;
import weft.http.Json;

class PortsTest {
  @TempDir Path directory;

  private static PortRequest request(int number) {
    return PortRequest.of(
        Json.object()
            .put("id", new UUID(1, number).toString())
            .put("instance-id", new UUID(2, number).toString())
            .put("system-name", "tap" + number));
  }

  @Test
  void more_ports_than_there_is_room_for_are_refused_and_the_others_stay() throws Exception {
    List<Event> events = new ArrayList<>();
    Ports ports = new Ports(new PortFiles(directory), Devices.ofKernel(), events::add);
    List<PortRequest> most = new ArrayList<>();
    for (int i = 0; i < Ports.MOST; i++) {
      most.add(request(i));
    }
    ports.add(most);
    assertThatThrownBy(() -> ports.add(List.of(request(Ports.MOST))))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("8190 ports");
    assertThat(ports.find(new UUID(1, Ports.MOST))).isNull();
    ports.add(List.of(request(7)));
    ports.remove(new UUID(1, 7));
    ports.add(List.of(request(Ports.MOST)));
    assertThat(events).hasSize(Ports.MOST + 3);
  }
}
