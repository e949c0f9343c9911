package weft.http;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryUsage;
import java.time.Duration;

/** What every daemon tells of its process and its Java runtime. */
public final class JvmMetrics {
  private JvmMetrics() {}

  /** Adds them; cheap enough for every scrape. */
  public static OpenMetrics addTo(OpenMetrics metrics) {
    MemoryMXBean memory = ManagementFactory.getMemoryMXBean();
    MemoryUsage heap = memory.getHeapMemoryUsage();
    metrics
        .gauge("jvm_memory_used_bytes", "Memory in use by the Java runtime, by area.")
        .add("area", "heap", heap.getUsed())
        .add("area", "nonheap", memory.getNonHeapMemoryUsage().getUsed())
        .end()
        .gauge("jvm_memory_max_bytes", "The most that the heap may have.")
        .of(heap.getMax());
    OpenMetrics.Family runs =
        metrics.counter("jvm_gc_collections", "Garbage collections, by collector.");
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      runs.add("gc", collector.getName(), Math.max(0, collector.getCollectionCount()));
    }
    OpenMetrics.Family time =
        metrics.secondsCounter("jvm_gc_seconds", "Time spent in garbage collections.");
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      time.add("gc", collector.getName(), Math.max(0, collector.getCollectionTime()) / 1e3);
    }
    Duration cpu = ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    return metrics
        .gauge("jvm_threads", "Platform threads of the Java runtime.")
        .of(ManagementFactory.getThreadMXBean().getThreadCount())
        .secondsCounter("process_cpu_seconds", "Processor time of the process.")
        .of(cpu.toNanos() / 1e9)
        .gauge("process_start_time_seconds", "When the process started, since 1970.")
        .of(ManagementFactory.getRuntimeMXBean().getStartTime() / 1e3);
  }
}
