package weft.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ParentTest {
  private static Process start(Class<?> main, String... options) throws Exception {
    List<String> command = new java.util.ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(options));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static BufferedReader out(Process process) {
    return new BufferedReader(
        new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Would go on for ever. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) throws InterruptedException {
      Parent.follow();
      System.out.println("up");
      new CountDownLatch(1).await();
    }
  }

  /** Starts a child and goes on for ever too. */
  static final class Starter {
    private Starter() {}

    public static void main(String[] arguments) throws Exception {
      Process child = start(Child.class, "-D" + Parent.PROPERTY + "=true");
      System.out.println(out(child).readLine() + " " + child.pid());
      new CountDownLatch(1).await();
    }
  }

  @Test
  void aChildEndsWithItsParentHoweverThatEnds() throws Exception {
    Process starter = start(Starter.class);
    try (BufferedReader out = out(starter)) {
      String[] said = out.readLine().split(" ", -1);
      assertThat(said[0]).isEqualTo("up");
      ProcessHandle child = ProcessHandle.of(Long.parseLong(said[1])).orElseThrow();
      assertThat(child.isAlive()).isTrue();
      starter.destroyForcibly();
      child.onExit().get(60, TimeUnit.SECONDS);
    } finally {
      starter.destroyForcibly();
    }
  }

  @Test
  void aProgramThatIsNobodysChildDoesNotMindItsInput() throws Exception {
    Process alone = start(Child.class);
    try (BufferedReader out = out(alone)) {
      assertThat(out.readLine()).isEqualTo("up");
      alone.getOutputStream().close();
      assertThat(alone.waitFor(1, TimeUnit.SECONDS)).isFalse();
    } finally {
      alone.destroyForcibly();
    }
  }
}
