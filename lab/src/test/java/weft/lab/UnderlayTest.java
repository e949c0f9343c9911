package weft.lab;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("lab")
class UnderlayTest {
  @Test
  void hostsReachEachOtherAndThisMachineAndAllGoesAway(@TempDir Path directory) {
    try (Underlay underlay = Underlay.create("wtu")) {
      Namespace left = underlay.addHost("a", 81);
      Namespace right = underlay.addHost("b", 82);
      assertThat(
              left.run(
                      "ping",
                      "-n",
                      "-c",
                      "1",
                      "-W",
                      "2",
                      "-M",
                      "do",
                      "-s",
                      "1572",
                      underlay.address(82))
                  .ok())
          .as("1600 bytes fit")
          .isTrue();
      assertThat(right.run("ping", "-n", "-c", "1", "-W", "2", underlay.ownAddress()).ok())
          .isTrue();
      try (Capture capture = Capture.start(left, "eth0", "icmp", directory.resolve("x.pcap"))) {
        left.run("ping", "-n", "-c", "1", "-W", "2", underlay.address(82)).orThrow();
        Await.until(
            "both packets are seen",
            java.time.Duration.ofSeconds(5),
            () -> capture.frames().size() == 2);
        assertThat(OuterPacket.decode(capture.frames().getFirst()).lines().getLast())
            .isEqualTo("ICMP  type 8 code 0");
      }
    }
    assertThat(Command.run("ip", "netns", "list").output()).doesNotContain("wtu-");
    assertThat(Command.run("ip", "link", "show", "wtu-up").ok()).isFalse();
  }

  @Test
  void aProgramThatFailsIsSaidSoWithItsWords() {
    Command.Result result = Command.run("ip", "link", "show", "no-such-device");
    assertThat(result.ok()).isFalse();
    assertThat(result.output()).contains("no-such-device");
    assertThat(Command.run("no-such-program").ok()).isFalse();
  }
}
