package weft.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import weft.bench.BgpLoad.Kind;

/**
 * Has a controller do a little of everything over the loopback device, so that the JVM writes down
 * what it has learnt: later ones start with their classes linked and with profiles of their methods
 * (JEP 514, JEP 515).
 */
public final class Rehearsal {
  private static final int ROUTES = 20_000;
  private static final int ROUNDS = 2;
  private static final ConfigBench.Size REQUESTS = new ConfigBench.Size(500, 200, 500, 50, 0);

  /** The JVM writes the cache at its end, by a process of its own. */
  private static final Duration WRITING = Duration.ofMinutes(3);

  private Rehearsal() {}

  /**
   * Makes a cache for the JVM options that a controller has without further ones.
   *
   * @throws IOException if none was written; one that was there stays then
   */
  public static void run(Path cache)
      throws IOException, InterruptedException, TimeoutException, ExecutionException {
    Path made = cache.resolveSibling(cache.getFileName() + ".new");
    Files.deleteIfExists(made);
    int port = Server.freePort();
    Speaker.Plan plan = new Speaker.Plan(Kind.VPNV4, 1, 1);
    try (Scratch scratch = Scratch.make()) {
      Server server =
          Server.start(
              scratch.directory(),
              WeftSpeaker.settings("api,compiler,control", port),
              List.of("-XX:AOTCacheOutput=" + made));
      try {
        new ConfigSpeed(server, REQUESTS, false, new Report(_ -> {})).run();
        Speaker speaker = WeftSpeaker.of(server, port, plan, EnumSet.allOf(Kind.class));
        for (Kind kind : Kind.values()) {
          int groups = kind == Kind.IPV4 ? ROUTES / 7 : ROUTES / 1000;
          new BgpRun(speaker, new BgpLoad(kind, 1, ROUTES, groups), 1).run(ROUNDS);
        }
      } finally {
        server.close(WRITING);
      }
    }
    if (!Files.exists(made)) {
      throw new IOException("the JVM wrote no cache");
    }
    Files.move(made, cache, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
