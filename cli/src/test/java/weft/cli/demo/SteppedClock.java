package weft.cli.demo;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import weft.lab.Command;

/**
 * The time of day of some programs, which can be stepped under them as an administrator or a time
 * server does; the machine's own clock stays.
 */
final class SteppedClock {
  private static final String SOURCE =
      """
      #define _GNU_SOURCE
      #include <fcntl.h>
      #include <stdlib.h>
      #include <sys/mman.h>
      #include <sys/syscall.h>
      #include <sys/time.h>
      #include <time.h>
      #include <unistd.h>

      static volatile long *step;

      __attribute__((constructor)) static void begin(void) {
        const char *path = getenv("CLOCK_STEP");
        int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
        void *at = fd < 0 ? MAP_FAILED : mmap(0, sizeof(long), PROT_READ, MAP_SHARED, fd, 0);
        if (at != MAP_FAILED)
          step = at;
      }

      int clock_gettime(clockid_t id, struct timespec *t) {
        int error = syscall(SYS_clock_gettime, id, t);
        if (!error && step && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
          t->tv_sec += *step;
        return error;
      }

      int gettimeofday(struct timeval *restrict t, void *restrict zone) {
        struct timespec now;
        int error = clock_gettime(CLOCK_REALTIME, &now);
        t->tv_sec = now.tv_sec;
        t->tv_usec = now.tv_nsec / 1000;
        return error;
      }

      time_t time(time_t *to) {
        struct timespec now;
        clock_gettime(CLOCK_REALTIME, &now);
        if (to)
          *to = now.tv_sec;
        return now.tv_sec;
      }
      """;

  /** By whatever version there is: the build needs one, too. */
  private static final String COMPILE =
      """
      for c in clang clang-19 clang-18 clang-17 clang-16 clang-15 clang-14; do
        command -v $c >/dev/null && exec $c -shared -fPIC -O2 -o "$1" "$2"
      done
      exit 127
      """;

  private final Path library;
  private final Path step;

  private SteppedClock(Path library, Path step) {
    this.library = library;
    this.step = step;
  }

  static SteppedClock create(Path directory) throws IOException {
    Path source = Files.writeString(directory.resolve("clock.c"), SOURCE);
    Path library = directory.resolve("clock.so");
    Command.run("sh", "-c", COMPILE, "sh", library.toString(), source.toString()).orThrow();
    SteppedClock clock = new SteppedClock(library, directory.resolve("step"));
    Files.write(clock.step, new byte[Long.BYTES]);
    return clock;
  }

  /** What programs need in their environment to go by this clock. */
  Map<String, String> environment() {
    return Map.of("LD_PRELOAD", library.toString(), "CLOCK_STEP", step.toString());
  }

  /** From now on it is ahead of the machine's clock by so much. */
  void ahead(Duration time) throws IOException {
    ByteBuffer seconds =
        ByteBuffer.allocate(Long.BYTES).order(ByteOrder.nativeOrder()).putLong(0, time.toSeconds());
    Files.write(step, seconds.array(), StandardOpenOption.WRITE);
  }
}
