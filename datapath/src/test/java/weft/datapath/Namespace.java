package weft.datapath;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A network namespace with a thread in it; both end when it is closed. */
final class Namespace implements AutoCloseable {
  private final String name;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(Thread.ofPlatform().daemon(true).factory());

  Namespace(String name) {
    this.name = name;
    sh("ip netns add " + name);
    run(() -> {
      ThreadPlace.enter(Path.of("/run/netns", name));
      return null;
    });
    exec("ip link set lo up");
  }

  String name() {
    return name;
  }

  /** Runs `task` on the thread inside. */
  <T> T run(Callable<T> task) {
    try {
      return thread.submit(task).get();
    } catch (ExecutionException e) {
      throw new AssertionError(e.getCause().getMessage(), e.getCause());
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a shell command inside. */
  String exec(String command) {
    return sh("ip netns exec " + name + " sh -c '" + command + "'");
  }

  /** Starts a program inside. */
  Process start(String... command) {
    List<String> all = new java.util.ArrayList<>(List.of("ip", "netns", "exec", name));
    all.addAll(List.of(command));
    try {
      return new ProcessBuilder(all).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static String sh(String command) {
    try {
      Process process = new ProcessBuilder("sh", "-c", command).redirectErrorStream(true).start();
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      int status = process.waitFor();
      if (status != 0) {
        throw new AssertionError(command + " exits with " + status + ": " + output);
      }
      return output;
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    thread.shutdown();
    sh("ip netns del " + name);
  }

  /** Names that no other run uses. */
  static String unique(String stem) {
    return "wd" + ProcessHandle.current().pid() % 100000 + stem;
  }
}
