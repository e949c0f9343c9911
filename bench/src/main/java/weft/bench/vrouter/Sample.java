package weft.bench.vrouter;

import java.lang.management.ManagementFactory;

/**
 * What one measurement of a path gave.
 *
 * @param rate more is better
 * @param processorNs processor time of both guests' threads for one packet or exchange; the way
 *     between them is in it, as with veth who sends also forwards. NaN if it was not measured
 */
record Sample(double rate, double processorNs) {
  static Sample of(double rate) {
    return new Sample(rate, Double.NaN);
  }

  /** Of the calling thread, so far. */
  static long processorTime() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }
}
