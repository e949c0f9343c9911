package weft.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import weft.cli.Main;
import weft.lab.Command;

/** The demo as the end-to-end test: real processes, real kernel, real DHCP client and pings. */
@Tag("lab")
class DemoTest {
  @Test
  @Timeout(300)
  void everyClaimOfTheDemoHoldsAndNothingIsLeftBehind() {
    assertThat(Main.commandLine().execute("demo", "--check", "--name", "wdt")).isZero();
    assertThat(Command.run("ip", "netns", "list").output()).doesNotContain("wdt-");
    assertThat(Command.run("cat", "/proc/mounts").output()).doesNotContain("/run/weft/wdt");
    assertThat(Path.of("/run/weft/wdt")).doesNotExist();
  }
}
