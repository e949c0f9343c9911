package weft.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * A temporary directory. It is gone when it is closed; and when a signal ends this process, it goes
 * with all that the process has started.
 */
final class Scratch implements AutoCloseable {
  private static final int ATTEMPTS = 5;

  private final Path directory;
  private final Thread atEnd = Thread.ofPlatform().unstarted(this::abandon);

  private Scratch(Path directory) {
    this.directory = directory;
  }

  static Scratch make() throws IOException {
    Scratch scratch = new Scratch(Files.createTempDirectory("weft-bench"));
    Runtime.getRuntime().addShutdownHook(scratch.atEnd);
    return scratch;
  }

  Path directory() {
    return directory;
  }

  /** What still runs may be writing, and the main thread may start what it has not started yet. */
  private void abandon() {
    for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
      try {
        endAll();
        delete();
        if (ProcessHandle.current().descendants().findAny().isEmpty()) {
          return;
        }
      } catch (UncheckedIOException | IOException e) {
        System.err.println("cannot remove " + directory + ": " + e);
      }
    }
  }

  private static void endAll() {
    List<ProcessHandle> started = ProcessHandle.current().descendants().toList();
    started.forEach(ProcessHandle::destroyForcibly);
    CompletableFuture<?>[] ends =
        started.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new);
    try {
      CompletableFuture.allOf(ends).get(10, TimeUnit.SECONDS);
    } catch (ExecutionException | TimeoutException e) {
      System.err.println("still running: " + started + ": " + e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void delete() throws IOException {
    try (Stream<Path> all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (NoSuchFileException _) {
      // Gone already.
    }
  }

  @Override
  public void close() throws IOException {
    try {
      Runtime.getRuntime().removeShutdownHook(atEnd);
    } catch (IllegalStateException _) {
      return; // The process is ending: it is done there.
    }
    delete();
  }
}
