package weft.bench.vrouter;

import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import weft.datapath.ThreadPlace;
import weft.lab.LabException;
import weft.lab.Namespace;

/** Work on a thread of its own inside a namespace. */
final class HostThread {
  private HostThread() {}

  static Path path(Namespace namespace) {
    return Path.of("/run/netns", namespace.name());
  }

  /** Begins `work`; on the CPU of that number if this machine has it. */
  static <T> FutureTask<T> start(Namespace namespace, int cpu, Callable<T> work) {
    FutureTask<T> task =
        new FutureTask<>(() -> {
          ThreadPlace.enter(path(namespace));
          if (cpu >= 0 && cpu < Runtime.getRuntime().availableProcessors()) {
            ThreadPlace.stayOn(cpu);
          }
          return work.call();
        });
    Thread.ofPlatform().daemon().name(namespace.name()).start(task);
    return task;
  }

  static <T> T result(FutureTask<T> task) throws InterruptedException {
    try {
      return task.get();
    } catch (ExecutionException e) {
      LabException failure = new LabException(String.valueOf(e.getCause()));
      failure.initCause(e.getCause());
      throw failure;
    }
  }
}
