package weft.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import weft.agent.core.Ids.Pool;

class IdFileTest {
  @TempDir Path directory;

  private Path written() throws Exception {
    Path path = directory.resolve("ids");
    try (IdFile file = IdFile.open(path, 0)) {
      file.ids().of(Pool.VRF, "default-domain:demo:net 1:net 1");
      file.ids().of(Pool.LABEL, "l3/a");
      file.ids().of(Pool.LABEL, "l3/b");
      file.ids().release(Pool.LABEL, "l3/a");
      file.flush();
    }
    return path;
  }

  @Test
  void numbers_are_the_same_after_a_restart() throws Exception {
    Path path = written();
    try (IdFile file = IdFile.open(path, 0)) {
      assertThat(file.skipped()).isZero();
      assertThat(file.ids().find(Pool.VRF, "default-domain:demo:net 1:net 1")).isEqualTo(1);
      assertThat(file.ids().find(Pool.LABEL, "l3/b")).isEqualTo(17);
      assertThat(file.ids().find(Pool.LABEL, "l3/a")).isZero();
      assertThat(file.ids().of(Pool.LABEL, "l3/c")).isEqualTo(18);
    }
  }

  /** A process that is killed can leave any beginning of what it wrote. */
  @Test
  void every_truncation_keeps_the_whole_lines() throws Exception {
    Path path = written();
    byte[] whole = lines(path);
    for (int length = 0; length < whole.length; length++) {
      Path cut = directory.resolve("cut");
      Files.write(cut, java.util.Arrays.copyOf(whole, length));
      try (IdFile file = IdFile.open(cut, 0)) {
        String rest = new String(whole, 0, length, StandardCharsets.US_ASCII);
        long lines = rest.chars().filter(c -> c == '\n').count();
        assertThat(file.ids().find(Pool.VRF, "default-domain:demo:net 1:net 1"))
            .isEqualTo(lines >= 1 || rest.equals(firstLine(whole)) ? 1 : 0);
        assertThat(file.skipped()).isLessThanOrEqualTo(1);
      }
    }
  }

  /** Without the room behind them. */
  private static byte[] lines(Path path) throws Exception {
    return (Files.readString(path).stripTrailing() + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  private static String firstLine(byte[] whole) {
    String text = new String(whole, StandardCharsets.US_ASCII);
    return text.substring(0, text.indexOf('\n'));
  }

  @Test
  void a_damaged_line_is_left_out_and_the_file_is_written_anew() throws Exception {
    Path path = written();
    String text = Files.readString(path).replaceFirst("l3%2Fb", "l3%2Fx");
    Files.writeString(path, text);
    try (IdFile file = IdFile.open(path, 0)) {
      assertThat(file.skipped()).isEqualTo(1);
      assertThat(file.ids().find(Pool.LABEL, "l3/b")).isZero();
      assertThat(file.ids().find(Pool.LABEL, "l3/x")).isZero();
      assertThat(file.ids().find(Pool.VRF, "default-domain:demo:net 1:net 1")).isEqualTo(1);
    }
    try (IdFile file = IdFile.open(path, 0)) {
      assertThat(file.skipped()).isZero();
    }
  }
}
